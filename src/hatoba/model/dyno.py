"""Dynos: sizes, states and the timings of their lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# https://devcenter.heroku.com/articles/dyno-startup-behavior: R10 after 60 s.
BOOT_TIMEOUT = timedelta(seconds=60)
# https://devcenter.heroku.com/articles/dyno-shutdown-behavior: R12 after 30 s.
STOP_GRACE = timedelta(seconds=30)
# In-flight requests may take as long as the router's first-byte timeout.
DRAIN_LIMIT = timedelta(seconds=30)
CRASH_COOL_OFF_FIRST = timedelta(seconds=1)
CRASH_COOL_OFF_CAP = timedelta(seconds=60)
# A dyno that stayed up this long has its crashes forgiven.
STEADY_AFTER = timedelta(minutes=5)


class DynoState(StrEnum):
    """The states of one incarnation of a dyno; the first four are Heroku's public ones."""

    STARTING = "starting"
    UP = "up"
    CRASHED = "crashed"
    DOWN = "down"
    DRAINING = "draining"
    STOPPING = "stopping"

    @property
    def public(self) -> str:
        """The state as the API shows it."""
        return {"draining": "up", "stopping": "down"}.get(self.value, self.value)


class DynoKind(StrEnum):
    """Why a dyno runs."""

    PROCESS = "process"
    ONE_OFF = "run"
    RELEASE = "release"


@dataclass(frozen=True)
class DynoSize:
    """A size as users name it; memory in MB, share in units of a standard-1X."""

    name: str
    memory: int
    share: int

    @property
    def memory_bytes(self) -> int:
        """The quota above which R14 is logged."""
        return self.memory * 1024 * 1024


# https://devcenter.heroku.com/articles/dyno-types
SIZES = {
    size.name.lower(): size
    for size in (
        DynoSize("Eco", 512, 1),
        DynoSize("Basic", 512, 1),
        DynoSize("Standard-1X", 512, 1),
        DynoSize("Standard-2X", 1024, 2),
        DynoSize("Performance-M", 2560, 12),
        DynoSize("Performance-L", 14336, 50),
    )
}
DEFAULT_SIZE = SIZES["basic"]


@dataclass(frozen=True)
class Dyno:
    """One incarnation of a dyno: a restart makes a new one with a new id.

    ``name`` is ``web.1``; ``retire`` asks for its replacement or end; ``crashes`` counts quick
    crashes in a row of this name on this release; ``restart_at`` is when a crashed one is
    followed by the next; ``since`` is when it entered its state; ``address`` is
    ``host:port`` once known.
    """

    id: UUID
    app_id: UUID
    kind: DynoKind
    type: str
    number: int
    release_id: UUID
    release_version: int
    size: str
    command: str
    state: DynoState
    since: datetime
    created_at: datetime
    retire: bool = False
    crashes: int = 0
    restart_at: datetime | None = None
    address: str | None = None
    exit_status: int | None = None

    @property
    def name(self) -> str:
        """Type and number, as people know the dyno."""
        return f"{self.type}.{self.number}"


def cool_off(crashes: int) -> timedelta:
    """Return how long to wait before the restart after so many quick crashes in a row.

    The first crash restarts at once, then 1, 2, 4 … seconds, at most 60.
    """
    if crashes <= 1:
        return timedelta(0)
    return min(CRASH_COOL_OFF_CAP, CRASH_COOL_OFF_FIRST * int(2 ** min(crashes - 2, 16)))
