"""How the platform is: each part, and what an operator must read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import hatoba
from hatoba import errors
from hatoba.control import acm, addons_work, databases_archive, scheduler_runs, schedules
from hatoba.control.platform import Platform
from hatoba.store import apps as app_rows
from hatoba.store import dynos as dyno_rows


@dataclass(frozen=True)
class Part:
    """A part of the platform. ``state`` is up, starting or down; ``memory`` is bytes."""

    name: str
    state: str
    detail: str
    pid: int | None = None
    memory: int | None = None


class Health(Protocol):
    """Knows how the parts are."""

    async def parts(self) -> list[Part]:
        """Return every part as it is now."""
        ...

    def notices(self) -> list[str]:
        """Return whole sentences that an operator must read."""
        ...


@dataclass(frozen=True)
class Report:
    """What ``hatoba status`` shows; ready means that every part is up.

    ``images`` are the bytes of the registry, ``alarms`` whole sentences on what failed and needs
    somebody, such as a daily backup.
    """

    version: str
    ready: bool
    parts: list[Part]
    notices: list[str]
    apps: int
    dynos: int
    alarms: list[str]
    images: int = 0


async def report(p: Platform, health: Health) -> Report:
    """Look at every part."""
    parts = await health.parts()
    apps = dynos = 0
    images = await p.images.total()
    alarms: list[str] = []
    try:
        async with p.store.begin() as conn:
            apps = len(await app_rows.living(conn))
            dynos = len(await dyno_rows.everywhere(conn))
        alarms = [
            *await schedules.alarms(p),
            *await acm.alarms(p),
            *await addons_work.alarms(p),
            *await scheduler_runs.alarms(p),
            *await databases_archive.alarms(p),
        ]
    except errors.Unavailable as error:
        parts = [*parts, Part("store", "down", error.message)]
    ready = all(part.state == "up" for part in parts)
    return Report(hatoba.__version__, ready, parts, health.notices(), apps, dynos, alarms, images)
