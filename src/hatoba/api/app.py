"""Puts the API together."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from hatoba.api.access import EVERYBODY
from hatoba.api.call import Service
from hatoba.api.endpoint import Endpoint, Route, unknown_path
from hatoba.api.kept import Kept
from hatoba.api.logins import Logins
from hatoba.api.paths import Paths
from hatoba.api.ratelimit import LOGINS_AN_HOUR, REQUESTS_AN_HOUR, RateLimit
from hatoba.api.routes import TABLE
from hatoba.api.uploads import Uploads
from hatoba.auth.tokens import Tokens
from hatoba.control.platform import Platform
from hatoba.control.replies import Replies
from hatoba.control.status import Health

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def create_app(
    platform: Platform,
    tokens: Tokens,
    health: Health,
    *,
    requests_an_hour: int = REQUESTS_AN_HOUR,
) -> Starlette:
    """Return the API of a platform.

    ``tokens`` is shared with git's front door, so that a revoked token is refused there too;
    ``health`` answers ``GET /hatoba/status``. Unknown paths are answered here: mount it last.
    """
    service = Service(
        platform=platform,
        tokens=tokens,
        health=health,
        requests=RateLimit(platform.clock, requests_an_hour),
        logins=RateLimit(platform.clock, LOGINS_AN_HOUR),
        browser_logins=Logins(platform.clock),
        replies=Replies(platform.store, platform.vault, platform.clock),
        uploads=Uploads(platform.sources / "uploads", platform.clock),
        kept=Kept(),
    )
    paths: dict[str, dict[str, Route[Any]]] = {}
    for route in TABLE:
        paths.setdefault(route.path, {})[route.method] = route
    nowhere = {m: Route(m, "/{path:path}", EVERYBODY, unknown_path) for m in _METHODS}
    paths["/{path:path}"] = nowhere
    return Starlette(routes=[Paths({p: Endpoint(service, r) for p, r in paths.items()})])
