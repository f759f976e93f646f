"""Making, rotating and destroying credentials of databases."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import databases
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.databases import DatabaseOperation
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check

DEFAULT = "default"


class CredentialOperation(DatabaseOperation):
    """A change of one credential of a database."""

    def __init__(
        self, api: Api, app: str, database: str | None, credential: str, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, database, pace=pace)
        self._credential = credential

    def names(self) -> list[str]:
        """Return the credentials that there are."""
        there = databases.credentials(self.api, self.database.addon.name)
        return [one.name for one in there]


class CreateCredential(CredentialOperation):
    """Makes a further credential, which may connect and gets its rights from the default one."""

    name = "pg:credentials:create"

    def review(self) -> Review:
        """Show the credentials that there are."""
        found, version = self.resolve()
        there = self.names()
        return Review(
            title=f"{found.addon.name} credentials: {', '.join(there)}",
            rows=(Row("+", self._credential, "", ""),),
            kind=Kind.CHANGE,
            before={"credentials": there},
            after={"credentials": [*there, self._credential]},
            request={"name": self._credential},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make it."""
        with ui.progress(f"Creating credential {self._credential}"):
            name = self.database.addon.name
            databases.create_credential(self.api, name, self._credential, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        yield Check(f"{self._credential} is there", ok=self._credential in self.names(), seen="")

    def undo(self, review: Review) -> str:
        """Return the command that destroys it."""
        del review
        at = f"{self.database.name} --name {self._credential} -a {self.app}"
        return f"heroku pg:credentials:destroy {at}"


class DestroyCredential(CredentialOperation):
    """Drops a credential; what it owned goes to the default one."""

    name = "pg:credentials:destroy"

    def review(self) -> Review:
        """Show what goes. Raises ClientError for the default one."""
        if self._credential == DEFAULT:
            raise ClientError(
                "The default credential can't be destroyed. "
                f"Give it another password: heroku pg:credentials:rotate -a {self.app}"
            )
        found, version = self.resolve()
        there = self.names()
        return Review(
            title=f"{found.addon.name} credentials: {', '.join(there)}",
            rows=(Row("-", self._credential, "", ""),),
            kind=Kind.DESTRUCTIVE,
            why=f"Nobody can connect as {self._credential} any more.",
            before={"credentials": there},
            after={"credentials": [n for n in there if n != self._credential]},
            request={"name": self._credential},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Drop it."""
        with ui.progress(f"Destroying credential {self._credential}"):
            name = self.database.addon.name
            databases.destroy_credential(self.api, name, self._credential, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        del review
        gone = self._credential not in self.names()
        yield Check(f"{self._credential} is gone", ok=gone, seen="")


class RotateCredential(DatabaseOperation):
    """Gives a credential, or all (None), another password, and their apps the new URLs."""

    name = "pg:credentials:rotate"

    def __init__(
        self,
        api: Api,
        app: str,
        database: str | None,
        credential: str | None,
        *,
        end_now: bool = False,
    ) -> None:
        super().__init__(api, app, database)
        self._credential = credential
        self._end_now = end_now
        self._before: dict[str, str] = {}

    def review(self) -> Review:
        """Show which config vars change."""
        found, version = self.resolve()
        mine = [
            a
            for a in databases.attached(self.api, self.app)
            if a.addon.id == found.addon.id and self._credential in (None, a.credential)
        ]
        self._before = {a.url_var: databases.url(self.api, a) for a in mine}
        names = list(self._before)
        return Review(
            title=f"{found.addon.name} {self._which()}",
            rows=tuple(Row("~", name, "••••", "••••", "new password") for name in names),
            kind=Kind.RISKY,
            why="Whoever has the old password by other means than the config var is shut out.",
            before={"credential": self._credential, "config_vars": names},
            after={"credential": self._credential, "config_vars": names},
            request={"name": self._credential, "forced": self._end_now},
            version=version,
        )

    def _which(self) -> str:
        if self._credential is not None:
            return f"credential {self._credential}"
        there = databases.credentials(self.api, self.database.addon.name)
        return f"credentials: {', '.join(one.name for one in there)}"

    def apply(self, review: Review, ui: Ui) -> None:
        """Rotate it."""
        with ui.progress(
            f"Rotating {self._credential or 'all credentials'} on {self.database.addon.name}"
        ):
            databases.rotate(
                self.api,
                self.database.addon.name,
                self._credential,
                end_now=self._end_now,
                version=review.version,
            )

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect by the new URLs; the old ones must not work any more."""
        del review
        for attachment in databases.attached(self.api, self.app):
            if attachment.url_var in self._before:
                yield database_world.connects(self.api, attachment)
        for name, url in self._before.items():
            yield database_world.refused(url, f"the old {name} lets nobody in")
        yield from on_new_release(self.api, self.app, self.pace)


class RepairDefault(DatabaseOperation):
    """Makes the default credential own everything in its database again."""

    name = "pg:credentials:repair-default"

    def review(self) -> Review:
        """Show which database it is."""
        found, version = self.resolve()
        return Review(
            title=f"{found.addon.name} on {self.app}",
            rows=(Row("~", "owner of all objects", "", "default"),),
            kind=Kind.RISKY,
            why="What other credentials own goes to the default one.",
            before={"database": found.addon.name},
            after={"database": found.addon.name, "owner": "default"},
            request={"database": found.addon.name},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Repair it."""
        with ui.progress("Resetting permissions and object ownership for default role"):
            databases.repair_default(self.api, review.request["database"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect as the default credential."""
        del review
        yield database_world.connects(self.api, self.database)
