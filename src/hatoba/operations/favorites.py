"""Making an app a favorite, or none any more."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, metrics
from hatoba.client.api import Api
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check


class ChangeFavorite(Operation):
    """Adds the app to the account's favorites, or takes it off."""

    def __init__(self, api: Api, app: str, *, add: bool) -> None:
        super().__init__(api, app)
        self.name = f"apps:favorites:{'add' if add else 'remove'}"
        self._add = add
        self._app_id = ""

    def review(self) -> Review:
        """Show whether it is one."""
        app, _ = apps.reviewed(self.api, self.app)
        self._app_id = app.id
        there = self._there()
        states = {True: "a favorite", False: "no favorite"}
        return Review(
            title=f"{app.name} is {states[there]}.",
            rows=(Row("~", app.name, states[there], states[self._add]),),
            kind=Kind.CHANGE,
            before={"favorite": there},
            after={"favorite": self._add},
            request={"favorite": self._add},
            nothing=f"{app.name} is {states[there]} already." if there is self._add else None,
        )

    def _there(self) -> bool:
        return any(one.resource_id == self._app_id for one in metrics.favorites(self.api))

    def apply(self, review: Review, ui: Ui) -> None:
        """Add it or take it off."""
        del review
        words = f"Adding {self.app} to" if self._add else f"Removing {self.app} from"
        with ui.progress(f"{words} favorites"):
            if self._add:
                metrics.add_favorite(self.api, self.app)
                return
            for one in metrics.favorites(self.api):
                if one.resource_id == self._app_id:
                    metrics.remove_favorite(self.api, one.id)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        word = "is" if self._add else "is not"
        yield Check(f"{self.app} {word} a favorite", ok=self._there() is self._add, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that takes it back."""
        del review
        verb = "remove" if self._add else "add"
        return f"heroku apps:favorites:{verb} -a {self.app}"
