"""Daily schedules: when a backup is due, in any time zone, exactly once for each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# What the official command line sends for the short names that people type.
_SHORT = {
    "BST": "Europe/London",
    "CDT": "America/Chicago",
    "CEST": "Europe/Paris",
    "CET": "Europe/Paris",
    "CST": "America/Chicago",
    "EDT": "America/New_York",
    "EST": "America/New_York",
    "GMT": "Europe/London",
    "MDT": "America/Boise",
    "MST": "America/Boise",
    "PDT": "America/Los_Angeles",
    "PST": "America/Los_Angeles",
    "Z": "UTC",
}

LATE = timedelta(hours=1)
"""A backup that begins later than this after its hour counts as a missed one."""


@dataclass(frozen=True)
class Schedule:
    """A daily backup of a database. ``name`` is the config var by which it was asked for.

    ``next_at`` is when the next one is due; ``problem`` says what went wrong with the last
    one, until one has succeeded again.
    """

    id: UUID
    app_id: UUID
    addon_id: UUID
    name: str
    hour: int
    timezone: str
    next_at: datetime
    created_at: datetime
    updated_at: datetime
    problem: str | None = None
    succeeded_at: datetime | None = None

    def missed(self, now: datetime) -> bool:
        """Tell whether the hour of the next one has long passed."""
        return now - self.next_at > LATE


def zone_name(text: str) -> str | None:
    """Return the IANA name of a time zone as people write it, None for an unknown one."""
    name = _SHORT.get(text.upper(), text)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name


def following(hour: int, timezone: str, after: datetime) -> datetime:
    """Return, in UTC, the first due moment later than ``after``.

    In the night when that hour does not exist it is the same distance after midnight, which
    the clocks then call an hour later; when the hour comes twice it is the first.
    """
    zone = ZoneInfo(timezone)
    day = after.astimezone(zone).date() - timedelta(days=1)
    while (moment := _moment(day, hour, zone)) is None or moment <= after:
        day += timedelta(days=1)
    return moment


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime | None:
    """Return when a day's backup is due, None for a day that the zone never had."""
    moment = datetime.combine(day, time(hour), zone).astimezone(UTC)
    return moment if moment.astimezone(zone).date() == day else None


def days_missed(schedule: Schedule, now: datetime) -> int:
    """Return how many due moments have passed, the one of ``next_at`` included."""
    passed, moment = 0, schedule.next_at
    while moment <= now:
        passed += 1
        moment = following(schedule.hour, schedule.timezone, moment)
    return passed
