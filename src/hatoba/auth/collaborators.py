"""Collaborators: other accounts that may work on an app."""

from __future__ import annotations

from hatoba import errors
from hatoba.auth import accounts
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account, Collaborator
from hatoba.model.app import App
from hatoba.store import collaborators as rows
from hatoba.store.database import Store


async def listed(store: Store, app: App) -> list[Collaborator]:
    """Return who may work on the app, its owner first."""
    owner = Collaborator(
        id=app.owner_id,
        app_id=app.id,
        account_id=app.owner_id,
        email=app.owner_email,
        role="owner",
        created_at=app.created_at,
        updated_at=app.created_at,
    )
    async with store.begin() as conn:
        return [owner, *await rows.of_app(conn, app.id)]


async def find(store: Store, app: App, identity: str) -> Collaborator:
    """Return a collaborator by e-mail address or id. Raises NotFound."""
    wanted = as_uuid(identity)
    for one in await listed(store, app):
        if identity.lower() == one.email or wanted in (one.id, one.account_id):
            return one
    raise errors.NotFound("Couldn't find that collaborator.", resource="collaborator")


async def add(store: Store, app: App, identity: str) -> Collaborator:
    """Let an account work on the app. Raises NotFound for an unknown account."""
    account = await accounts.find(store, identity)
    if account.id != app.owner_id:
        async with store.begin() as conn:
            await rows.add(conn, app.id, account.id)
    return await find(store, app, account.email)


async def remove(store: Store, actor: Account, app: App, identity: str) -> Collaborator:
    """Take an account's access away; everybody may leave, only the owner sends others off."""
    one = await find(store, app, identity)
    if one.account_id == app.owner_id:
        raise errors.InvalidParams("The owner of an app can't be removed from it.")
    if actor.id not in (app.owner_id, one.account_id):
        raise errors.Forbidden(f"Only {app.owner_email} can remove others from {app.name}.")
    async with store.begin() as conn:
        await rows.delete(conn, one.id)
    return one
