"""Credentials that apps are attached by: changed together with the apps' config vars."""

from __future__ import annotations

from collections.abc import Iterable

from hatoba import errors
from hatoba.control import (
    addons,
    attachments,
    catalogue,
    databases,
    databases_links,
    databases_pooling,
)
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Actor, Platform
from hatoba.model.database import Database


async def rotate(
    p: Platform, actor: Actor, database: Database, names: Iterable[str], *, end_now: bool
) -> None:
    """Give credentials other passwords, and the apps that have them the new URLs.

    Followers have the same roles, so theirs change too. Raises Conflict on a follower.
    """
    ready = await databases.available(p, database.id)
    if ready.following is not None:
        raise errors.Conflict(
            "A follower has its leader's credentials: rotate them there, or heroku pg:unfollow."
        )
    for name in names:
        await credentials.rotate(p, ready, name, end_now=end_now)
    followers = (await databases.around(p, ready)).followers
    async with p.store.begin() as conn:
        for follower in followers:
            await credentials.copy(p, conn, ready.id, follower.id)
    for changed in (ready, *followers):
        await databases_pooling.refresh(p, changed.id)
        await databases_links.follow_password(p, changed.id)
        addon = await addons.find(p, str(changed.id))
        await attachments.publish(p, actor, addon, await catalogue.service_of(p, addon))


async def destroy(p: Platform, database: Database, name: str) -> None:
    """Drop a credential that no app is attached by. Raises Conflict when one is."""
    addon = await addons.find(p, str(database.id))
    used = [a.name for a in await attachments.of_addon(p, addon) if a.credential == name]
    if used:
        raise errors.Conflict(
            f"Credential {name} is attached as {', '.join(used)}. Detach it first: "
            "heroku addons:detach"
        )
    await credentials.destroy(p, await databases.available(p, database.id), name)
