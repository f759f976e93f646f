"""Automatic certificate management: a domain's certificate is got, kept and renewed in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.acme.base import Issued, Refused
from hatoba.control import certificates
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import acm as rules
from hatoba.model import certificate
from hatoba.model.acm import Managed
from hatoba.model.app import App
from hatoba.model.certificate import BadCertificate
from hatoba.model.route import Challenge
from hatoba.store import acm as rows
from hatoba.store import apps as app_rows
from hatoba.store import sni_endpoints as endpoint_rows

log = structlog.get_logger("acm")

TICK_SECONDS = 3.0
# An authority may take a minute and more for one name; others need not wait for it.
_AT_A_TIME = 4


async def switch(p: Platform, actor: Actor, app: App, *, on: bool) -> App:
    """Begin or end to manage the certificates of an app's domains."""
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        if now.acm is not on:
            await app_rows.update(conn, app.id, acm=on)
            await rows.agree(conn, app.id)
            p.logs.event(app.id, f"{'Enable' if on else 'Disable'} ACM by {actor.account.email}")
    await p.lanes.settle(app.id)
    return await _read(p, app)


async def refresh(p: Platform, actor: Actor, app: App) -> App:
    """Try the domains again that have failed. Raises InvalidParams when nothing is managed."""
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        if not now.acm:
            raise errors.InvalidParams(
                "Automatic Certificate Management is not enabled. "
                f"Enable it: heroku certs:auto:enable -a {app.name}"
            )
        await rows.again(conn, app.id)
        await rows.agree(conn, app.id)
    return await _read(p, app)


async def _read(p: Platform, app: App) -> App:
    async with p.store.begin() as conn:
        return await app_rows.by_id(conn, app.id) or app


async def run(p: Platform) -> None:
    """Get and renew what is due, for ever."""
    while True:
        await tick(p)
        await p.clock.sleep(TICK_SECONDS)


async def tick(p: Platform) -> None:
    """Get and renew what is due now; return when each is either there or put off."""
    async with p.store.begin() as conn:
        waiting = await rows.due(conn, p.clock.now())
    at_a_time = asyncio.Semaphore(_AT_A_TIME)

    async def one(managed: Managed) -> None:
        async with at_a_time:
            await _certify(p, managed)

    async with asyncio.TaskGroup() as group:
        for managed in waiting:
            group.create_task(one(managed))


async def _certify(p: Platform, managed: Managed) -> None:
    hostname = managed.hostname

    async def show(challenge: Challenge) -> None:
        await _change(p, managed, lambda now: rules.verifying(now, challenge))

    if hostname.startswith("*."):
        await _change(p, managed, rules.hopeless)
        return
    try:
        issued = await p.authority.issue(hostname, show)
        await _keep(p, managed, issued)
    except (Refused, BadCertificate) as error:
        why = str(error)
        await _change(p, managed, lambda now: rules.failed(now, why, p.clock.now()))
        _say(p, managed, f"No certificate for {hostname}: {why}")
    except errors.Unavailable as error:
        why = error.message
        await _change(p, managed, lambda now: rules.waits(now, why, p.clock.now()))
        _say(p, managed, f"No certificate for {hostname} yet: {why}")
    else:
        _say(p, managed, f"Certificate issued for {hostname}")


async def _change(p: Platform, managed: Managed, change: Callable[[Managed], Managed]) -> None:
    """Change what is kept of a domain, unless it has left the management meanwhile."""
    async with p.store.begin() as conn:
        if now := await _still(conn, managed):
            await rows.save(conn, change(now))
    await p.lanes.settle(managed.app_id)


async def _keep(p: Platform, managed: Managed, issued: Issued) -> None:
    """Serve the domain with its new certificate. Raises BadCertificate."""
    facts = certificate.checked(issued.chain, issued.key, p.clock.now())
    async with p.store.begin() as conn:
        if now := await _still(conn, managed):
            pair = issued.chain, issued.key
            if now.endpoint_id is None:
                endpoint_id = await certificates.kept(p, conn, managed.app_id, pair, acm=True)
                now = replace(now, endpoint_id=endpoint_id)
            else:
                await certificates.replaced(p, conn, now.endpoint_id, pair, acm=True)
            await rows.save(conn, rules.issued(now, facts))
    await p.lanes.settle(managed.app_id)


async def _still(conn: AsyncConnection, managed: Managed) -> Managed | None:
    await app_rows.by_id(conn, managed.app_id, lock=True)
    return await rows.find(conn, managed.domain_id)


def _say(p: Platform, managed: Managed, words: str) -> None:
    p.logs.platform(managed.app_id, "acm", words)
    log.info(words)


async def alarms(p: Platform) -> list[str]:
    """Say which certificates will end soon, or have ended, and why they are not renewed."""
    async with p.store.begin() as conn:
        failing = [m for m in await rows.every(conn) if m.reason and m.endpoint_id]
        named = [(m, await app_rows.by_id(conn, m.app_id)) for m in failing]
        ends = {e.id: e for m in failing for e in await endpoint_rows.of_app(conn, m.app_id)}
    said = []
    for managed, app in named:
        endpoint = ends.get(managed.endpoint_id) if managed.endpoint_id else None
        if app is None or endpoint is None:
            continue
        expires = certificate.facts(endpoint.chain).expires_at
        if expires - p.clock.now() < rules.ALARM:
            said.append(
                f"The certificate of {managed.hostname} ends on {expires:%Y-%m-%d} and can't be "
                f"renewed: {managed.reason} See: heroku certs:auto -a {app.name}"
            )
    return said
