"""The steps that a plan is made of. Each is small and safe to carry out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hatoba.model.dyno import Dyno
from hatoba.model.route import AppRoute


@dataclass(frozen=True)
class Create:
    """Note a new dyno of the current release; it is launched by a later pass."""

    type: str
    number: int
    size: str
    command: str

    def __str__(self) -> str:
        return f"new {self.type}.{self.number}"


@dataclass(frozen=True)
class Launch:
    """Have the engine start a noted dyno."""

    dyno: Dyno

    def __str__(self) -> str:
        return f"start {self.dyno.name}"


@dataclass(frozen=True)
class Up:
    """The dyno runs, and a web one accepts connections at ``address``."""

    dyno: Dyno
    address: str | None

    def __str__(self) -> str:
        return f"{self.dyno.name} is up"


@dataclass(frozen=True)
class Probe:
    """Ask a web dyno that listens until it gives a first answer."""

    dyno: Dyno
    address: str

    def __str__(self) -> str:
        return f"ask {self.dyno.name} for an answer"


@dataclass(frozen=True)
class Crash:
    """The dyno ended by itself, or (``code`` R10, R15) is made to end."""

    dyno: Dyno
    status: int | None
    crashes: int
    restart_at: datetime
    code: str | None = None

    def __str__(self) -> str:
        reason = self.code or f"status {self.status}"
        return f"{self.dyno.name} crashed ({reason})"


@dataclass(frozen=True)
class Restart:
    """Follow a crashed dyno by the next, which inherits its count of crashes."""

    dyno: Dyno

    def __str__(self) -> str:
        return f"restart {self.dyno.name}"


@dataclass(frozen=True)
class Publish:
    """Have the router answer the app's requests this way."""

    route: AppRoute

    def __str__(self) -> str:
        serving = sum(not e.draining for e in self.route.endpoints)
        return f"route {self.route.mode} with {serving} dynos"


@dataclass(frozen=True)
class Withdraw:
    """Have the router forget the app."""

    key: str

    def __str__(self) -> str:
        return "withdraw the route"


@dataclass(frozen=True)
class Drain:
    """Give a web dyno no new requests."""

    dyno: Dyno

    def __str__(self) -> str:
        return f"drain {self.dyno.name} of v{self.dyno.release_version}"


@dataclass(frozen=True)
class Watch:
    """Watch a draining dyno until its last request has ended."""

    dyno: Dyno

    def __str__(self) -> str:
        return f"wait for the requests in {self.dyno.name}"


@dataclass(frozen=True)
class Stop:
    """Ask a dyno to end: SIGTERM, 30 s, SIGKILL."""

    dyno: Dyno

    def __str__(self) -> str:
        return f"stop {self.dyno.name} of v{self.dyno.release_version}"


@dataclass(frozen=True)
class Halt:
    """Ask a dyno that was put down to end, and keep it listed as down."""

    dyno: Dyno

    def __str__(self) -> str:
        return f"halt {self.dyno.name}"


@dataclass(frozen=True)
class Forget:
    """The dyno has ended: it is listed no more."""

    dyno: Dyno
    status: int | None

    def __str__(self) -> str:
        return f"forget {self.dyno.name} of v{self.dyno.release_version}"


@dataclass(frozen=True)
class Finish:
    """The release phase has ended; its exit status is kept for whoever waits for it."""

    dyno: Dyno
    status: int | None

    def __str__(self) -> str:
        return f"{self.dyno.name} ended with status {self.status}"


@dataclass(frozen=True)
class Clean:
    """Remove what the engine still has of a dyno that nobody lists; end it first if need be."""

    dyno_id: UUID
    exited: bool

    def __str__(self) -> str:
        return f"clean up {self.dyno_id}"


Step = (
    Create
    | Launch
    | Probe
    | Up
    | Crash
    | Restart
    | Publish
    | Withdraw
    | Drain
    | Watch
    | Stop
    | Halt
    | Forget
    | Finish
    | Clean
)
