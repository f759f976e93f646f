"""Letting others work on an app, and taking that away."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, collaborators
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check


class GiveAccess(Operation):
    """Lets an account work on an app."""

    name = "access:add"

    def __init__(self, api: Api, app: str, email: str) -> None:
        super().__init__(api, app)
        self._email = email.strip().lower()

    def review(self) -> Review:
        """Show who has access already."""
        app, version = apps.reviewed(self.api, self.app)
        there = _emails(self.api, self.app)
        known = self._email in there
        return Review(
            title=f"{app.name} can be worked on by {', '.join(there)}",
            rows=() if known else (Row("+", self._email, "", "collaborator"),),
            kind=Kind.CHANGE,
            before={"access": there},
            after={"access": [*there, self._email]},
            request={"user": self._email},
            version=version,
            nothing=f"{self._email} has access already." if known else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Add the collaborator."""
        with ui.progress(f"Adding {self._email} access to the app {self.app}"):
            collaborators.add(self.api, self.app, review.request["user"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        good = self._email in _emails(self.api, self.app)
        yield Check(f"{self._email} can view, deploy and operate {self.app}", ok=good, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that takes it away."""
        del review
        return f"heroku access:remove {self._email} -a {self.app}"


class TakeAccess(Operation):
    """Takes an account's access to an app away."""

    name = "access:remove"

    def __init__(self, api: Api, app: str, email: str) -> None:
        super().__init__(api, app)
        self._email = email.strip().lower()

    def review(self) -> Review:
        """Show whose access goes. Raises UsageError when there is none."""
        app, version = apps.reviewed(self.api, self.app)
        there = _emails(self.api, self.app)
        if self._email not in there:
            raise UsageError(
                f"{self._email} has no access to {app.name}. See: heroku access -a {app.name}"
            )
        return Review(
            title=f"{app.name} can be worked on by {', '.join(there)}",
            rows=(Row("-", self._email, "collaborator", ""),),
            kind=Kind.RISKY,
            why=f"{self._email} can't see, deploy or operate {app.name} any more.",
            before={"access": there},
            after={"access": [email for email in there if email != self._email]},
            request={"user": self._email},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove the collaborator."""
        with ui.progress(f"Removing {self._email} access from the app {self.app}"):
            collaborators.remove(self.api, self.app, review.request["user"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        good = self._email not in _emails(self.api, self.app)
        yield Check(f"{self._email} has no access", ok=good, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that gives it back."""
        del review
        return f"heroku access:add {self._email} -a {self.app}"


def _emails(api: Api, app: str) -> list[str]:
    return [one.user["email"] for one in collaborators.listed(api, app)]
