"""Calls about all accounts of a platform, for its administrators."""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba.client.api import Api
from hatoba.schema.platform import Person

_USERS = "/hatoba/accounts"


def listed(api: Api) -> list[Person]:
    """Return all accounts."""
    return api.pages(_USERS, Person)


def create(api: Api, email: str, *, name: str | None, admin: bool) -> Person:
    """Make an account without a password."""
    body = {"email": email, "name": name, "admin": admin}
    return api.change("POST", _USERS, Person, body=body)


def appoint(api: Api, email: str, *, admin: bool) -> Person:
    """Make an account an administrator's, or not."""
    return api.change("PATCH", f"{_USERS}/{email}", Person, body={"admin": admin})


def remove(api: Api, email: str) -> None:
    """Remove an account that owns nothing."""
    api.send("DELETE", f"/users/{email}")


def reset(api: Api, email: str) -> str:
    """Return a token by which the account's owner sets a password, once, within a day."""
    answer = api.send("POST", f"{_USERS}/{email}/actions/reset-password")
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return str(found["token"])


def end_factor(api: Api, email: str) -> None:
    """End the second factor of somebody who lost their device."""
    api.send("DELETE", f"{_USERS}/{email}/two-factor")
