"""Plans and receipts: what was reviewed before a change, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Plan:
    """A review that may be applied once, until it expires.

    ``digest`` is sha256 over the exact request, ``app_version`` the state that was reviewed.
    """

    id: str
    account_id: UUID
    app_id: UUID
    app_version: int
    operation: str
    digest: str
    review: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """One entry of the audit trail; it outlives its app.

    ``about`` is the app's name, or without an app that of what the account changed.
    ``body`` has before, after, checks, verified and undo as the client saw them.
    """

    id: str
    account_id: UUID
    account_email: str
    app_id: UUID | None
    about: str
    operation: str
    body: dict[str, Any]
    created_at: datetime
