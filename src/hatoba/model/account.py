"""Accounts, and the authorizations that act for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hatoba.model.permission import Permission


@dataclass(frozen=True)
class Account:
    """Somebody who may own apps. Administrators also make and remove accounts.

    ``two_factor`` is whether logging in takes a code besides the password.
    """

    id: UUID
    email: str
    name: str | None
    created_at: datetime
    updated_at: datetime
    admin: bool = False
    allow_tracking: bool = False
    beta: bool = False
    two_factor: bool = False


@dataclass(frozen=True)
class Authorization:
    """A token that acts for an account; the token itself is only kept as a hash.

    One with a ``client_id`` was made for somebody's program, which fetches its tokens by a
    grant's code until ``grant_until``, and by a refresh token afterwards.
    """

    id: UUID
    account_id: UUID
    description: str
    scopes: tuple[str, ...]
    token_hint: str
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    client_id: UUID | None = None
    grant_until: datetime | None = None


@dataclass(frozen=True)
class OAuthClient:
    """A program that acts for accounts which let it."""

    id: UUID
    account_id: UUID
    name: str
    redirect_uri: str
    sealed_secret: bytes
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Key:
    """An account's public SSH key."""

    id: UUID
    account_id: UUID
    comment: str
    fingerprint: str
    public_key: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Collaborator:
    """Another account's access to an app."""

    id: UUID
    app_id: UUID
    account_id: UUID
    email: str
    role: str
    permissions: Sequence[Permission]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class AppTransfer:
    """An app that is offered to another account: pending, accepted or declined."""

    id: UUID
    app_id: UUID
    app_name: str
    owner_id: UUID
    owner_email: str
    recipient_id: UUID
    recipient_email: str
    state: str
    created_at: datetime
    updated_at: datetime
