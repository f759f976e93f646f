"""Queries about teams, their members, invitations and lists of add-on services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.team import AllowedService, Invitation, Member, Role, Team
from hatoba.store.tables import (
    accounts,
    allowed_services,
    apps,
    collaborators,
    team_invitations,
    team_members,
    teams,
)

_members = sa.select(
    team_members,
    accounts.c.email,
    accounts.c.name,
    accounts.c.sealed_factor.is_not(None).label("two_factor"),
).join(accounts, accounts.c.id == team_members.c.account_id)
_invitations = (
    sa.select(
        team_invitations, teams.c.name.label("team_name"), accounts.c.email.label("inviter_email")
    )
    .join(teams, teams.c.id == team_invitations.c.team_id)
    .join(accounts, accounts.c.id == team_invitations.c.inviter_id)
)
_allowed = sa.select(allowed_services, accounts.c.email).join(
    accounts, accounts.c.id == allowed_services.c.account_id
)


async def of_account(conn: AsyncConnection, account_id: UUID) -> list[Team]:
    """Return the teams that an account is in, by name."""
    preferred = accounts.c.preferences["default-organization"].astext
    query = (
        sa.select(
            teams,
            team_members.c.role,
            sa.func.coalesce(preferred == teams.c.name, sa.false()).label("default"),
        )
        .join(team_members, team_members.c.team_id == teams.c.id)
        .join(accounts, accounts.c.id == team_members.c.account_id)
    )
    found = await conn.execute(
        query.where(team_members.c.account_id == account_id).order_by(teams.c.name)
    )
    return [_team(row) for row in found.mappings()]


def _team(row: sa.RowMapping) -> Team:
    usual = Role(row["default_role"]) if row["default_role"] else None
    return Team(**{**row, "role": Role(row["role"]), "default_role": usual})


async def led_alone(conn: AsyncConnection, account_id: UUID) -> list[str]:
    """Return the names of the teams whose only administrator is this account."""
    admins = team_members.alias()
    others = sa.select(admins.c.id).where(
        admins.c.team_id == teams.c.id,
        admins.c.role == Role.ADMIN.value,
        admins.c.account_id != account_id,
    )
    query = (
        sa.select(teams.c.name)
        .join(team_members, team_members.c.team_id == teams.c.id)
        .where(team_members.c.account_id == account_id)
        .where(team_members.c.role == Role.ADMIN.value, ~sa.exists(others))
    )
    return list((await conn.scalars(query.order_by(teams.c.name))).all())


async def acts_for(conn: AsyncConnection, account_id: UUID) -> set[UUID]:
    """Return the owners that an account acts for: itself and the teams it administers."""
    query = sa.select(team_members.c.team_id).where(
        team_members.c.account_id == account_id, team_members.c.role == Role.ADMIN.value
    )
    return {account_id, *(await conn.scalars(query)).all()}


async def insert(conn: AsyncConnection, team_id: UUID, name: str) -> None:
    """Make a team of an account; raises IntegrityError when the name is taken."""
    await conn.execute(teams.insert().values(id=team_id, name=name))


async def update(conn: AsyncConnection, team_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of a team; raises IntegrityError when its name is taken."""
    query = teams.update().where(teams.c.id == team_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def lock(conn: AsyncConnection, team_id: UUID) -> None:
    """Keep others from changing who is in a team until the transaction ends."""
    await conn.execute(sa.select(teams.c.id).where(teams.c.id == team_id).with_for_update())


async def members(conn: AsyncConnection, team_id: UUID) -> list[Member]:
    """Return a team's members by address."""
    query = _members.where(team_members.c.team_id == team_id).order_by(accounts.c.email)
    found = await conn.execute(query)
    return [Member(**{**row, "role": Role(row["role"])}) for row in found.mappings()]


async def put_member(conn: AsyncConnection, team_id: UUID, account_id: UUID, role: Role) -> None:
    """Take an account into a team, or give it another role there."""
    values = {"team_id": team_id, "account_id": account_id, "role": role.value}
    query = upsert(team_members).values(**values)
    same = [team_members.c.team_id, team_members.c.account_id]
    changed = {"role": role.value, "updated_at": sa.func.now()}
    await conn.execute(query.on_conflict_do_update(index_elements=same, set_=changed))


async def join(conn: AsyncConnection, team_id: UUID, account_id: UUID, role: Role) -> None:
    """Take an account into a team, unless it is in it already."""
    values = {"team_id": team_id, "account_id": account_id, "role": role.value}
    await conn.execute(upsert(team_members).values(**values).on_conflict_do_nothing())


async def remove_member(conn: AsyncConnection, one: Member) -> None:
    """Take an account out of a team and off all its apps."""
    theirs = sa.select(apps.c.id).where(apps.c.owner_id == one.team_id)
    shared = collaborators.delete().where(collaborators.c.app_id.in_(theirs))
    await conn.execute(shared.where(collaborators.c.account_id == one.account_id))
    await conn.execute(team_members.delete().where(team_members.c.id == one.id))


async def drop_idle(conn: AsyncConnection, team_id: UUID, account_id: UUID) -> None:
    """Take a collaborator out of a team who works on none of its apps any more."""
    works = (
        sa.select(collaborators.c.id)
        .join(apps, apps.c.id == collaborators.c.app_id)
        .where(apps.c.owner_id == team_id, collaborators.c.account_id == account_id)
    )
    await conn.execute(
        team_members.delete().where(
            team_members.c.team_id == team_id,
            team_members.c.account_id == account_id,
            team_members.c.role == Role.COLLABORATOR.value,
            ~sa.exists(works),
        )
    )


async def invitations(conn: AsyncConnection, team_id: UUID) -> list[Invitation]:
    """Return a team's open invitations by address."""
    query = _invitations.where(team_invitations.c.team_id == team_id)
    found = await conn.execute(query.order_by(team_invitations.c.email))
    return [_invitation(row) for row in found.mappings()]


async def invitation(conn: AsyncConnection, invitation_id: UUID) -> Invitation | None:
    """Return one invitation."""
    found = await conn.execute(_invitations.where(team_invitations.c.id == invitation_id))
    row = found.mappings().one_or_none()
    return _invitation(row) if row else None


def _invitation(row: sa.RowMapping) -> Invitation:
    return Invitation(**{**row, "role": Role(row["role"])})


async def invite(
    conn: AsyncConnection, team_id: UUID, email: str, role: Role, inviter_id: UUID
) -> None:
    """Invite an address into a team, or change the invitation that it has."""
    values = {"team_id": team_id, "email": email, "role": role.value, "inviter_id": inviter_id}
    same = [team_invitations.c.team_id, team_invitations.c.email]
    changed = {"role": role.value, "updated_at": sa.func.now()}
    query = upsert(team_invitations).values(**values)
    await conn.execute(query.on_conflict_do_update(index_elements=same, set_=changed))


async def revoke(conn: AsyncConnection, invitation_id: UUID) -> None:
    """Take an invitation back, or away because it was accepted."""
    await conn.execute(team_invitations.delete().where(team_invitations.c.id == invitation_id))


async def allowed(conn: AsyncConnection, team_id: UUID) -> list[AllowedService]:
    """Return the add-on services on a team's list, by name."""
    query = _allowed.where(allowed_services.c.team_id == team_id)
    found = await conn.execute(query.order_by(allowed_services.c.service))
    return [AllowedService(**row) for row in found.mappings()]


async def allow(conn: AsyncConnection, team_id: UUID, service: str, account_id: UUID) -> None:
    """Put an add-on service on a team's list, if it is not there."""
    values = {"team_id": team_id, "service": service, "account_id": account_id}
    await conn.execute(upsert(allowed_services).values(**values).on_conflict_do_nothing())


async def disallow(conn: AsyncConnection, allowed_id: UUID) -> None:
    """Take an add-on service off a team's list."""
    await conn.execute(allowed_services.delete().where(allowed_services.c.id == allowed_id))


async def services_refused(conn: AsyncConnection, owner_id: UUID, service: str) -> bool:
    """Tell whether the owner is a team that keeps a list of services, without this one."""
    listed = sa.select(allowed_services.c.id).where(
        allowed_services.c.team_id == owner_id, allowed_services.c.service == service
    )
    query = sa.select(teams.c.id).where(
        teams.c.id == owner_id, teams.c.addons_controls, ~sa.exists(listed)
    )
    return await conn.scalar(query) is not None
