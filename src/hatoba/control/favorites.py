"""Favorites: the apps that somebody likes to have at hand."""

from __future__ import annotations

from uuid import UUID

from hatoba import errors
from hatoba.control.platform import Actor, Platform
from hatoba.model.app import App, Favorite
from hatoba.store import favorites as rows


async def listed(p: Platform, actor: Actor) -> list[Favorite]:
    """Return the actor's favorites, the oldest first."""
    async with p.store.begin() as conn:
        return await rows.of_account(conn, actor.account.id)


async def add(p: Platform, actor: Actor, app: App) -> Favorite:
    """Make an app one of the actor's favorites."""
    async with p.store.begin() as conn:
        await rows.add(conn, actor.account.id, app.id)
        found = await rows.of_account(conn, actor.account.id)
    return next(one for one in found if one.app_id == app.id)


async def remove(p: Platform, actor: Actor, identity: str) -> Favorite:
    """Make it none any more. Raises NotFound."""
    found = {str(one.id): one for one in await listed(p, actor)}
    if identity not in found:
        raise errors.NotFound("Couldn't find that favorite.", resource="favorite")
    async with p.store.begin() as conn:
        await rows.delete(conn, actor.account.id, UUID(identity))
    return found[identity]
