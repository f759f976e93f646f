"""Shapes of Heroku's data API for backups, and what Hatoba adds to them.

``state``, ``problem``, ``checksum`` (SHA-256), ``counts`` (rows by table, as counted in the
restored copy), ``expires_at`` and a schedule's last three fields are Hatoba's own.
"""

from __future__ import annotations

import msgspec


class Line(msgspec.Struct, frozen=True):
    """A line of a transfer's log."""

    created_at: str
    level: str
    message: str


class ScheduleRef(msgspec.Struct, frozen=True):
    """The schedule that a backup was made by."""

    uuid: str


class Transfer(msgspec.Struct, frozen=True):
    """A backup (``pg_dump`` to ``gof3r``), a copy or a restore (to ``pg_restore``)."""

    uuid: str
    num: int
    from_type: str
    from_name: str
    to_type: str
    to_name: str
    to_url: str
    created_at: str
    updated_at: str
    started_at: str | None = None
    finished_at: str | None = None
    canceled_at: str | None = None
    succeeded: bool | None = None
    warnings: int = 0
    processed_bytes: int = 0
    source_bytes: int = 0
    schedule: ScheduleRef | None = None
    options: dict[str, str] = {}
    logs: list[Line] = []
    state: str = ""
    problem: str | None = None
    checksum: str | None = None
    counts: dict[str, int] | None = None
    expires_at: str | None = None

    @property
    def name(self) -> str:
        """By which people know it: b001, a002 (of a schedule), r003, c004."""
        if self.to_type == "pg_restore":
            letter = "c" if self.from_type == "pg_dump" else "r"
        else:
            letter = "a" if self.schedule else "b"
        return f"{letter}{self.num:03}"

    @property
    def is_backup(self) -> bool:
        """Tell whether this is a backup."""
        return self.from_type == "pg_dump" and self.to_type != "pg_restore"


class PublicUrl(msgspec.Struct, frozen=True):
    """Where a backup can be had without credentials, until a moment."""

    url: str
    expires_at: str


class Schedule(msgspec.Struct, frozen=True):
    """A daily backup. ``problem`` says what went wrong with the last one."""

    uuid: str
    name: str
    hour: int
    timezone: str
    created_at: str = ""
    next_at: str | None = None
    succeeded_at: str | None = None
    problem: str | None = None
