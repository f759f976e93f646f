"""How far back a database can be had: its base copies and the log that is kept since them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BASE_EVERY = timedelta(hours=24)
"""How old the newest base copy may get: what comes after it is replayed from the log."""
BASE_AFTER_BYTES = 1024**3
"""How much log may follow the newest base copy before another one is taken earlier."""
MAX_BYTES = 16 * 1024**3
"""How much an archive may take; the oldest goes when it is more."""
_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Base:
    """A copy of a server's files that is whole from ``ended_at`` on.

    ``first_wal`` is the first file of the log that it needs; ``bytes`` is its size.
    """

    ended_at: datetime
    first_wal: str
    bytes: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return name_at(self.ended_at)


@dataclass(frozen=True)
class Protection:
    """Whether everything that is written now can be had back, and from when on it could.

    ``problem`` says why it can't, ``earliest`` is None when there is nothing yet.
    """

    earliest: datetime | None = None
    problem: str | None = None

    @property
    def on(self) -> bool:
        """Tell whether every change is kept."""
        return self.earliest is not None and self.problem is None


def name_at(moment: datetime) -> str:
    """Return the name of a base copy that ended then."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment_of(name: str) -> datetime | None:
    """Return when the base copy of that name ended, None for what is no such name."""
    try:
        return datetime.strptime(name, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def wal_file(timeline: int, position: str) -> str:
    """Return the log file that holds a position such as ``0/3000028``, of 16 MB files."""
    high, _, low = position.partition("/")
    return f"{timeline:08X}{int(high, 16):08X}{int(low, 16) >> 24:08X}"


def due(bases: Sequence[Base], log_bytes: int, now: datetime) -> bool:
    """Tell whether another base copy is to be taken; ``log_bytes`` followed the newest one."""
    if not bases:
        return True
    newest = max(base.ended_at for base in bases)
    return now - newest >= BASE_EVERY or log_bytes > BASE_AFTER_BYTES


def outdated(bases: Sequence[Base], window: timedelta, now: datetime) -> list[Base]:
    """Return the base copies that nothing within the window needs: a newer one covers it."""
    by_age = sorted(bases, key=lambda base: base.ended_at)
    covering = [base for base in by_age if base.ended_at <= now - window]
    return covering[:-1]


def earliest(bases: Sequence[Base], window: timedelta, now: datetime) -> datetime | None:
    """Return the first moment that can be gone back to."""
    if not bases:
        return None
    return max(min(base.ended_at for base in bases), now - window)


def base_for(bases: Sequence[Base], moment: datetime) -> Base | None:
    """Return the newest base copy that a moment can be reached from."""
    fit = [base for base in bases if base.ended_at <= moment]
    return max(fit, key=lambda base: base.ended_at) if fit else None
