"""Finds the endpoint of a path segment by segment, however many endpoints there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

_REST = ":path}"


@dataclass
class _Node:
    """What may follow a part of a path: certain words, else any one segment, else all the rest."""

    words: dict[str, _Node] = field(default_factory=dict)
    any: _Node | None = None
    rest: tuple[ASGIApp, tuple[str, ...]] | None = None
    here: tuple[ASGIApp, tuple[str, ...]] | None = None


class Paths(BaseRoute):
    """Endpoints by paths such as ``/apps/{app}/log-drains/{drain:path}``.

    A word goes before a parameter, which never is empty; ``{name:path}`` takes what is left.
    """

    def __init__(self, endpoints: Mapping[str, ASGIApp]) -> None:
        self._root = _Node()
        for path, endpoint in endpoints.items():
            self._add(path, endpoint)

    def _add(self, path: str, endpoint: ASGIApp) -> None:
        node, names = self._root, []
        for part in path.split("/")[1:]:
            if not part.startswith("{"):
                node = node.words.setdefault(part, _Node())
                continue
            names.append(part.strip("{}").partition(":")[0])
            if part.endswith(_REST):
                node.rest = endpoint, tuple(names)
                return
            node.any = node.any or _Node()
            node = node.any
        node.here = endpoint, tuple(names)

    def find(self, path: str) -> tuple[ASGIApp, dict[str, str]] | None:
        """Return the endpoint and its parameters; None where there is none."""
        return _find(self._root, path.split("/")[1:], 0, ())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell Starlette whether there is an endpoint."""
        found = self.find(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            return Match.NONE, {}
        return Match.FULL, {"endpoint": found[0], "path_params": found[1]}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        endpoint: Any = scope["endpoint"]
        await endpoint(scope, receive, send)

    def url_path_for(self, name: str, /, **_: Any) -> Any:  # noqa: ANN401
        """No URL is made from a route's name here."""
        raise NotImplementedError(name)


def _find(
    node: _Node, parts: list[str], at: int, values: tuple[str, ...]
) -> tuple[ASGIApp, dict[str, str]] | None:
    if at == len(parts):
        return _bound(node.here, values)
    part = parts[at]
    word = node.words.get(part)
    found = _find(word, parts, at + 1, values) if word else None
    if found is None and node.any is not None and part:
        found = _find(node.any, parts, at + 1, (*values, part))
    if found is None and node.rest is not None:
        found = _bound(node.rest, (*values, "/".join(parts[at:])))
    return found


def _bound(
    end: tuple[ASGIApp, tuple[str, ...]] | None, values: tuple[str, ...]
) -> tuple[ASGIApp, dict[str, str]] | None:
    return (end[0], dict(zip(end[1], values, strict=True))) if end else None
