"""The add-on services that a team lets its apps have."""

from __future__ import annotations

from hatoba import errors
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account
from hatoba.model.team import AllowedService, Team
from hatoba.store import teams as rows
from hatoba.store.database import Store


async def listed(store: Store, team: Team) -> list[AllowedService]:
    """Return what is on the team's list, by name."""
    async with store.begin() as conn:
        return await rows.allowed(conn, team.id)


async def find(store: Store, team: Team, identity: str) -> AllowedService:
    """Return an entry of the list by its id or the service's name. Raises NotFound."""
    wanted = as_uuid(identity)
    for one in await listed(store, team):
        if one.id == wanted or one.service == identity:
            return one
    raise errors.NotFound(
        "Couldn't find that allowed add-on service.", resource="allowed_add_on_service"
    )


async def allow(store: Store, team: Team, service: str, by: Account) -> None:
    """Put a service on the list, if it is not there."""
    async with store.begin() as conn:
        await rows.allow(conn, team.id, service, by.id)


async def disallow(store: Store, gone: AllowedService) -> None:
    """Take a service off the list; add-ons of it that are there stay."""
    async with store.begin() as conn:
        await rows.disallow(conn, gone.id)
