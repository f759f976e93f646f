"""Upgrades of databases to a newer major version of Postgres."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

KEPT_DAYS = 7
"""How long the data of before is kept, from which an upgrade can be taken back."""


class Kind(StrEnum):
    """What is done: the upgrade, or a trial of it on a copy."""

    RUN = "run"
    TRIAL = "trial"


class State(StrEnum):
    """How far an upgrade is; ``moved`` is past the point where the new server is the database's."""

    PREPARED = "prepared"
    RUNNING = "running"
    MOVED = "moved"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    UNDONE = "undone"

    @property
    def going_on(self) -> bool:
        """Tell whether something is being done."""
        return self in (State.RUNNING, State.MOVED)


@dataclass(frozen=True)
class Upgrade:
    """An upgrade of a database to version ``major``.

    ``step`` says what is being done, ``problem`` why it failed. ``kept_server_id`` is the server
    that has the data of before, while it is kept.
    """

    id: UUID
    database_id: UUID
    kind: Kind
    state: State
    major: int
    created_at: datetime
    step: str = ""
    problem: str | None = None
    kept_server_id: UUID | None = None
    ended_at: datetime | None = None


def target(present: int, there: Collection[int], wanted: int | None) -> int | None:
    """Return the version to upgrade to, the newest by default; None when there is none such."""
    newer = [major for major in there if major > present]
    if wanted is not None:
        return wanted if wanted in newer else None
    return max(newer, default=None)
