"""Letting others work on an app, changing what they may do, and taking it away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatoba.client import apps, collaborators
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.ownership import TEAM_DOMAIN
from hatoba.schema.hatoba import Check

# What a collaborator gets unless told otherwise.
USUAL = ("view", "deploy", "operate")


def _given(api: Api, app: str) -> dict[str, str]:
    """Return who may do what, by address; the account that stands for a team is nobody."""
    return {
        one.user["email"]: _words([p["name"] for p in one.permissions])
        for one in collaborators.listed(api, app)
        if not one.user["email"].endswith(TEAM_DOMAIN)
    }


def _words(permissions: Sequence[str]) -> str:
    return ", ".join(permissions)


def _wanted(permissions: Sequence[str]) -> tuple[str, ...]:
    """Return permissions in their order; whoever may do anything may also view."""
    order = (*USUAL, "manage")
    return tuple(one for one in order if one in permissions or one == "view")


class GiveAccess(Operation):
    """Lets an account work on an app."""

    name = "access:add"

    def __init__(
        self, api: Api, app: str, email: str, permissions: Sequence[str] | None = None
    ) -> None:
        super().__init__(api, app)
        self._email = email.strip().lower()
        self._permissions = _wanted(permissions) if permissions else None

    @property
    def _words(self) -> str:
        return _words(self._permissions or USUAL)

    def review(self) -> Review:
        """Show who has access already."""
        app, version = apps.reviewed(self.api, self.app)
        there = _given(self.api, self.app)
        known = self._email in there
        if known and self._permissions and there[self._email] != self._words:
            raise UsageError(
                f"{self._email} has access already. To change it: heroku access:update "
                f"{self._email} -p {','.join(self._permissions)} -a {app.name}"
            )
        return Review(
            title=f"{app.name} can be worked on by {', '.join(there)}",
            rows=() if known else (Row("+", self._email, "", self._words),),
            kind=Kind.CHANGE,
            before={"access": there},
            after={"access": {**there, self._email: self._words}},
            request={"user": self._email, "permissions": self._permissions},
            version=version,
            nothing=f"{self._email} has access already." if known else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Add the collaborator."""
        with ui.progress(f"Adding {self._email} access to the app {self.app}"):
            collaborators.add(
                self.api, self.app, self._email, review.version, permissions=self._permissions
            )

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        found = _given(self.api, self.app).get(self._email, "")
        good = bool(found) if self._permissions is None else found == self._words
        yield Check(f"{self._email} has access to {self.app}", ok=good, seen=found)

    def undo(self, review: Review) -> str:
        """Return the command that takes it away."""
        del review
        return f"heroku access:remove {self._email} -a {self.app}"


class ChangeAccess(Operation):
    """Changes what a collaborator may do."""

    name = "access:update"

    def __init__(self, api: Api, app: str, email: str, permissions: Sequence[str]) -> None:
        super().__init__(api, app)
        self._email = email.strip().lower()
        self._permissions = _wanted(permissions)

    def review(self) -> Review:
        """Show what they may do now. Raises UsageError when they have no access."""
        app, version = apps.reviewed(self.api, self.app)
        before = _given(self.api, self.app).get(self._email)
        if before is None:
            raise _no_access(self._email, app.name)
        after = _words(self._permissions)
        lost = [one for one in before.split(", ") if one not in self._permissions]
        return Review(
            title=f"{self._email} may {before} {app.name}",
            rows=() if before == after else (Row("~", self._email, before, after),),
            kind=Kind.RISKY,
            why=(
                f"{self._email} can't {' or '.join(lost)} {app.name} any more."
                if lost
                else f"{self._email} can do more with {app.name}."
            ),
            before={"permissions": before},
            after={"permissions": after},
            request={"user": self._email, "permissions": self._permissions},
            version=version,
            nothing="That is so already." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Change it."""
        with ui.progress(f"Updating {self._email} in application {self.app}"):
            collaborators.change(self.api, self.app, self._email, self._permissions, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        found = _given(self.api, self.app).get(self._email, "")
        wanted = review.after["permissions"]
        good = found == wanted
        yield Check(f"{self._email} may {wanted}", ok=good, seen="" if good else found)

    def undo(self, review: Review) -> str:
        """Return the command that changes it back."""
        before = review.before["permissions"].replace(", ", ",")
        return f"heroku access:update {self._email} -p {before} -a {self.app}"


class TakeAccess(Operation):
    """Takes an account's access to an app away."""

    name = "access:remove"

    def __init__(self, api: Api, app: str, email: str) -> None:
        super().__init__(api, app)
        self._email = email.strip().lower()

    def review(self) -> Review:
        """Show whose access goes. Raises UsageError when there is none."""
        app, version = apps.reviewed(self.api, self.app)
        there = _given(self.api, self.app)
        if self._email not in there:
            raise _no_access(self._email, app.name)
        left = {email: may for email, may in there.items() if email != self._email}
        return Review(
            title=f"{app.name} can be worked on by {', '.join(there)}",
            rows=(Row("-", self._email, there[self._email], ""),),
            kind=Kind.RISKY,
            why=f"{self._email} can't {there[self._email]} {app.name} any more.",
            before={"access": there},
            after={"access": left},
            request={"user": self._email},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove the collaborator."""
        with ui.progress(f"Removing {self._email} access from the app {self.app}"):
            collaborators.remove(self.api, self.app, self._email, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        good = self._email not in _given(self.api, self.app)
        yield Check(f"{self._email} has no access", ok=good, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that gives it back."""
        may = review.before["access"][self._email].replace(", ", ",")
        return f"heroku access:add {self._email} -p {may} -a {self.app}"


def _no_access(email: str, app: str) -> UsageError:
    return UsageError(f"{email} has no access to {app}. See: heroku access -a {app}")
