"""All accounts of a platform, as its administrators change them."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba.client import users
from hatoba.client.api import Api
from hatoba.operations.base import Kind
from hatoba.operations.entries import Plain, PlainEntry

_LOOK = "heroku users"


def _role(admin: bool) -> str:
    return "administrator" if admin else "user"


def _present(api: Api) -> Mapping[str, str]:
    return {one.email: _role(one.admin) for one in users.listed(api)}


def add(api: Api, email: str, *, name: str | None, admin: bool) -> PlainEntry:
    """Return what makes an account."""

    def carry_out() -> None:
        users.create(api, email, name=name, admin=admin)

    return PlainEntry(
        api,
        email.strip().lower(),
        _role(admin),
        Plain(
            name="users:add",
            doing=f"Adding the account {email}",
            look=_LOOK,
            present=lambda: _present(api),
            carry_out=carry_out,
            undo=f"heroku users:remove {email} --confirm {email}",
            why=f"{email} has an account already, which stays as it is.",
        ),
    )


def appoint(api: Api, email: str, *, admin: bool) -> PlainEntry:
    """Return what makes an account an administrator's, or not."""

    def carry_out() -> None:
        users.appoint(api, email, admin=admin)

    can = "can" if admin else "can't"
    plain = Plain(
        name="users:set",
        doing=f"Making {email} {'an administrator' if admin else 'a user'}",
        look=_LOOK,
        present=lambda: _present(api),
        carry_out=carry_out,
        why=f"{email} {can} make and remove accounts and reset passwords then.",
        undo=f"heroku users:set {email} {'--no-admin' if admin else '--admin'}",
    )
    return PlainEntry(api, email.strip().lower(), _role(admin), plain)


def remove(api: Api, email: str) -> PlainEntry:
    """Return what removes an account that owns nothing."""
    return PlainEntry(
        api,
        email.strip().lower(),
        None,
        Plain(
            name="users:remove",
            doing=f"Removing the account {email}",
            look=_LOOK,
            present=lambda: _present(api),
            carry_out=lambda: users.remove(api, email),
            why=f"{email} can't log in any more and loses all access; this can't be undone.",
            removal=Kind.DESTRUCTIVE,
        ),
    )


def reset(api: Api, email: str, *, factor: bool) -> tuple[PlainEntry, list[str]]:
    """Return what makes a token for a new password, and where that is put."""
    made: list[str] = []

    def carry_out() -> None:
        if factor:
            users.end_factor(api, email)
        made.append(users.reset(api, email))

    def present() -> Mapping[str, str]:
        there = _present(api)
        return {email: "token made"} if made and email in there else {}

    ends = " and logs in without a second factor" if factor else ""
    plain = Plain(
        name="users:reset",
        doing=f"Making a token for {email}",
        look=_LOOK,
        present=present,
        carry_out=carry_out,
        why=f"Whoever has the token sets the password of {email}{ends}.",
    )
    return PlainEntry(api, email, "token made", plain), made
