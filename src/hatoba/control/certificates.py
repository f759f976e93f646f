"""SNI endpoints: the certificates that an app's domains are served with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import certificate as rules
from hatoba.model.app import App, random_name
from hatoba.model.certificate import BadCertificate, Facts, SniEndpoint
from hatoba.model.domain import Domain
from hatoba.model.route import ServedCertificate
from hatoba.store import acm as acm_rows
from hatoba.store import apps as app_rows
from hatoba.store import domains as domain_rows
from hatoba.store import sni_endpoints as rows


async def listed(p: Platform, app: App) -> list[SniEndpoint]:
    """Return an app's certificates, the oldest first."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, identity: str) -> SniEndpoint:
    """Return a certificate by id or name. Raises NotFound."""
    return pick(await listed(p, app), identity)


def pick(there: Sequence[SniEndpoint], identity: str) -> SniEndpoint:
    """Return the certificate of that id or name. Raises NotFound."""
    for endpoint in there:
        if identity in (str(endpoint.id), endpoint.name):
            return endpoint
    raise errors.NotFound("Couldn't find that SNI endpoint.", resource="sni_endpoint")


def choose(there: Sequence[SniEndpoint], hostname: str, identity: str | None) -> UUID | None:
    """Return the certificate that a new domain is served with: the named one, or one that fits.

    Raises NotFound.
    """
    if identity is not None:
        return pick(there, identity).id
    fitting = (e.id for e in there if rules.covers(rules.facts(e.chain).domains, hostname))
    return next(fitting, None)


async def add(p: Platform, actor: Actor, app: App, chain: str, key: str) -> SniEndpoint:
    """Keep a certificate and serve it on the app's domains that it names.

    Domains that have another one of the app's own stay with it. Raises InvalidParams when it
    can't be served.
    """
    facts = check(p, chain, key)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        managed = {e.id for e in await rows.of_app(conn, app.id) if e.acm}
        endpoint_id = await kept(p, conn, app.id, (chain, key))
        for domain in await domain_rows.of_app(conn, app.id):
            free = domain.sni_endpoint_id is None or domain.sni_endpoint_id in managed
            if free and rules.covers(facts.domains, domain.hostname):
                await domain_rows.set_endpoint(conn, domain.id, endpoint_id)
        await acm_rows.agree(conn, app.id)
        await app_rows.update(conn, app.id)
    await p.lanes.settle(app.id)
    return await find(p, app, str(endpoint_id))


async def update(
    p: Platform, actor: Actor, app: App, identity: str, chain: str, key: str
) -> SniEndpoint:
    """Serve another certificate in place of one. Raises NotFound and InvalidParams."""
    check(p, chain, key)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        endpoint = pick(await rows.of_app(conn, app.id), identity)
        await replaced(p, conn, endpoint.id, (chain, key))
        await acm_rows.agree(conn, app.id)
        await app_rows.update(conn, app.id)
    await p.lanes.settle(app.id)
    return await find(p, app, str(endpoint.id))


async def remove(p: Platform, actor: Actor, app: App, identity: str) -> SniEndpoint:
    """Serve a certificate no more. Raises NotFound."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        gone = pick(await rows.of_app(conn, app.id), identity)
        await rows.delete(conn, gone.id)
        await acm_rows.agree(conn, app.id)
        await app_rows.update(conn, app.id)
    await p.lanes.settle(app.id)
    return gone


async def kept(
    p: Platform, conn: AsyncConnection, app_id: UUID, pair: tuple[str, str], *, acm: bool = False
) -> UUID:
    """Keep a pair of chain and key under a new name; ``acm`` when the platform manages it."""
    endpoint_id, (chain, key) = uuid4(), pair
    values = {"app_id": app_id, "name": await _free_name(conn), "chain": chain, "acm": acm}
    sealed = p.vault.seal(key.encode(), _bound(endpoint_id))
    await rows.insert(conn, endpoint_id, {**values, "sealed_key": sealed})
    return endpoint_id


async def replaced(
    p: Platform,
    conn: AsyncConnection,
    endpoint_id: UUID,
    pair: tuple[str, str],
    *,
    acm: bool = False,
) -> None:
    """Put another pair of chain and key in a certificate's place."""
    sealed = p.vault.seal(pair[1].encode(), _bound(endpoint_id))
    values = {"chain": pair[0], "sealed_key": sealed, "acm": acm}
    await rows.replace(conn, endpoint_id, values)


def served(
    p: Platform, endpoints: Sequence[SniEndpoint], domains: Sequence[Domain]
) -> tuple[ServedCertificate, ...]:
    """Return what the router is told of an app's certificates: those that a domain has."""
    made = []
    for endpoint in endpoints:
        hosts = tuple(d.hostname for d in domains if d.sni_endpoint_id == endpoint.id)
        if hosts:
            key = p.vault.unseal(endpoint.sealed_key, _bound(endpoint.id))
            made.append(ServedCertificate(str(endpoint.id), hosts, endpoint.chain.encode(), key))
    return tuple(made)


def check(p: Platform, chain: str, key: str) -> Facts:
    """Return what a certificate says. Raises InvalidParams when it can't be served."""
    try:
        return rules.checked(chain, key, p.clock.now())
    except BadCertificate as error:
        raise errors.InvalidParams(str(error)) from error


async def _free_name(conn: AsyncConnection) -> str:
    source = random.SystemRandom()
    while await rows.taken(conn, name := random_name(source)):
        pass
    return name


def _bound(endpoint_id: UUID) -> str:
    return f"sni-endpoint:{endpoint_id}"
