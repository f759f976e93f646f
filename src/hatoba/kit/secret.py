"""A value that does not show itself: in text it is dots and a keyed fingerprint."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit, urlunsplit

DOTS = "••••"


def fingerprint(key: bytes, value: str) -> str:
    """Return four hex digits that tell two values apart without telling either.

    The digits depend on the key, so they can't be looked up in a table of common values.
    """
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:4]


def masked_url(url: str) -> str:
    """Return the URL without what may be secret in it: user, password and query.

    Of one that can't be read only the scheme is shown.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{url.partition('://')[0]}://{DOTS}"
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{DOTS}{at}{host}" if user else host
    return urlunsplit((parts.scheme, netloc, parts.path, DOTS if parts.query else "", ""))


class Secret:
    """A string whose ``str``, ``repr`` and format are masked; ``reveal()`` gives the value."""

    __slots__ = ("_mark", "_value")

    def __init__(self, value: str, *, key: bytes = b"") -> None:
        self._value = value
        self._mark = fingerprint(key, value) if key else ""

    def reveal(self) -> str:
        """Return the value itself; every caller of this is a place to review."""
        return self._value

    @property
    def fingerprint(self) -> str:
        """The keyed fingerprint, or an empty string when no key was given."""
        return self._mark

    def __str__(self) -> str:
        return f"{DOTS} {self._mark}".rstrip()

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    def __hash__(self) -> int:
        return hash(self._value)
