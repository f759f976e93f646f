"""Teams as Platform API v3 has them."""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba.schema.platform import App, Named, User


class Team(msgspec.Struct, frozen=True):
    """A team, and what the account is in it."""

    id: str
    name: str
    role: str | None
    default: bool
    created_at: str
    updated_at: str
    type: str = "team"
    credit_card_collections: bool = False
    provisioned_licenses: bool = False
    membership_limit: int | None = None
    enterprise_account: dict[str, str] | None = None
    identity_provider: dict[str, str] | None = None


class Person(msgspec.Struct, frozen=True):
    """Somebody, with their name."""

    id: str | None
    email: str
    name: str | None = None


class Member(msgspec.Struct, frozen=True):
    """Somebody in a team."""

    id: str
    email: str
    role: str
    two_factor_authentication: bool
    user: Person
    created_at: str
    updated_at: str
    federated: bool = False
    identity_provider: dict[str, Any] | None = None


class Invitation(msgspec.Struct, frozen=True):
    """A place in a team that waits for somebody to take it."""

    id: str
    team: Named
    role: str
    user: Person
    invited_by: Person
    created_at: str
    updated_at: str


class TeamApp(App, frozen=True):
    """An app, as somebody in the team that owns it sees it.

    ``joined`` is whether they are a collaborator, ``locked`` whether others can't become one.
    """

    joined: bool = False
    locked: bool = False


class AllowedService(msgspec.Struct, frozen=True):
    """An add-on service that a team's apps may have."""

    id: str
    addon_service: dict[str, str]
    added_at: str
    added_by: User


class Holder(msgspec.Struct, frozen=True):
    """Somebody with permissions on an app."""

    id: str
    email: str
    permissions: list[str]


class PermissionEntity(msgspec.Struct, frozen=True):
    """An app of a team, with who may do what there."""

    id: str
    name: str
    team_id: str
    users: list[Holder]
    type: str = "app"


class TeamFeature(msgspec.Struct, frozen=True):
    """Something that teams here do, or don't."""

    id: str
    name: str
    display_name: str
    description: str
    enabled: bool
    doc_url: str
    created_at: str
    updated_at: str
    state: str = "general"
    feedback_email: str = ""


class TeamPreferences(msgspec.Struct, frozen=True, rename="kebab"):
    """What a team has chosen: who new members are, and whether its list of services is in force."""

    default_permission: str | None
    addons_controls: bool
