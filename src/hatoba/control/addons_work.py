"""What is done about an add-on, as a durable job: making it, another plan, destroying it.

The add-on's row says what is to be done; every step may be carried out again after a kill.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import attachments, catalogue
from hatoba.control.platform import Actor, Platform
from hatoba.control.services import NotYet
from hatoba.kit.text import plural
from hatoba.model.addon import Addon, AddonState
from hatoba.store import accounts as account_rows
from hatoba.store import addons as rows
from hatoba.store import apps as app_rows

log = structlog.get_logger("addons")

TICK_SECONDS = 5.0
Outcome = errors.HatobaError | None
"""Why a job could not do what was asked for; None when it did, or goes on with it."""


async def carry_out(p: Platform, addon_id: UUID) -> Outcome:
    """Do what is to be done about an add-on. Raises Unavailable when the store is away."""
    async with p.store.begin() as conn:
        addon = await rows.by_id(conn, addon_id)
        actor = await _actor(conn, addon) if addon else None
    if addon is None or actor is None:
        return None
    try:
        if addon.state is AddonState.PROVISIONING:
            return await _provision(p, actor, addon)
        if addon.state is AddonState.DEPROVISIONING:
            return await _deprovision(p, actor, addon)
        if addon.wanted_plan is not None:
            return await _change_plan(p, actor, addon, addon.wanted_plan)
    except NotYet as waiting:
        await _again(p, addon, waiting)
    return None


async def _actor(conn: AsyncConnection, addon: Addon) -> Actor | None:
    """Return who asked for it, or whose app it is."""
    app = await app_rows.by_id(conn, addon.app_id)
    asked = addon.asked_by or (app.owner_id if app else None)
    account = await account_rows.by_id(conn, asked) if asked else None
    return Actor(account) if account else None


async def _provision(p: Platform, actor: Actor, addon: Addon) -> Outcome:
    service = await catalogue.service_of(p, addon)
    try:
        await service.build(p, addon)
    except NotYet:
        raise
    except errors.HatobaError as error:
        await _given_up(p, addon, error, elsewhere=service.elsewhere)
        # Whoever may hold something of it is told so at once, or as soon as that is possible.
        await carry_out(p, addon.id)
        return error
    # Its config vars come first: one that is provisioned is ready to be used.
    await attachments.publish(p, actor, addon, service)
    async with p.store.begin() as conn:
        made = await rows.move(conn, addon.id, AddonState.PROVISIONING, AddonState.PROVISIONED)
    if not made:
        log.info("add-on is destroyed before it was made", addon=addon.name)
    return None


async def _given_up(
    p: Platform, addon: Addon, error: errors.HatobaError, *, elsewhere: bool
) -> None:
    """Take one that can't be made away; apps keep the values that its own were to replace."""
    log.warning("add-on can't be made", addon=addon.name, why=error.message)
    p.logs.platform(addon.app_id, "addons", f"{addon.name} can't be made: {error.message}")
    await attachments.forget(p, addon)
    after = AddonState.DEPROVISIONING if elsewhere else AddonState.DEPROVISIONED
    async with p.store.begin() as conn:
        await rows.move(conn, addon.id, AddonState.PROVISIONING, after)


async def _deprovision(p: Platform, actor: Actor, addon: Addon) -> Outcome:
    service = await catalogue.service_of(p, addon)
    try:
        await service.destroy(p, addon)
    except NotYet:
        # The apps have done with it, though whoever holds it has not.
        await attachments.detach_all(p, actor, addon)
        raise
    except errors.HatobaError as error:
        log.warning("add-on can't be destroyed", addon=addon.name, why=error.message)
        async with p.store.begin() as conn:
            await rows.move(conn, addon.id, AddonState.DEPROVISIONING, AddonState.PROVISIONED)
        return error
    await attachments.detach_all(p, actor, addon)
    async with p.store.begin() as conn:
        await rows.move(conn, addon.id, AddonState.DEPROVISIONING, AddonState.DEPROVISIONED)
        await app_rows.update(conn, addon.app_id)
    return None


async def _change_plan(p: Platform, actor: Actor, addon: Addon, plan: str) -> Outcome:
    service = await catalogue.service_of(p, addon)
    done = {"wanted_plan": None, "attempts": 0, "due": None, "problem": None}
    try:
        await service.change_plan(p, addon, plan)
    except NotYet:
        raise
    except errors.HatobaError as error:
        log.warning("add-on keeps its plan", addon=addon.name, why=error.message)
        async with p.store.begin() as conn:
            await rows.update(conn, addon.id, **done)
        return error
    await attachments.publish(p, actor, addon, service)
    async with p.store.begin() as conn:
        await rows.update(conn, addon.id, **{**done, "plan": plan})
        await app_rows.update(conn, addon.app_id)
    return None


async def _again(p: Platform, addon: Addon, waiting: NotYet) -> None:
    """Note when it is tried again, and why; a fault is loud when it is news."""
    due = p.clock.now() + timedelta(seconds=waiting.after)
    problem = waiting.message if waiting.fault else None
    async with p.store.begin() as conn:
        values = {"attempts": addon.attempts + 1, "due": due, "problem": problem}
        await rows.update(conn, addon.id, **values)
    if problem is not None and problem != addon.problem:
        log.warning("add-on waits", addon=addon.name, why=waiting.message)
        p.logs.platform(addon.app_id, "addons", f"{addon.name}: {waiting.message}")


async def run(p: Platform) -> None:
    """Enqueue what is due, for ever: what waited, and what a killed daemon left undone."""
    while True:
        await tick(p)
        await p.clock.sleep(TICK_SECONDS)


async def tick(p: Platform) -> None:
    """Enqueue what is due now."""
    async with p.store.begin() as conn:
        waiting = await rows.unfinished(conn, p.clock.now())
    for addon in waiting:
        async with p.store.begin() as conn:
            await p.jobs.addon(conn, addon.id)


async def let_go(p: Platform, app_ids: list[UUID]) -> set[UUID]:
    """Have the add-ons of apps that leave the trash let go of what is elsewhere.

    Return the apps for which somebody still holds something: they can't be forgotten yet.
    """
    holding: set[UUID] = set()
    async with p.store.begin() as conn:
        for addon in await rows.of_account(conn, app_ids):
            if addon.service in catalogue.BUILT_IN:
                continue
            holding.add(addon.app_id)
            if addon.state is not AddonState.DEPROVISIONING:
                leaving = {"state": AddonState.DEPROVISIONING, "wanted_plan": None, "attempts": 0}
                await rows.update(conn, addon.id, **leaving, due=None)
                await p.jobs.addon(conn, addon.id)
    return holding


async def alarms(p: Platform) -> list[str]:
    """Say of every add-on whose service does not do what it is asked for why, in sentences."""
    async with p.store.begin() as conn:
        troubled = await rows.troubled(conn)
        named = [(addon, await app_rows.by_id(conn, addon.app_id)) for addon in troubled]
    return [_alarm(addon, app.name) for addon, app in named if app is not None]


def _alarm(addon: Addon, app: str) -> str:
    what = "change its plan" if addon.wanted_plan else _WHAT[addon.state]
    tried = plural(addon.attempts, "attempt")
    return f"Add-on {addon.name} of {app} could not {what} in {tried}: {addon.problem}"


_WHAT = {
    AddonState.PROVISIONING: "be made",
    AddonState.DEPROVISIONING: "be destroyed",
    AddonState.PROVISIONED: "be used",
    AddonState.DEPROVISIONED: "be destroyed",
}
