"""URLs that are their own credential: signed for one purpose, until a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from hatoba import errors
from hatoba.api.call import Call
from hatoba.control.platform import Platform

_EXPIRES, _SIGNATURE = "expires", "signature"


def url(
    call: Call, purpose: str, path: str, *, lasts: timedelta, query: Mapping[str, str] | None = None
) -> str:
    """Return a URL of this API, for the caller, that opens without credentials for that long."""
    platform = call.platform
    expires = int((platform.clock.now() + lasts).timestamp())
    values = {**(query or {}), _EXPIRES: str(expires)}
    signature = platform.vault.sign(purpose, _text(path, values))
    return f"{call.reach.url}{path}?{urlencode({**values, _SIGNATURE: signature})}"


def check(platform: Platform, purpose: str, path: str, query: Mapping[str, str]) -> None:
    """Raise Forbidden unless ``url`` made this path and query, and it is not over."""
    values = {k: v for k, v in query.items() if k != _SIGNATURE}
    if not platform.vault.verify(purpose, _text(path, values), query.get(_SIGNATURE, "")):
        raise errors.Forbidden("The signature of this URL is not valid.")
    if int(values[_EXPIRES]) < platform.clock.now().timestamp():
        raise errors.Forbidden("This URL has expired. Ask for a new one.")


def _text(path: str, values: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(sorted(values.items()))}"
