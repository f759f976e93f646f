"""Teams and who is in them."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.auth import accounts
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account
from hatoba.model.team import Invitation, Member, Role, Team, name_problem, owner_email
from hatoba.store import accounts as account_rows
from hatoba.store import teams as rows
from hatoba.store.database import Store


async def listed(store: Store, account: Account) -> list[Team]:
    """Return the teams that the account is in."""
    async with store.begin() as conn:
        return await rows.of_account(conn, account.id)


async def find(store: Store, account: Account, identity: str) -> Team:
    """Return a team of the account's by name or id. Raises NotFound, also for others' teams."""
    for team in await listed(store, account):
        if identity in (team.name, str(team.id), owner_email(team.name)):
            return team
    raise errors.NotFound("Couldn't find that team.", resource="team")


async def find_as(store: Store, account: Account, identity: str, least: Role) -> Team:
    """As ``find``, for who is at least this in the team. Raises Forbidden for others."""
    team = await find(store, account, identity)
    if not team.role.covers(least):
        raise errors.Forbidden(
            f"You are a {team.role} of the team {team.name}; only "
            f"{'an administrator' if least is Role.ADMIN else f'a {least}'} may do this."
        )
    return team


async def create(store: Store, account: Account, name: str) -> Team:
    """Make a team, whose first administrator is the account. Raises InvalidParams."""
    _check(name)
    try:
        async with store.begin() as conn:
            team_id = await account_rows.insert(conn, {"email": owner_email(name)})
            await rows.insert(conn, team_id, name)
            await rows.put_member(conn, team_id, account.id, Role.ADMIN)
    except IntegrityError as error:
        raise errors.InvalidParams(f"Name {name} is already taken") from error
    return await find(store, account, name)


async def rename(store: Store, account: Account, team: Team, name: str) -> Team:
    """Give a team another name. Raises InvalidParams when it can't have that."""
    _check(name)
    try:
        async with store.begin() as conn:
            await rows.update(conn, team.id, name=name)
            await account_rows.update(conn, team.id, email=owner_email(name))
            await account_rows.prefer_renamed(conn, team.name, name)
    except IntegrityError as error:
        raise errors.InvalidParams(f"Name {name} is already taken") from error
    return await find(store, account, str(team.id))


async def prefer(store: Store, account: Account, team: Team, **changes: str | bool | None) -> Team:
    """Change ``addons_controls`` or ``default_role``; what is None stays as it is."""
    values = {name: value for name, value in changes.items() if value is not None}
    async with store.begin() as conn:
        await rows.update(conn, team.id, **values)
    return await find(store, account, str(team.id))


async def make_default(store: Store, account: Account, team: Team, *, default: bool) -> Team:
    """Have the account's new apps be made in this team, or be its own again."""
    if default != team.default:
        await accounts.prefer(
            store, account, {"default-organization": team.name if default else None}
        )
    return await find(store, account, str(team.id))


def _check(name: str) -> None:
    if problem := name_problem(name):
        raise errors.InvalidParams(problem)


async def destroy(store: Store, team: Team) -> None:
    """Remove a team. Raises InvalidParams while it owns anything."""
    async with store.begin() as conn:
        if owned := await account_rows.owns(conn, team.id):
            raise errors.InvalidParams(
                f"The team {team.name} owns {', '.join(owned[:5])}{' …' if owned[5:] else ''}. "
                "Transfer or destroy them first; apps in the trash go after seven days."
            )
        await account_rows.delete(conn, team.id)


async def members(store: Store, team: Team) -> list[Member]:
    """Return who is in the team."""
    async with store.begin() as conn:
        return await rows.members(conn, team.id)


async def member(store: Store, team: Team, identity: str) -> Member:
    """Return somebody in the team by e-mail address or id. Raises NotFound."""
    return _of(await members(store, team), identity)


