"""Domains: list, add, remove, choose their certificate. The reconciler puts them in force."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import certificates
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import domain as rules
from hatoba.model.app import App
from hatoba.model.domain import Domain
from hatoba.store import acm as acm_rows
from hatoba.store import apps as app_rows
from hatoba.store import domains as rows
from hatoba.store import sni_endpoints as endpoint_rows

# https://devcenter.heroku.com/articles/limits#domains
MAX_DOMAINS = 1000


async def listed(p: Platform, app: App) -> list[Domain]:
    """Return an app's custom domains, the oldest first."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, identity: str) -> Domain:
    """Return a custom domain by id or host name. Raises NotFound."""
    return _pick(await listed(p, app), identity)


async def add(p: Platform, actor: Actor, app: App, name: str, endpoint: str | None) -> Domain:
    """Lead a host name to the app, in force when this returns.

    ``endpoint`` is the id or name of the certificate; None takes one that has the host's name.
    Raises InvalidParams when the name can't be, or is another app's.
    """
    hostname = _valid(p, name)
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        await _check_free(conn, now, hostname)
        await rows.free(conn, hostname)
        chosen = certificates.choose(await endpoint_rows.of_app(conn, now.id), hostname, endpoint)
        if not await rows.insert(conn, now.id, hostname, chosen):
            raise errors.InvalidParams(f"{hostname} is currently in use by another app.")
        await acm_rows.agree(conn, now.id)
        await app_rows.update(conn, now.id)
    p.logs.event(app.id, f"Add {hostname} domain by user {actor.account.email}")
    await p.lanes.settle(app.id)
    return await find(p, app, hostname)


async def check(p: Platform, app: App, name: str, endpoint: str | None) -> str:
    """Return the host name that ``add`` would lead to the app. Raises as that would."""
    hostname = _valid(p, name)
    async with p.store.begin() as conn:
        await _check_free(conn, app, hostname)
        certificates.choose(await endpoint_rows.of_app(conn, app.id), hostname, endpoint)
    return hostname


def _valid(p: Platform, name: str) -> str:
    if problem := rules.problem(name, p.place.domain):
        raise errors.InvalidParams(problem)
    return rules.canonical(name) or ""


async def _check_free(conn: AsyncConnection, app: App, hostname: str) -> None:
    owner = await rows.owner_of(conn, hostname)
    if owner == app.id:
        raise errors.InvalidParams("Domain already added to this app.")
    if owner is not None:
        raise errors.InvalidParams(f"{hostname} is currently in use by another app.")
    wildcards = rules.covering(hostname)
    if overlap := await rows.foreign(conn, hostname, wildcards, app.owner_id):
        raise errors.InvalidParams(
            f"{hostname} overlaps with {overlap}, which is currently in use by another app."
        )
    if len(await rows.of_app(conn, app.id)) >= MAX_DOMAINS:
        raise errors.InvalidParams(f"An app can have at most {MAX_DOMAINS} domains.")


async def remove(p: Platform, actor: Actor, app: App, identity: str) -> Domain:
    """Lead the host name nowhere any more. Raises NotFound."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        gone = _pick(await rows.of_app(conn, app.id), identity)
        await rows.delete(conn, gone.id)
        await acm_rows.agree(conn, app.id)
        await app_rows.update(conn, app.id)
    p.logs.event(app.id, f"Remove {gone.hostname} domain by user {actor.account.email}")
    await p.lanes.settle(app.id)
    return gone


async def update(
    p: Platform, actor: Actor, app: App, identity: str, endpoint: str | None
) -> Domain:
    """Serve the domain with this certificate, or with none of its own. Raises NotFound."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        domain = _pick(await rows.of_app(conn, app.id), identity)
        there = await endpoint_rows.of_app(conn, app.id)
        chosen = certificates.pick(there, endpoint).id if endpoint else None
        await rows.set_endpoint(conn, domain.id, chosen)
        await acm_rows.agree(conn, app.id)
        await app_rows.update(conn, app.id)
    await p.lanes.settle(app.id)
    return await find(p, app, domain.hostname)


def _pick(there: list[Domain], identity: str) -> Domain:
    hostname = rules.canonical(identity)
    for domain in there:
        if identity == str(domain.id) or domain.hostname == hostname:
            return domain
    raise errors.NotFound("Couldn't find that domain name.", resource="domain")
