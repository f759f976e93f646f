"""Getting a token: with address and password, or by a browser."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import msgspec

from hatoba.client.api import Api, decode
from hatoba.client.errors import ClientError
from hatoba.schema.platform import Authorization

# As the official command line asks for: thirty days.
LASTS_SECONDS = 30 * 24 * 3600
_CODE = "Heroku-Two-Factor-Code"


@dataclass(frozen=True)
class Wish:
    """What the token is called, and for how many seconds it is good."""

    description: str
    expires_in: int = LASTS_SECONDS


def by_password(anybody: Api, email: str, password: str, *, code: str | None, wish: Wish) -> str:
    """Return a new token. Raises ApiError ``two_factor`` while a code is missing or wrong."""
    pair = base64.b64encode(f"{email}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", **({_CODE: code} if code else {})}
    body = {
        "description": wish.description,
        "expires_in": wish.expires_in,
        "scope": ["global"],
    }
    answer = anybody.send("POST", "/oauth/authorizations", body=body, headers=headers)
    return str((decode(answer, Authorization).access_token or {})["token"])


@dataclass(frozen=True)
class Begun:
    """A login that waits for somebody in a browser: at ``url``."""

    url: str
    waits_at: str
    token: str = field(repr=False)


def begin(anybody: Api, description: str) -> Begun:
    """Begin a login by a browser."""
    answer = anybody.send("POST", "/auth", body={"description": description})
    found = decode(answer, dict[str, str])
    url = f"{anybody.target.api_url}{found['browser_url']}"
    return Begun(url, found["cli_url"], found["token"])


def wait(anybody: Api, begun: Begun) -> str:
    """Return the token once somebody has logged in. Raises ClientError when nobody does."""
    headers = {"Authorization": f"Bearer {begun.token}"}
    answer = anybody.send("GET", begun.waits_at, headers=headers)
    found = msgspec.json.decode(answer.body, type=dict[str, str])
    if "access_token" not in found:
        raise ClientError(found.get("error", "Nobody logged in."))
    return found["access_token"]
