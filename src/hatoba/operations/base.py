"""What an operation is made of."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

from hatoba.client.api import Api
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check

Json = dict[str, Any]


class Kind(enum.Enum):
    """How much a change can hurt, and so how it is confirmed."""

    CHANGE = "change"
    """Adds, or is easily undone: goes ahead."""
    RISKY = "risky"
    """Overwrites, removes or interrupts: asks y/N."""
    DESTRUCTIVE = "destructive"
    """Destroys: asks to type the app's name."""


@dataclass(frozen=True)
class Row:
    """One line of a review: what changes from what to what. ``sign`` is +, - or ~."""

    sign: str
    name: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True)
class Review:
    """The present state, what would become of it, and how it must be confirmed.

    ``why`` is what hurts, a whole sentence. ``request`` is exactly what would be sent: the
    digest of a plan is made of it, it is neither shown nor stored. ``version`` is the app
    state's version before the first look, None where the platform has none. ``nothing``
    says that there is nothing to do.
    """

    title: str
    kind: Kind
    before: Json
    after: Json
    request: Json = field(repr=False)
    rows: tuple[Row, ...] = ()
    why: str = ""
    version: int | None = None
    nothing: str | None = None

    @property
    def shown(self) -> Json:
        """Return the review as data."""
        rows = [
            {"sign": r.sign, "name": r.name, "before": r.before, "after": r.after}
            for r in self.rows
        ]
        return {"title": self.title, "class": self.kind.value, "why": self.why, "changes": rows}


class Progress(Protocol):
    """A line that says what is being done, until it is."""

    def status(self, text: str) -> None:
        """Say how far it is."""
        ...

    def done(self, result: str) -> None:
        """Say how it ended instead of ``done``."""
        ...

    def __enter__(self) -> Progress: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Ui(Protocol):
    """Whoever looks on: reads what is said and can be asked, if ``interactive``."""

    @property
    def interactive(self) -> bool:
        """Tell whether there is somebody who can answer."""
        ...

    def say(self, line: str, color: str = "") -> None:
        """Say a line."""
        ...

    def ask(self, question: str) -> str:
        """Ask and return the answer; an empty one when there is none."""
        ...

    def progress(self, text: str) -> Progress:
        """Say that something is being done."""
        ...

    def waiting(self, seconds: float) -> None:
        """Show that a look at the world has to wait, so many seconds by now."""
        ...


class Operation(ABC):
    """One change of one app.

    ``name`` is the name of its command, as in the audit trail; ``pace`` is how it waits.
    """

    name: str

    def __init__(self, api: Api, app: str, *, pace: Pace | None = None) -> None:
        self.api = api
        self.app = app
        self.pace = pace or Pace()

    @property
    def ledger(self) -> str | None:
        """Name or id of the app that the receipt belongs to; None where it is the account's."""
        return self.app

    @property
    def about(self) -> str:
        """Name of what the change is of, as a receipt of the account says it."""
        return self.app

    @abstractmethod
    def review(self) -> Review:
        """Look at the present state and say what would change. Changes nothing."""

    @abstractmethod
    def apply(self, review: Review, ui: Ui) -> None:
        """Carry out exactly the reviewed change, if the state is still the reviewed one."""

    @abstractmethod
    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the world, one check after the other."""

    def undo(self, review: Review) -> str | None:
        """Return the command that takes the change back, or None. Called after apply."""
        del review
        return None

    def look(self) -> str:
        """Return the command that shows more when a check failed."""
        return f"heroku logs -n 50 -a {self.app}"
