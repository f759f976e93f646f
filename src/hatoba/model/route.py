"""Routes: what the router is told about one app."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class RouteMode(StrEnum):
    """How an app's requests are answered."""

    SERVING = "serving"
    STARTING = "starting"
    MAINTENANCE = "maintenance"
    NO_WEB = "no_web"
    CRASHED = "crashed"
    BLANK = "blank"


@dataclass(frozen=True)
class Endpoint:
    """A web dyno that accepts connections; a draining one gets no new requests.

    ``dyno`` is its id, ``name`` what log lines call it (``web.1``).
    """

    dyno: str
    name: str
    host: str
    port: int
    draining: bool = False


@dataclass(frozen=True)
class ServedCertificate:
    """What TLS to some of an app's hosts is answered with. Chain and key are PEM."""

    id: str
    hosts: tuple[str, ...]
    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Challenge:
    """A path that a certificate authority asks for, and the text that it must be answered with."""

    path: str
    answer: str


@dataclass(frozen=True)
class OwnPages:
    """Addresses of pages that visitors see instead of the platform's own; None: that one."""

    maintenance: str | None = None
    error: str | None = None


NO_PAGES = OwnPages()


@dataclass(frozen=True)
class AppRoute:
    """All that the router knows of an app. ``key`` is stable (the app's id), ``app`` its name.

    ``hosts`` are host names without a port. STARTING is an app whose first web dyno does not
    accept connections yet: its requests are held. BLANK is an app without any release of code
    yet, NO_WEB one whose web process is scaled to zero (H14), CRASHED one whose web dynos all
    crashed (H10). A ``sticky`` app's browsers stay with the dyno that answered them first.
    ``pages`` are shown when the router answers instead of the app.
    """

    key: str
    app: str
    hosts: tuple[str, ...]
    mode: RouteMode
    endpoints: tuple[Endpoint, ...] = ()
    certificates: tuple[ServedCertificate, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    sticky: bool = False
    pages: OwnPages = NO_PAGES
