"""Having an app changed only with a second factor."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, guards
from hatoba.client.api import Api
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check

_WORDS = {True: "a token and a second factor", False: "a token"}


class Guard(Operation):
    """Has every change of an app take a second factor, or a token alone again."""

    def __init__(self, api: Api, app: str, *, guarded: bool) -> None:
        super().__init__(api, app)
        self.name = "apps:guard" if guarded else "apps:unguard"
        self._guarded = guarded

    def review(self) -> Review:
        """Show what a change of the app takes now."""
        _, version = apps.reviewed(self.api, self.app)
        before = guards.guarded(self.api, self.app)
        same = before == self._guarded
        row = Row("~", "a change takes", _WORDS[before], _WORDS[self._guarded])
        return Review(
            title=f"A change of {self.app} takes {_WORDS[before]}",
            kind=Kind.CHANGE if self._guarded else Kind.RISKY,
            rows=() if same else (row,),
            why=f"Whoever has a token for {self.app} can change it then.",
            before={"guarded": before},
            after={"guarded": self._guarded},
            request={"guarded": self._guarded},
            version=version,
            nothing="That is so already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Switch it."""
        with ui.progress(f"{'Guarding' if self._guarded else 'Unguarding'} {self.app}"):
            guards.switch(self.api, self.app, guarded=self._guarded, version=review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        good = guards.guarded(self.api, self.app) == self._guarded
        yield Check(f"a change of {self.app} takes {_WORDS[self._guarded]}", ok=good, seen="")

    def undo(self, review: Review) -> str:
        """Return the other command."""
        del review
        return f"heroku apps:{'unguard' if self._guarded else 'guard'} -a {self.app}"
