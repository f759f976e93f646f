"""Teams: several accounts that own apps together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

# The official CLI knows a team's app by the address of its owner.
OWNER_DOMAIN = "herokumanager.com"
# https://devcenter.heroku.com/articles/platform-api-reference#team: names are as those of apps.
_NAME = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")


# Paths below /teams that are no team.
_RESERVED = frozenset({"apps", "invitations", "permissions"})


class Role(StrEnum):
    """What somebody is in a team, from the least to the greatest.

    Collaborators only have the apps that they were given, viewers see all apps, members may also
    join and make some, administrators do everything.
    """

    COLLABORATOR = "collaborator"
    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"

    def covers(self, other: Role) -> bool:
        """Tell whether this is at least the other."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True)
class Team:
    """A team, which is also an account: the owner of its apps.

    With ``addons_controls`` its apps take only add-ons that are on the team's list; who joins
    it is a ``default_role`` unless told otherwise. ``role`` is that of the account which asked,
    and ``default`` whether that makes its apps here.
    """

    id: UUID
    name: str
    addons_controls: bool
    default_role: Role | None
    default: bool
    role: Role
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Member:
    """An account in a team."""

    id: UUID
    team_id: UUID
    account_id: UUID
    email: str
    name: str | None
    role: Role
    two_factor: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Invitation:
    """A place in a team that waits for somebody to take it; its id is its token."""

    id: UUID
    team_id: UUID
    team_name: str
    email: str
    role: Role
    inviter_id: UUID
    inviter_email: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class AllowedService:
    """An add-on service that a team has put on its list."""

    id: UUID
    team_id: UUID
    service: str
    account_id: UUID
    email: str
    created_at: datetime


def name_problem(name: str) -> str | None:
    """Return why a name can't be a team's, None when it can."""
    if name in _RESERVED:
        return f"Name {name} is reserved"
    if _NAME.fullmatch(name):
        return None
    return (
        "Team name must be 3 to 30 characters long, start with a letter, end with a letter or "
        "digit and can only contain lowercase letters, digits, and dashes."
    )


def owner_email(name: str) -> str:
    """Return the address under which a team owns apps."""
    return f"{name}@{OWNER_DOMAIN}"