def _of(among: list[Member], identity: str) -> Member:
    wanted = as_uuid(identity)
    for one in among:
        if identity.lower() == one.email or wanted in (one.id, one.account_id):
            return one
    raise errors.NotFound("Couldn't find that team member.", resource="team_member")


async def put(store: Store, team: Team, email: str, role: Role) -> Member:
    """Take an account into the team, or give it another role there.

    Raises NotFound for an unknown account, InvalidParams when no administrator would be left.
    """
    account = await accounts.find(store, email)
    async with store.begin() as conn:
        await rows.lock(conn, team.id)
        there = await rows.members(conn, team.id)
        if role is not Role.ADMIN:
            _check_administrators(team, there, account)
        await rows.put_member(conn, team.id, account.id, role)
        return _of(await rows.members(conn, team.id), account.email)


async def change(store: Store, team: Team, email: str, role: Role) -> Member:
    """Give somebody in the team another role. Raises as ``put`` and when they are not in it."""
    await member(store, team, email)
    return await put(store, team, email, role)


async def remove(store: Store, team: Team, one: Member) -> None:
    """Take somebody out of the team. Raises InvalidParams for its last administrator."""
    async with store.begin() as conn:
        await rows.lock(conn, team.id)
        there = await rows.members(conn, team.id)
        _check_administrators(team, there, await account_rows.by_id(conn, one.account_id))
        await rows.remove_member(conn, one)


def _check_administrators(team: Team, there: list[Member], without: Account | None) -> None:
    admins = {one.account_id for one in there if one.role is Role.ADMIN}
    if without is not None and admins == {without.id}:
        raise errors.InvalidParams(
            f"{without.email} is the last administrator of {team.name}; appoint another one first."
        )


async def invitations(store: Store, team: Team) -> list[Invitation]:
    """Return the team's open invitations."""
    async with store.begin() as conn:
        return await rows.invitations(conn, team.id)


async def invite(store: Store, inviter: Account, team: Team, email: str, role: Role) -> Invitation:
    """Invite an address into the team. Raises InvalidParams for who is in it already."""
    address = accounts.address(email)
    async with store.begin() as conn:
        if any(one.email == address for one in await rows.members(conn, team.id)):
            raise errors.InvalidParams(f"{address} is already in the team {team.name}.")
        await rows.invite(conn, team.id, address, role, inviter.id)
        return _invited(await rows.invitations(conn, team.id), address)


async def invitation(store: Store, team: Team, identity: str) -> Invitation:
    """Return an open invitation of the team by address or id. Raises NotFound."""
    return _invited(await invitations(store, team), identity)


def _invited(among: list[Invitation], identity: str) -> Invitation:
    wanted = as_uuid(identity)
    for one in among:
        if identity.lower() == one.email or wanted == one.id:
            return one
    raise _no_invitation()


def _no_invitation() -> errors.NotFound:
    return errors.NotFound("Couldn't find that team invitation.", resource="team_invitation")


async def revoke(store: Store, gone: Invitation) -> None:
    """Take an invitation back."""
    async with store.begin() as conn:
        await rows.revoke(conn, gone.id)


async def invitation_for(store: Store, account: Account, token: str) -> Invitation:
    """Return the invitation of this token to who got or made it. Raises NotFound."""
    async with store.begin() as conn:
        found = await _tokened(conn, token)
    if account.email != found.email and account.id != found.inviter_id:
        raise _no_invitation()
    return found


async def accept(store: Store, account: Account, token: str) -> Member:
    """Take the place in a team to which the account was invited. Raises NotFound."""
    async with store.begin() as conn:
        one = await _tokened(conn, token)
        if one.email != account.email:
            raise _no_invitation()
        await rows.put_member(conn, one.team_id, account.id, one.role)
        await rows.revoke(conn, one.id)
        return _of(await rows.members(conn, one.team_id), account.email)


async def _tokened(conn: AsyncConnection, token: str) -> Invitation:
    wanted = as_uuid(token)
    found = await rows.invitation(conn, wanted) if wanted else None
    if found is None:
        raise _no_invitation()
    return found
