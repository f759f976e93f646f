"""Requests whose headers are looked up by a dict: several of each request's are asked for."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request


class Asked(Request):
    """A request; of a header that is there more than once the first one counts."""

    @property
    def headers(self) -> Headers:
        """The headers."""
        if not hasattr(self, "_headers"):
            self._headers = FirstHeaders(self.scope["headers"])
        return self._headers


class FirstHeaders(Headers):
    """Headers that are found without a walk through all of them."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        super().__init__(raw=raw)
        self._first = dict(reversed(raw))

    def get(self, key: str, default: Any = None, /) -> Any:  # noqa: ANN401 as in Mapping
        """Return a header's value."""
        value = self._first.get(key.lower().encode("latin-1"))
        return default if value is None else value.decode("latin-1")
