"""Transfers of whole databases: backups, restores and copies, and how long backups are kept."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

TRASH_DAYS = 7
"""How long the snapshot is kept that is taken before something is destroyed."""

_NAME = re.compile(r"([abcr])(\d{1,9})")


class Kind(enum.StrEnum):
    """What a transfer does."""

    BACKUP = "backup"
    RESTORE = "restore"
    COPY = "copy"


class Cause(enum.StrEnum):
    """Why a transfer was begun."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    SNAPSHOT = "snapshot"
    """Before something was destroyed or overwritten."""


class State(enum.StrEnum):
    """How far a transfer is. Only the first two can change."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more happens."""
        return self not in (State.PENDING, State.RUNNING)


@dataclass(frozen=True)
class Transfer:
    """One transfer of an app. ``num`` counts an app's transfers of all kinds.

    ``addon_id`` is the database that is backed up or written to. ``processed_bytes`` are bytes
    of the dump so far; ``checksum`` is the dump's SHA-256. ``counts`` are the rows by table as
    they were counted in the restored copy: they are there for a verified transfer only.
    """

    id: UUID
    app_id: UUID
    num: int
    kind: Kind
    cause: Cause
    addon_id: UUID
    from_name: str
    to_name: str
    state: State
    created_at: datetime
    updated_at: datetime
    source_id: UUID | None = None
    backup_id: UUID | None = None
    schedule_id: UUID | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    processed_bytes: int = 0
    source_bytes: int = 0
    checksum: str | None = None
    counts: Mapping[str, int] | None = None
    problem: str | None = None
    plan: str = ""
    sealed: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """By which people know it: b001, a002 (of a schedule), r003, c004."""
        return f"{_letter(self.kind, self.cause)}{self.num:03}"

    @property
    def restorable(self) -> bool:
        """Tell whether this is a verified backup that is still kept."""
        good = self.kind is Kind.BACKUP and self.state is State.SUCCEEDED
        return good and self.deleted_at is None and self.counts is not None


@dataclass(frozen=True)
class LogLine:
    """A line of a transfer's log."""

    created_at: datetime
    message: str


def _letter(kind: Kind, cause: Cause) -> str:
    if kind is Kind.BACKUP:
        return "a" if cause is Cause.SCHEDULE else "b"
    return {Kind.COPY: "c", Kind.RESTORE: "r"}[kind]


def number(name: str) -> int | None:
    """Return the number in a transfer's name (``b012`` or ``12``), None when it is no name."""
    if name.isascii() and name.isdigit() and len(name) < 10:
        return int(name)
    match = _NAME.fullmatch(name)
    return int(match[2]) if match else None


def counted(counts: Mapping[str, int]) -> str:
    """Say how much was counted: ``3 tables, 1,204 rows``."""
    rows = sum(counts.values())
    tables = f"{len(counts):,} table{'' if len(counts) == 1 else 's'}"
    return f"{tables}, {rows:,} row{'' if rows == 1 else 's'}"


@dataclass(frozen=True)
class Retention:
    """How many backups of a database are kept.

    Of scheduled ones all of the last ``days`` days, and one a week and a month further back.
    """

    manual: int
    days: int
    weeks: int
    months: int


# https://devcenter.heroku.com/articles/heroku-postgres-backups#scheduled-backups-retention-limits
_ESSENTIAL = Retention(manual=25, days=7, weeks=1, months=0)
_STANDARD = Retention(manual=25, days=7, weeks=4, months=0)
_PREMIUM = Retention(manual=50, days=7, weeks=8, months=12)


def retention(plan: str) -> Retention:
    """Return how long backups of a database on this plan (``standard-0``) are kept."""
    tier = plan.rpartition(":")[2].partition("-")[0]
    if tier in ("premium", "private", "shield", "enterprise"):
        return _PREMIUM
    return _STANDARD if tier == "standard" else _ESSENTIAL


def outdated(backups: Iterable[Transfer], now: datetime) -> list[Transfer]:
    """Return which of one database's backups its plan no longer keeps.

    The newest good backup is always kept, whatever its age; a snapshot until it expires.
    """
    good = sorted((b for b in backups if b.restorable), key=lambda b: b.created_at, reverse=True)
    if not good:
        return []
    rule = retention(good[0].plan)
    kept = {good[0].id, *_kept_manual(good, rule), *_kept_scheduled(good, rule, now)}
    kept |= {b.id for b in good if b.expires_at is not None and b.expires_at > now}
    return [b for b in good if b.id not in kept]


def _kept_manual(good: list[Transfer], rule: Retention) -> list[UUID]:
    return [b.id for b in good if b.cause is Cause.MANUAL][: rule.manual]


def _kept_scheduled(good: list[Transfer], rule: Retention, now: datetime) -> set[UUID]:
    scheduled = [b for b in good if b.cause is Cause.SCHEDULE]
    border = now - timedelta(days=rule.days)
    weeks: dict[tuple[int, int], Transfer] = {}
    months: dict[tuple[int, int], Transfer] = {}
    for backup in scheduled:
        year, week, _ = backup.created_at.isocalendar()
        weeks.setdefault((year, week), backup)
        months.setdefault((backup.created_at.year, backup.created_at.month), backup)
    kept = [b for b in scheduled if b.created_at > border]
    kept += [b for b in weeks.values() if b.created_at <= border][: rule.weeks]
    kept += [b for b in months.values() if b.created_at <= border][: rule.months]
    return {b.id for b in kept}
