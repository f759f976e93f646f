"""Daily backups, set and taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hatoba.client import apps, backups, databases
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.backups import Schedule
from hatoba.schema.hatoba import Check

_AT = re.compile(r"(0?\d|1\d|2[0-3]):00 ?(\S*)")


def parsed(at: str) -> tuple[str, str]:
    """Return hour and time zone of ``02:00 America/New_York``; UTC where none is named.

    Raises UsageError. Which abbreviations of time zones there are is known to the platform.
    """
    match = _AT.fullmatch(at.strip())
    if match is None:
        raise UsageError(
            f"{at!r} is no time of a daily backup: a full hour and a time zone, "
            "such as --at '02:00 America/New_York'."
        )
    if "/" in match[2] and _unknown(match[2]):
        raise UsageError(
            f"There is no time zone {match[2]}. Give one such as America/New_York or UTC."
        )
    return match[1], match[2] or "UTC"


def _unknown(zone: str) -> bool:
    """Tell whether this machine knows time zones, but not this one."""
    return _loads("America/New_York") and not _loads(zone)


def _loads(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def shown(one: Schedule) -> str:
    """Return when a schedule runs, in words."""
    return f"daily at {one.hour}:00 {one.timezone}"


class SetSchedule(Operation):
    """Backs a database up every day."""

    name = "pg:backups:schedule"

    def __init__(
        self, api: Api, app: str, database: str | None, at: str, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = database
        self._hour, self._zone = parsed(at)

    def review(self) -> Review:
        """Show the schedule that there is and the one that is asked for."""
        _, version = apps.reviewed(self.api, self.app)
        found = databases.resolve(self.api, self.app, self._wanted)
        there = [s for s in backups.schedules(self.api, found.addon.id) if s.name == found.url_var]
        before = shown(there[0]) if there else ""
        after = f"daily at {int(self._hour)}:00 {self._zone}"
        return Review(
            title=f"Daily backups of {found.name} ({found.addon.name})",
            rows=(Row("~" if before else "+", found.url_var, before, after),),
            kind=Kind.RISKY if before and before != after else Kind.CHANGE,
            why=f"{found.name} is backed up {after}, no longer {before}." if before else "",
            before={found.url_var: before},
            after={found.url_var: after},
            request={
                "addon": found.addon.id,
                "hour": self._hour,
                "timezone": self._zone,
                "schedule_name": found.url_var,
            },
            version=version if found.addon.app.name == self.app else None,
            nothing="Nothing to change: that is the schedule." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set it."""
        body = {name: review.request[name] for name in ("hour", "timezone", "schedule_name")}
        with ui.progress(f"Scheduling daily backups at {self._hour}:00 {self._zone}"):
            backups.schedule(self.api, review.request["addon"], body, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, with the moment of the next backup."""
        wanted = review.request["schedule_name"]
        there = [
            s for s in backups.schedules(self.api, review.request["addon"]) if s.name == wanted
        ]
        seen = f"{shown(there[0])}, next {there[0].next_at or ''}" if there else "none"
        yield Check(f"{wanted} is backed up every day", ok=bool(there), seen=seen)

    def undo(self, review: Review) -> str:
        """Return the command that takes it away."""
        name = review.request["schedule_name"]
        return f"heroku pg:backups:unschedule {quote(name)} -a {self.app}"


class Unschedule(Operation):
    """Takes a daily backup away."""

    name = "pg:backups:unschedule"

    def __init__(
        self, api: Api, app: str, database: str | None = None, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = database

    def review(self) -> Review:
        """Show which one goes. Raises ClientError when there is none, or it is not clear."""
        _, version = apps.reviewed(self.api, self.app)
        found = databases.resolve(self.api, self.app, self._wanted)
        there = backups.schedules(self.api, found.addon.id)
        fits = [s for s in there if self._wanted is None or s.name == found.url_var]
        if len(fits) != 1:
            names = ", ".join(s.name for s in fits)
            raise ClientError(
                f"Which one? {self.app} has schedules for {names}."
                if fits
                else f"{self.app} has no such schedule. See: heroku pg:backups:schedules"
            )
        gone = fits[0]
        return Review(
            title=f"Daily backups of {gone.name}",
            rows=(Row("-", gone.name, shown(gone), ""),),
            kind=Kind.RISKY,
            why=f"{gone.name} is no longer backed up every day.",
            before={gone.name: shown(gone)},
            after={},
            request={"addon": found.addon.id, "schedule": gone.uuid, "name": gone.name},
            version=version if found.addon.app.name == self.app else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Take it away."""
        addon, schedule = review.request["addon"], review.request["schedule"]
        with ui.progress(f"Unscheduling {review.request['name']} daily backups"):
            backups.unschedule(self.api, addon, schedule, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        left = {s.uuid for s in backups.schedules(self.api, review.request["addon"])}
        yield Check("the schedule is gone", ok=review.request["schedule"] not in left, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that sets it again."""
        name, before = review.request["name"], next(iter(review.before.values()))
        at = before.removeprefix("daily at ")
        return f"heroku pg:backups:schedule {quote(name)} --at {quote(at)} -a {self.app}"
