"""Who may do what on which app."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.permission import Permission, granted
from hatoba.model.team import Role
from hatoba.store import apps as app_rows
from hatoba.store import collaborators as rows
from hatoba.store import pre_authorizations
from hatoba.store import teams as team_rows
from hatoba.store.database import Store


async def app(
    store: Store,
    account: Account,
    identity: str,
    permission: Permission,
    or_else: Permission | None = None,
) -> App:
    """Return the app by name or id if the account may do that, or else the other, with it.

    Raises NotFound when there is no such app, Forbidden when it is somebody else's.
    """
    async with store.read() as conn:
        found = await _living(conn, identity)
        await _check(conn, account, found, permission, or_else or permission)
    return found


async def permissions(store: Store, account: Account, app: App) -> frozenset[Permission]:
    """Return what the account may do with the app."""
    async with store.begin() as conn:
        return granted(await rows.standing(conn, app, account.id))


async def recorded_app(store: Store, account: Account, identity: str) -> App:
    """Return an app that lives, or is in the trash of the account or its teams."""
    async with store.begin() as conn:
        owners = await team_rows.acts_for(conn, account.id)
        trash = await app_rows.destroyed(conn, owners=owners)
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


async def _check(conn: AsyncConnection, account: Account, found: App, *any_of: Permission) -> None:
    allowed = granted(await rows.standing(conn, found, account.id))
    if not allowed:
        raise errors.Forbidden(f"You do not have access to the app {found.name}.")
    if allowed.isdisjoint(any_of):
        raise errors.Forbidden(
            f"You do not have permission to {any_of[0]} the app {found.name}. "
            f"Ask {_who_manages(found)}."
        )
    if found.guarded and Permission.VIEW not in any_of:
        await _check_guard(conn, account, found)


async def _check_guard(conn: AsyncConnection, account: Account, found: App) -> None:
    if not await pre_authorizations.holds(conn, account.id, found.id):
        raise errors.TwoFactorRequired(
            f"{found.name} is guarded: this takes a code of your second factor. "
            f"Show one: heroku apps:guard:open -a {found.name}",
            app=found.name,
        )


def _who_manages(found: App) -> str:
    if found.team is not None:
        return f"an administrator of the team {found.team}"
    return f"its owner, {found.owner_email}"


async def check(store: Store, account: Account, found: App, *any_of: Permission) -> None:
    """Raise Forbidden unless the account may do one of these with the app."""
    async with store.begin() as conn:
        await _check(conn, account, found, *any_of)


async def check_may_join(store: Store, account: Account, found: App) -> None:
    """Raise Forbidden unless the app is not locked and the account a member of its team."""
    async with store.begin() as conn:
        standing = await rows.standing(conn, found, account.id)
    if standing.role is None or not standing.role.covers(Role.MEMBER):
        raise errors.Forbidden(
            f"Only members of its team can join an app. Ask {_who_manages(found)}."
        )
    if found.locked:
        raise errors.Forbidden(f"{found.name} is locked. Ask {_who_manages(found)}.")


async def version(store: Store, app_id: UUID) -> int | None:
    """Return the version that the app's state has now."""
    async with store.read() as conn:
        found = await app_rows.by_id(conn, app_id)
    return found.version if found else None
