"""Authorizations and OAuth clients of the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatoba.client import account
from hatoba.client.api import Api
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.entries import Plain, PlainEntry
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Authorization, OAuthClient

_LOOK = "heroku authorizations"


class Make(Operation):
    """Makes something with a secret of its own: an authorization, or an OAuth client.

    ``made`` has it afterwards, with the secret, which nothing else ever shows.
    """

    def __init__(self, api: Api, wanted: Mapping[str, object]) -> None:
        super().__init__(api, str(wanted.get("description") or wanted.get("name") or ""))
        self._wanted = {key: value for key, value in wanted.items() if value is not None}

    @property
    def ledger(self) -> str | None:
        """No app's."""
        return None

    def review(self) -> Review:
        """Show what is made; nothing is there yet."""
        rows = tuple(Row("+", key, "", _text(value)) for key, value in self._wanted.items())
        return Review(
            title=f"New {self.name.partition(':')[0].removesuffix('s')}",
            kind=Kind.CHANGE,
            rows=rows,
            before={},
            after=dict(self._wanted),
            request=dict(self._wanted),
        )


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


class Authorize(Make):
    """Makes an authorization."""

    name = "authorizations:create"
    made: Authorization

    def apply(self, review: Review, ui: Ui) -> None:
        """Make it."""
        with ui.progress("Creating OAuth Authorization"):
            self.made = account.authorize(self.api, review.request)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        found = account.authorization(self.api, self.made.id)
        scopes = ", ".join(found.scope)
        yield Check(f"it is there, for {scopes}", ok=found.scope == self.made.scope, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that takes it back."""
        del review
        return f"heroku authorizations:revoke {self.made.id}"

    def look(self) -> str:
        """Return the command that shows all."""
        return _LOOK


class MakeClient(Make):
    """Makes an OAuth client."""

    name = "clients:create"
    made: OAuthClient

    def apply(self, review: Review, ui: Ui) -> None:
        """Make it."""
        wanted = review.request
        with ui.progress(f"Creating {wanted['name']}"):
            self.made = account.create_client(self.api, wanted["name"], wanted["redirect_uri"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        there = [one.id for one in account.clients(self.api)]
        yield Check(f"{self.made.name} is there", ok=self.made.id in there, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that takes it back."""
        del review
        return f"heroku clients:destroy {self.made.id}"

    def look(self) -> str:
        """Return the command that shows all."""
        return "heroku clients"


def _authorizations(api: Api) -> Mapping[str, str]:
    return {one.id: one.description or "" for one in account.authorizations(api)}


def describe(api: Api, one: Authorization, text: str) -> PlainEntry:
    """Return what changes how an authorization is called."""
    return PlainEntry(
        api,
        one.id,
        text,
        Plain(
            name="authorizations:update",
            doing="Updating OAuth Authorization",
            look=_LOOK,
            present=lambda: _authorizations(api),
            carry_out=lambda: _describe(api, one.id, text),
            why=f"It was called {one.description or 'nothing'}.",
            removal=Kind.CHANGE,
        ),
    )


def _describe(api: Api, authorization_id: str, text: str) -> None:
    account.describe(api, authorization_id, text)


def revoke(api: Api, one: Authorization) -> PlainEntry:
    """Return what removes an authorization."""
    return PlainEntry(
        api,
        one.id,
        None,
        Plain(
            name="authorizations:revoke",
            doing="Revoking OAuth Authorization",
            look=_LOOK,
            present=lambda: _authorizations(api),
            carry_out=lambda: _revoke(api, one.id),
            why=f"Whatever uses the token of {one.description or one.id} is refused from now on.",
        ),
    )


def _revoke(api: Api, authorization_id: str) -> None:
    account.revoke(api, authorization_id)


def _clients(api: Api) -> Mapping[str, str]:
    return {one.id: f"{one.name} {one.redirect_uri}" for one in account.clients(api)}


def update_client(api: Api, one: OAuthClient, name: str, redirect_uri: str) -> PlainEntry:
    """Return what changes a client's name or address."""
    body = {"name": name, "redirect_uri": redirect_uri}
    return PlainEntry(
        api,
        one.id,
        f"{name} {redirect_uri}",
        Plain(
            name="clients:update",
            doing=f"Updating {one.name}",
            look="heroku clients",
            present=lambda: _clients(api),
            carry_out=lambda: _update_client(api, one.id, body),
            why="Accounts are sent back to the new address from now on.",
            undo=f"heroku clients:update {one.id} -n '{one.name}' --url {one.redirect_uri}",
        ),
    )


def _update_client(api: Api, client_id: str, body: Mapping[str, object]) -> None:
    account.update_client(api, client_id, body)


def destroy_client(api: Api, one: OAuthClient) -> PlainEntry:
    """Return what removes a client."""
    return PlainEntry(
        api,
        one.id,
        None,
        Plain(
            name="clients:destroy",
            doing=f"Destroying {one.name}",
            look="heroku clients",
            present=lambda: _clients(api),
            carry_out=lambda: _destroy_client(api, one.id),
            why=f"All tokens that {one.name} holds are refused from now on.",
        ),
    )


def _destroy_client(api: Api, client_id: str) -> None:
    account.destroy_client(api, client_id)


class Rotate(Operation):
    """Gives an authorization a new token, or a client a new secret; the old one ends at once.

    ``secret`` is the new one afterwards.
    """

    def __init__(self, api: Api, one: Authorization | OAuthClient) -> None:
        called = one.name if isinstance(one, OAuthClient) else one.description or one.id
        super().__init__(api, called)
        self.name = f"{'clients' if isinstance(one, OAuthClient) else 'authorizations'}:rotate"
        self._one = one
        self.secret = ""

    @property
    def ledger(self) -> str | None:
        """No app's."""
        return None

    def review(self) -> Review:
        """Show what it is about; the secret itself is in no list."""
        what = "secret" if isinstance(self._one, OAuthClient) else "token"
        return Review(
            title=f"{self.app} gets a new {what}",
            kind=Kind.RISKY,
            rows=(Row("~", what, "the present one", "a new one"),),
            why=f"Whatever uses the present {what} of {self.app} is refused from now on.",
            before={"id": self._one.id},
            after={"id": self._one.id, what: "new"},
            request={"id": self._one.id},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Rotate it."""
        del review
        with ui.progress(f"Rotating {self.app}"):
            if isinstance(self._one, OAuthClient):
                self.secret = account.rotate_client(self.api, self._one.id).secret
            else:
                made = account.rotate(self.api, self._one.id)
                self.secret = str((made.access_token or {})["token"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Look whether there is a new one."""
        del review
        yield Check("there is a new one", ok=bool(self.secret), seen="")

    def look(self) -> str:
        """Return the command that shows all."""
        return f"heroku {self.name.partition(':')[0]}"
