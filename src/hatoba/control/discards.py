"""Taking away an app for good that was made for one purpose and is of no use any more."""

from __future__ import annotations

from uuid import UUID

from hatoba.control import addons, apps, build_caches
from hatoba.control.platform import Actor, Platform
from hatoba.model.account import Account
from hatoba.model.dyno import Dyno, DynoKind, DynoState
from hatoba.store import apps as rows
from hatoba.store import dynos as dyno_rows


async def discard(p: Platform, account: Account, app_id: UUID) -> None:
    """Take away the app with its add-ons and dynos, past the trash. May be called again.

    With an add-on that its provider has not let go of yet it stays in the trash for its time.
    """
    actor = Actor(account)
    async with p.store.begin() as conn:
        app = await rows.by_id(conn, app_id)
    if app is None:
        return
    if app.destroyed_at is None:
        await strip(p, account, app_id)
        await apps.destroy(p, actor, app)

    async def still() -> bool:
        async with p.store.begin() as conn:
            return all(map(_over, await dyno_rows.of_app(conn, app_id)))

    await p.lanes.until(app_id, still)
    if await addons.of_app(p, app):
        return
    async with p.store.begin() as conn:
        await rows.delete(conn, app_id)
    p.logs.forget(app_id)
    await build_caches.drop(p, app_id)


async def strip(p: Platform, account: Account, app_id: UUID) -> None:
    """Destroy the add-ons that were made for a living app, wherever they are attached."""
    app = await apps.by_id(p, app_id)
    for addon in await addons.of_app(p, app):
        await addons.destroy(p, Actor(account), app, addon, force=True)


def _over(dyno: Dyno) -> bool:
    """Tell whether a dyno has ended whose row only keeps its exit status."""
    return dyno.kind is DynoKind.RELEASE and dyno.state is DynoState.DOWN
