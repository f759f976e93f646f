"""Which buildpacks an app is built with."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.store import apps as rows


async def listed(p: Platform, app: App) -> list[str]:
    """Return the app's buildpacks in order; none means that they are detected."""
    async with p.store.begin() as conn:
        return await rows.buildpacks(conn, app.id)


async def replace(p: Platform, actor: Actor, app: App, urls: Sequence[str]) -> list[str]:
    """Set the app's buildpacks; they count from the next build on."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.set_buildpacks(conn, app.id, urls)
    return list(urls)
