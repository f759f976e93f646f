"""Changes of one entry in a list of an account's or a team's: members, keys, clients."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hatoba.client.api import Api
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check


class Entry(Operation):
    """Adds one entry, changes what is known of it or, with ``after`` None, removes it.

    ``key`` names the entry, as the list tells it. There is no app and so no version of its
    state: the list is looked at once more right before the change.
    """

    kind_of_removal = Kind.RISKY

    def __init__(self, api: Api, key: str, after: str | None) -> None:
        super().__init__(api, key)
        self.key = key
        self.after = after

    @property
    def ledger(self) -> str | None:
        """No app's."""
        return None

    @abstractmethod
    def present(self) -> Mapping[str, str]:
        """Return what is in the list now: by name what is known of it."""

    @abstractmethod
    def carry_out(self) -> None:
        """Make the change."""

    @property
    @abstractmethod
    def doing(self) -> str:
        """What is being done, as its progress is told: ``Adding …``."""

    @property
    def why(self) -> str:
        """What hurts about removing or changing it, a whole sentence."""
        return ""

    def check(self, before: str | None) -> None:
        """Raise UsageError for what makes no sense, such as removing what is not there."""
        del before

    def review(self) -> Review:
        """Show what is there now."""
        before = self.present().get(self.key)
        self.check(before)
        sign = "+" if before is None else "-" if self.after is None else "~"
        same = before == self.after
        return Review(
            title=self.doing,
            rows=() if same else (Row(sign, self.key, before or "", self.after or ""),),
            kind=Kind.CHANGE if before is None else self.kind_of_removal,
            why=self.why,
            before={self.key: before},
            after={self.key: self.after},
            request={self.key: self.after},
            nothing="That is so already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the change."""
        del review
        with ui.progress(self.doing):
            self.carry_out()

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        found = self.present().get(self.key)
        good = found == self.after
        wanted = f"{self.key} is there: {self.after}" if self.after else f"{self.key} is gone"
        yield Check(wanted, ok=good, seen="" if good else found or "it is not there")

    def look(self) -> str:
        """Return the command that shows more when a check failed."""
        return "hatoba platform:logs"


@dataclass(frozen=True)
class Plain:
    """What an entry's change is made of, where it needs no class of its own.

    ``undo`` is the command that takes it back, ``look`` the one that shows the list.
    """

    name: str
    doing: str
    look: str
    present: Callable[[], Mapping[str, str]]
    carry_out: Callable[[], None]
    why: str = ""
    undo: str | None = None
    removal: Kind = Kind.RISKY


class PlainEntry(Entry):
    """Adds, changes or removes an entry as it was told."""

    def __init__(self, api: Api, key: str, after: str | None, plain: Plain) -> None:
        super().__init__(api, key, after)
        self.name = plain.name
        self.kind_of_removal = plain.removal
        self._plain = plain

    def present(self) -> Mapping[str, str]:
        """Return what is in the list now."""
        return self._plain.present()

    def carry_out(self) -> None:
        """Make the change."""
        self._plain.carry_out()

    @property
    def doing(self) -> str:
        """What is being done."""
        return self._plain.doing

    @property
    def why(self) -> str:
        """What hurts about it."""
        return self._plain.why

    def undo(self, review: Review) -> str | None:
        """Return the command that takes it back."""
        del review
        return self._plain.undo

    def look(self) -> str:
        """Return the command that shows the list."""
        return self._plain.look
