"""Monitors: switch the autoscaling of an app's web dynos on and off."""

from __future__ import annotations

from dataclasses import dataclass

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.autoscale import Monitor, bounds_problem
from hatoba.store import apps as app_rows
from hatoba.store import formations as formation_rows
from hatoba.store import monitors as rows

DEFAULT_P95 = 1000


@dataclass(frozen=True)
class Wish:
    """What a monitor is to be; None keeps what is there."""

    active: bool | None = None
    min_quantity: int | None = None
    max_quantity: int | None = None
    p95: int | None = None


async def of_app(p: Platform, app: App) -> Monitor | None:
    """Return the app's monitor, None for one that was never autoscaled."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def put(p: Platform, actor: Actor, app: App, wish: Wish) -> Monitor:
    """Make or change the app's monitor. Raises InvalidParams."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        before = await rows.of_app(conn, app.id)
        values = _values(wish, before)
        if not any(f.type == "web" for f in await formation_rows.of_app(conn, app.id)):
            raise errors.InvalidParams(f"{app.name} does not have any web dynos to scale.")
        # The number of dynos is looked at anew, and first brought within the bounds.
        values |= {"account_id": actor.account.id, "quantity": None, "scaled_at": None}
        values["updated_at"] = p.clock.now()
        if before is None:
            monitor = await rows.insert(conn, {**values, "app_id": app.id})
        else:
            monitor = await rows.update(conn, before.id, values)
        await app_rows.update(conn, app.id)
    word = "enabled" if monitor.active else "disabled"
    p.logs.event(app.id, f"Autoscaling {word} by user {actor.account.email}")
    return monitor


def _values(wish: Wish, before: Monitor | None) -> dict[str, object]:
    smallest = wish.min_quantity or (before.min_quantity if before else 1)
    largest = wish.max_quantity or (before.max_quantity if before else smallest)
    p95 = wish.p95 or (before.p95 if before else DEFAULT_P95)
    if problem := bounds_problem(smallest, largest, p95):
        raise errors.InvalidParams(problem)
    active = wish.active if wish.active is not None else (before.active if before else True)
    return {"active": active, "min_quantity": smallest, "max_quantity": largest, "p95": p95}
