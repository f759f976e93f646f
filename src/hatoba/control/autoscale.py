"""Scales web dynos by the router's measured response times, a step at a time."""

from __future__ import annotations

from dataclasses import replace

import structlog

from hatoba import errors
from hatoba.control import formation, receipts
from hatoba.control.platform import Actor, Platform
from hatoba.model.app import App
from hatoba.model.autoscale import DOWN_WINDOW, UP_WINDOW, Load, Monitor, Step, step
from hatoba.model.formation import FormationUpdate
from hatoba.store import accounts as account_rows
from hatoba.store import apps as app_rows
from hatoba.store import formations as formation_rows
from hatoba.store import monitors as rows

log = structlog.get_logger("autoscale")

ROUND_SECONDS = 10.0
WEB = "web"


async def run(p: Platform) -> None:
    """Look at all autoscaled apps every ten seconds; never ends by itself."""
    while True:
        await p.clock.sleep(ROUND_SECONDS)
        await look(p)


async def look(p: Platform) -> None:
    """Look at all autoscaled apps, and take the steps that are due."""
    async with p.store.begin() as conn:
        monitors = await rows.active(conn)
    for monitor in monitors:
        try:
            await _look(p, monitor)
        except errors.HatobaError as error:
            # Somebody has just changed the app; it is looked at again.
            log.info("an app is not scaled now", app=str(monitor.app_id), why=error.message)


async def _look(p: Platform, monitor: Monitor) -> None:
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, monitor.app_id)
        types = {f.type: f.quantity for f in await formation_rows.of_app(conn, monitor.app_id)}
    if app is None or app.maintenance or WEB not in types:
        return
    quantity, now = types[WEB], p.clock.now()
    if monitor.quantity not in (None, quantity):
        # Scaled by hand: that holds, and what follows from it is measured first.
        async with p.store.begin() as conn:
            await rows.saw(conn, monitor.id, quantity, now)
        return
    recent = p.traffic.recent
    load = Load(recent(app.id, now - UP_WINDOW), recent(app.id, now - DOWN_WINDOW))
    if (wanted := step(monitor, quantity, load, now)) is not None:
        await _scale(p, monitor, app, quantity, wanted)
    elif monitor.quantity is None:
        async with p.store.begin() as conn:
            await rows.saw(conn, monitor.id, quantity, now)


async def _scale(p: Platform, monitor: Monitor, app: App, quantity: int, wanted: Step) -> None:
    async with p.store.begin() as conn:
        account = await account_rows.by_id(conn, monitor.account_id)
    if account is None:
        return
    # Only what was looked at is scaled: whoever has changed the app meanwhile has the last word.
    actor = Actor(account, app.version)
    after = await formation.update(p, actor, app, [FormationUpdate(WEB, wanted.quantity)])
    async with p.store.begin() as conn:
        await rows.saw(conn, monitor.id, wanted.quantity, p.clock.now())
    limits = f"{monitor.min_quantity} to {monitor.max_quantity} dynos for {monitor.p95} ms"
    p.logs.event(
        app.id,
        f"Autoscaling scaled web from {quantity} to {wanted.quantity}: {wanted.why} ({limits})",
    )
    good = any(f.type == WEB and f.quantity == wanted.quantity for f in after)
    body = {
        "before": {WEB: quantity},
        "after": {WEB: wanted.quantity},
        "checks": [
            {"what": wanted.why, "ok": True, "seen": limits},
            {"what": f"formation is web={wanted.quantity}", "ok": good, "seen": ""},
        ],
        "verified": good,
        "undo": f"heroku ps:autoscale:disable -a {app.name}",
    }
    await receipts.keep(p, replace(actor, reviewed=None), app, "ps:autoscale", body)
