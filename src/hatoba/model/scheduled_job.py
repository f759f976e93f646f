"""Scheduled jobs: commands that run every 10 minutes, hour or day, and their runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

SERVICE = "scheduler"
PLAN = "standard"
# https://devcenter.heroku.com/articles/scheduler: dynos of jobs are called scheduler.NNNN.
DYNO_TYPE = "scheduler"
MAX_COMMAND = 2000
KEPT_RUNS = 50
"""So many runs of a job are remembered."""
LATE = timedelta(minutes=10)
"""What could not begin for so long after its time is not made up for: it was missed."""

_AT = re.compile(r"(?:(\d{1,2}))?:(\d{2})")


class Every(StrEnum):
    """How often a job runs."""

    TEN_MINUTES = "10m"
    HOUR = "hour"
    DAY = "day"


_PERIODS = {
    Every.TEN_MINUTES: timedelta(minutes=10),
    Every.HOUR: timedelta(hours=1),
    Every.DAY: timedelta(days=1),
}
_SPELLINGS = {
    "10m": Every.TEN_MINUTES,
    "10min": Every.TEN_MINUTES,
    "10 minutes": Every.TEN_MINUTES,
    "hour": Every.HOUR,
    "1h": Every.HOUR,
    "day": Every.DAY,
    "1d": Every.DAY,
}


@dataclass(frozen=True)
class Rhythm:
    """When a job runs, in UTC: ``minute`` of the hour, ``hour`` of the day."""

    every: Every
    hour: int = 0
    minute: int = 0

    @property
    def period(self) -> timedelta:
        """The time from one run to the next."""
        return _PERIODS[self.every]

    @property
    def at(self) -> str | None:
        """The moment as people write it, ``:30`` or ``02:30``."""
        if self.every is Every.TEN_MINUTES:
            return None
        return (
            f":{self.minute:02}" if self.every is Every.HOUR else f"{self.hour:02}:{self.minute:02}"
        )

    @property
    def words(self) -> str:
        """The whole rhythm in words."""
        if self.every is Every.TEN_MINUTES:
            return "every 10 minutes"
        return f"every {self.every} at {self.at}{' UTC' if self.every is Every.DAY else ''}"

    def following(self, after: datetime) -> datetime:
        """Return the first moment later than ``after`` at which the job is due."""
        midnight = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight + timedelta(hours=self.hour, minutes=self.minute)
        return first + self.period * ((after - first) // self.period + 1)

    def passed(self, since: datetime, now: datetime) -> int:
        """Return how many moments lie between, the one of ``since`` included."""
        return (now - since) // self.period + 1


def rhythm(every: str, at: str | None = None) -> Rhythm:
    """Read a rhythm. Raises ValueError with a whole sentence for one that can't be."""
    chosen = _SPELLINGS.get(every.strip().lower())
    if chosen is None:
        raise ValueError(f"A job can't run every {every!r}: choose 10m, hour or day.")
    if chosen is Every.TEN_MINUTES:
        if at:
            raise ValueError("A job that runs every 10 minutes has no other time: leave it out.")
        return Rhythm(chosen)
    match = _AT.fullmatch((at or "").strip())
    if match is None or bool(match[1]) is not (chosen is Every.DAY):
        form = "02:30 (UTC)" if chosen is Every.DAY else ":30"
        raise ValueError(f"A job that runs every {chosen} needs a time such as {form}.")
    hour, minute = int(match[1] or 0), int(match[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"{at} is not a time of the day.")
    return Rhythm(chosen, hour, minute)


@dataclass(frozen=True)
class Job:
    """A command that runs again and again in dynos of a size.

    ``number`` is what an app's people call it by; ``next_at`` is when it is due; ``problem``
    says what went wrong the last time, until it has gone well again.
    """

    id: UUID
    addon_id: UUID
    app_id: UUID
    number: int
    command: str
    size: str
    rhythm: Rhythm
    next_at: datetime
    created_at: datetime
    updated_at: datetime
    problem: str | None = None


class RunState(StrEnum):
    """How a run went."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISSED = "missed"


@dataclass(frozen=True)
class Run:
    """One run of a job. ``due_at`` is the moment it was for; ``dyno`` is its dyno's name."""

    id: UUID
    job_id: UUID
    due_at: datetime
    state: RunState
    dyno_id: UUID | None
    dyno: str | None
    exit_status: int | None
    problem: str | None
    started_at: datetime
    finished_at: datetime | None


def command_problem(command: str) -> str | None:
    """Return why this can't be a job's command, None when it can."""
    if not command.strip():
        return "A job needs a command to run."
    if len(command) > MAX_COMMAND:
        return f"The command is too long: at most {MAX_COMMAND} characters."
    return "The command must be one line." if "\n" in command or "\0" in command else None
