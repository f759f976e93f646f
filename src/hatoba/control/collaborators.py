"""Who works on an app besides its owner."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.account import Account, Collaborator
from hatoba.model.app import App
from hatoba.model.permission import Permission
from hatoba.model.team import Member, Role, Team
from hatoba.store import apps as app_rows
from hatoba.store import collaborators as rows
from hatoba.store import teams as team_rows


async def listed(p: Platform, app: App) -> list[Collaborator]:
    """Return the owner and, by e-mail address, everybody else who may work on the app."""
    owner = Collaborator(
        id=app.owner_id,
        app_id=app.id,
        account_id=app.owner_id,
        email=app.owner_email,
        role="owner",
        permissions=list(Permission),
        created_at=app.created_at,
        updated_at=app.created_at,
    )
    async with p.store.begin() as conn:
        return [owner, *await rows.of_app(conn, app.id)]


async def find(p: Platform, app: App, identity: str) -> Collaborator:
    """Return a collaborator by id or e-mail address, or by the account's id."""
    wanted = identity.lower()
    for one in await listed(p, app):
        if wanted in (one.email, str(one.id), str(one.account_id)):
            return one
    raise errors.NotFound("Couldn't find that collaborator.", resource="collaborator")


async def add(
    p: Platform,
    actor: Actor,
    app: App,
    account: Account,
    permissions: Iterable[Permission] | None = None,
) -> Collaborator:
    """Let an account work on the app, or with permissions change what it may do there.

    Whoever is not in the app's team becomes a collaborator of that too.
    """
    if account.id != app.owner_id:
        async with p.store.begin() as conn:
            now = await locked(conn, actor, app)
            await rows.add(conn, app.id, account.id, permissions)
            if now.team is not None:
                await team_rows.join(conn, now.owner_id, account.id, Role.COLLABORATOR)
            await app_rows.update(conn, app.id)
    return await find(p, app, account.email)


async def change(
    p: Platform, actor: Actor, app: App, one: Collaborator, permissions: Iterable[Permission]
) -> Collaborator:
    """Change what somebody may do. Raises InvalidParams for the owner, who may do all."""
    if one.account_id == app.owner_id:
        raise errors.InvalidParams("The owner of an app may do everything with it.")
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.add(conn, app.id, one.account_id, permissions)
        await app_rows.update(conn, app.id)
    return await find(p, app, one.email)


async def remove(p: Platform, actor: Actor, app: App, one: Collaborator) -> None:
    """Take somebody's access away. Raises InvalidParams for the owner."""
    if one.account_id == app.owner_id:
        raise errors.InvalidParams("The owner of an app can't be removed from it.")
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        await rows.delete(conn, one.id)
        await team_rows.drop_idle(conn, now.owner_id, one.account_id)
        await app_rows.update(conn, app.id)


async def of_team(p: Platform, team: Team) -> list[tuple[App, list[Collaborator]]]:
    """Return the team's apps with their collaborators and the team's administrators."""
    async with p.store.begin() as conn:
        given = await rows.of_team(conn, team.id)
        there = await team_rows.members(conn, team.id)
        theirs = await app_rows.of_account(conn, team.id, shared=False)
    admins = {one.account_id: one for one in there if one.role is Role.ADMIN}
    others = [one for one in given if one.account_id not in admins]
    return [
        (app, [*(_leading(one, app.id) for one in admins.values()), *_on(app.id, others)])
        for app in theirs
    ]


def _leading(one: Member, app_id: UUID) -> Collaborator:
    return Collaborator(
        id=one.id,
        app_id=app_id,
        account_id=one.account_id,
        email=one.email,
        role=one.role.value,
        permissions=list(Permission),
        created_at=one.created_at,
        updated_at=one.updated_at,
    )


def _on(app_id: UUID, among: list[Collaborator]) -> list[Collaborator]:
    return [one for one in among if one.app_id == app_id]
