"""Masks known secret values in a stream of bytes, in the forms in which programs print them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, urlsplit

from hatoba.kit.secret import DOTS

# Shorter values would mask ordinary words and numbers.
MIN_LENGTH = 6
_ORDINARY = frozenset({"production", "development", "staging", "enabled", "disabled", "localhost"})
_MASK = DOTS.encode()


class Scrubber:
    """Replaces the secrets in what passes through it, also where one is split over two pieces."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = sorted({f for s in secrets for f in _forms(s)}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, forms))) if forms else None
        self._forms = forms
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return what may be shown by now; a tail that may begin a secret is held back."""
        if self._pattern is None:
            return data
        whole = self._held + data
        sure = self._sure(self._pattern, whole)
        self._held = whole[sure:]
        return self._pattern.sub(_MASK, whole[:sure])

    def close(self) -> bytes:
        """Return what was held back."""
        rest, self._held = self._held, b""
        return self._pattern.sub(_MASK, rest) if self._pattern else rest

    def _sure(self, pattern: re.Pattern[bytes], whole: bytes) -> int:
        """Return how many bytes more input can't change: up to a tail that may begin a secret."""
        sure = min((_begun(form, whole) for form in self._forms), default=len(whole))
        # A secret that lies across the border must not be cut in two.
        across = (m.start() for m in pattern.finditer(whole) if m.start() < sure < m.end())
        return min(across, default=sure)


def _begun(form: bytes, whole: bytes) -> int:
    """Return where a tail of ``whole`` begins that may be the beginning of the form."""
    at = whole.find(form[:1], max(0, len(whole) - len(form) + 1))
    while at >= 0:
        # The first bytes decide mostly; comparing them alone spares copies of long tails.
        if form.startswith(whole[at : at + 8]) and form.startswith(whole[at:]):
            return at
        at = whole.find(form[:1], at + 1)
    return len(whole)


def _forms(secret: str) -> Iterator[bytes]:
    for value in {secret, *_password(secret)}:
        if len(value) >= MIN_LENGTH and not _ordinary(value):
            yield from _encodings(value)


def _ordinary(value: str) -> bool:
    return value.lower() in _ORDINARY


def _password(value: str) -> Iterator[str]:
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield password


def _encodings(value: str) -> Iterator[bytes]:
    raw = value.encode()
    yield raw
    # A terminal writes a line's end so.
    yield raw.replace(b"\n", b"\r\n")
    yield quote(value, safe="").encode()
    yield quote_plus(value).encode()
    yield json.dumps(value)[1:-1].encode()
    yield json.dumps(value, ensure_ascii=False)[1:-1].encode()
    for shift in range(3):
        yield from _base64(raw, shift)


def _base64(raw: bytes, shift: int) -> Iterator[bytes]:
    """Yield the part of the base64 text that the value alone decides, at one of its three places.

    ``shift`` bytes of something else stand before it.
    """
    first = (0, 2, 3)[shift]
    last = (len(raw) + shift) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        sure = encode(b"\0" * shift + raw)[first:last]
        if len(sure) >= MIN_LENGTH:
            yield sure
