"""Accounts, and the authorizations that act for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """Somebody who may own apps."""

    id: UUID
    email: str
    name: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Authorization:
    """A token that acts for an account; the token itself is only kept as a hash."""

    id: UUID
    account_id: UUID
    description: str
    scopes: tuple[str, ...]
    token_hint: str
    expires_at: datetime | None
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
    created_at: datetime
    updated_at: datetime
