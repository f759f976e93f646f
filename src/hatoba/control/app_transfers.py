"""Apps that go to another owner: offered to an account, or moved into and out of teams."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.apps import Beside
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.account import Account, AppTransfer
from hatoba.model.app import App
from hatoba.model.permission import ALL, Permission, granted
from hatoba.model.team import Role, Team
from hatoba.store import app_transfers as rows
from hatoba.store import apps as app_rows
from hatoba.store import collaborators as collaborator_rows
from hatoba.store import teams as team_rows


async def listed(p: Platform, account: Account) -> list[AppTransfer]:
    """Return what the account offers and is offered."""
    async with p.store.begin() as conn:
        return await rows.of_account(conn, account.id)


async def find(p: Platform, account: Account, identity: str) -> AppTransfer:
    """Return an offer by its id or its app's name, the latest of these. Raises NotFound."""
    for one in reversed(await listed(p, account)):
        if identity in (str(one.id), one.app_name):
            return one
    raise errors.NotFound("Couldn't find that app transfer.", resource="app_transfer")


async def offer(p: Platform, actor: Actor, app: App, to: Account) -> AppTransfer:
    """Offer an app to an account, which must accept it. Raises InvalidParams."""
    if to.id == app.owner_id:
        raise errors.InvalidParams(f"{to.email} owns {app.name} already.")
    try:
        async with p.store.begin() as conn:
            now = await locked(conn, actor, app)
            transfer_id = await rows.insert(conn, app.id, now.owner_id, to.id)
    except IntegrityError as error:
        raise errors.InvalidParams(
            f"{app.name} is on offer already. Take that offer back first: "
            f"heroku apps:transfers:cancel -a {app.name}"
        ) from error
    async with p.store.begin() as conn:
        offers = await rows.of_account(conn, to.id)
    return next(one for one in offers if one.id == transfer_id)


async def answer(p: Platform, account: Account, one: AppTransfer, state: str) -> AppTransfer:
    """Accept or decline an offer. Raises Forbidden for others, InvalidParams when it is over."""
    if one.recipient_id != account.id:
        raise errors.Forbidden(f"Only {one.recipient_email} can answer this offer.")
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, one.app_id, lock=True)
        if app is None or not await rows.settle(conn, one.id, state):
            raise errors.InvalidParams(f"This offer is {one.state} already.")
        if state == "accepted":
            await hand_over(conn, app, account.id)
    if state == "accepted":
        p.logs.event(app.id, f"Transfer to {account.email}")
    return await find(p, account, str(one.id))


async def withdraw(p: Platform, account: Account, one: AppTransfer) -> None:
    """Take an offer back. Raises Forbidden for others than who made it."""
    if one.owner_id != account.id:
        raise errors.Forbidden(f"Only {one.owner_email} can take this offer back.")
    async with p.store.begin() as conn:
        await rows.delete(conn, one.id)


async def move(p: Platform, actor: Actor, app: App, to: Account) -> App:
    """Give an app to a team or an account at once."""
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        if now.owner_id != to.id:
            await hand_over(conn, now, to.id)
        after = await app_rows.by_id(conn, app.id)
    p.logs.event(app.id, f"Transfer to {to.email} by user {actor.account.email}")
    return after or now


def founding(team: Team, founder: Account, *, locked_: bool) -> Beside:
    """Return what makes a new app the team's; who founds it may do everything with it."""

    async def give(conn: AsyncConnection, app: App) -> None:
        await app_rows.update(conn, app.id, owner_id=team.id, locked=locked_)
        if team.role is not Role.ADMIN:
            await collaborator_rows.add(conn, app.id, founder.id, ALL)

    return give


async def lock(p: Platform, actor: Actor, app: App, *, locked_: bool) -> App:
    """Keep members of the team from joining the app by themselves, or let them."""
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        if now.locked != locked_:
            await app_rows.update(conn, app.id, locked=locked_)
        after = await app_rows.by_id(conn, app.id)
    return after or now


async def hand_over(conn: AsyncConnection, app: App, to: UUID) -> None:
    """Make an app another owner's within a transaction that has locked it.

    A person who gives an app away goes on working on it. When a team does, nobody does: all
    that they may do there was the team's to give. Offers of the owner before end.
    """
    if app.owner_id == to:
        return
    await rows.drop_pending(conn, app.id)
    await app_rows.update(conn, app.id, owner_id=to, locked=False)
    for one in await collaborator_rows.of_app(conn, app.id):
        if one.account_id == to or app.team is not None:
            await collaborator_rows.delete(conn, one.id)
            await team_rows.drop_idle(conn, app.owner_id, one.account_id)
    after = await app_rows.by_id(conn, app.id)
    if app.team is None and after is not None:
        standing = await collaborator_rows.standing(conn, after, app.owner_id)
        if Permission.MANAGE not in granted(standing):
            await collaborator_rows.add(conn, app.id, app.owner_id)
