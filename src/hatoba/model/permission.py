"""What may be done on an app, and who may: owners, collaborators, members of teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hatoba.model.team import Role


class Permission(StrEnum):
    """What may be done on an app, from looking at it to giving it away.

    https://devcenter.heroku.com/articles/app-permissions
    """

    VIEW = "view"
    DEPLOY = "deploy"
    OPERATE = "operate"
    MANAGE = "manage"


ALL = frozenset(Permission)
# What a collaborator gets unless told otherwise.
USUAL = frozenset({Permission.VIEW, Permission.DEPLOY, Permission.OPERATE})
ABOUT = {
    Permission.VIEW: "Can view the app",
    Permission.DEPLOY: "Can deploy code to the app",
    Permission.OPERATE: "Can manage config vars, dynos and add-ons of the app",
    Permission.MANAGE: "Can give others access to the app, rename, transfer and destroy it",
}


@dataclass(frozen=True)
class Standing:
    """How an account stands to an app: its owner, its role in the team, what it was given."""

    owner: bool
    role: Role | None
    given: frozenset[Permission]


def granted(standing: Standing) -> frozenset[Permission]:
    """Return what an account in this standing may do.

    Administrators of a team may do all with its apps; members and viewers see them and, for
    more, must be collaborators.
    """
    if standing.owner or standing.role is Role.ADMIN:
        return ALL
    seen = {Permission.VIEW} if standing.role in (Role.MEMBER, Role.VIEWER) else set[Permission]()
    return standing.given | seen


def parse(names: Iterable[str]) -> frozenset[Permission]:
    """Return the permissions of these names; whoever may do anything may also view.

    Raises ValueError for a name that is none.
    """
    return frozenset({Permission.VIEW, *(Permission(name) for name in names)})


def ordered(permissions: Iterable[Permission]) -> list[Permission]:
    """Return permissions from the least to the greatest."""
    wanted = set(permissions)
    return [one for one in Permission if one in wanted]
