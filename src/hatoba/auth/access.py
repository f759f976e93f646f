"""Who may do what on which app."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.store import apps as app_rows
from hatoba.store import collaborators as rows
from hatoba.store.database import Store


class Permission(StrEnum):
    """What may be done on an app; collaborators may do all but manage it."""

    VIEW = "view"
    DEPLOY = "deploy"
    OPERATE = "operate"
    MANAGE = "manage"


async def app(store: Store, account: Account, identity: str, permission: Permission) -> App:
    """Return the app by name or id if the account may do that with it.

    Raises NotFound when there is no such app, Forbidden when it is somebody else's.
    """
    async with store.begin() as conn:
        found = await _living(conn, identity)
        await _check(conn, account, found, permission)
    return found


async def recorded_app(store: Store, account: Account, identity: str) -> App:
    """Return an app of the account's own that lives or is in the trash, by name or id."""
    async with store.begin() as conn:
        trash = await app_rows.destroyed(conn, owner=account.id)
        in_trash = [a for a in trash if identity in (a.name, str(a.id))]
        found = await _find(conn, identity)
        if found is None or found.destroyed_at is not None:
            if not in_trash:
                raise _unknown()
            return in_trash[-1]
        await _check(conn, account, found, Permission.VIEW)
    return found


async def _find(conn: AsyncConnection, identity: str) -> App | None:
    app_id = as_uuid(identity)
    return await (app_rows.by_id(conn, app_id) if app_id else app_rows.by_name(conn, identity))


async def _living(conn: AsyncConnection, identity: str) -> App:
    found = await _find(conn, identity)
    if found is None or found.destroyed_at is not None:
        raise _unknown()
    return found


def _unknown() -> errors.NotFound:
    return errors.NotFound("Couldn't find that app.", resource="app")


async def _check(
    conn: AsyncConnection, account: Account, found: App, permission: Permission
) -> None:
    if found.owner_id == account.id:
        return
    if not await rows.works_on(conn, found.id, account.id):
        raise errors.Forbidden(f"You do not have access to the app {found.name}.")
    if permission is Permission.MANAGE:
        check_manages(account, found)


def check_manages(account: Account, found: App) -> None:
    """Raise Forbidden unless the account may rename, share and destroy the app."""
    if found.owner_id != account.id:
        raise errors.Forbidden(
            f"You do not have permission to manage the app {found.name}. "
            f"Ask its owner, {found.owner_email}."
        )


async def version(store: Store, app_id: UUID) -> int | None:
    """Return the version that the app's state has now."""
    async with store.begin() as conn:
        found = await app_rows.by_id(conn, app_id)
    return found.version if found else None
