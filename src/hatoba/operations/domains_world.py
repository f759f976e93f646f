"""Asking the router for an app's domain as a visitor would, without DNS."""

from __future__ import annotations

from hatoba.client.errors import ClientError
from hatoba.client.origin import Origin, parse
from hatoba.client.transport import Dropped, Response, Transport
from hatoba.operations.pace import Pace
from hatoba.operations.world import ROUTER_DEADLINE
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App

_NO_APP = b"no app configured at that host name"


def reaches(app: App, hostname: str, *, wanted: bool, pace: Pace) -> Check:
    """Check that a request with that host reaches an app, or none any more."""
    host = hostname.replace("*", "hatoba-check", 1)
    answer = pace.until(
        lambda: _visit(app.web_url, host), lambda a: _has_app(a) is wanted, ROUTER_DEADLINE
    )
    seen = "no answer" if answer is None else f"it answered {answer.status}"
    good = answer is not None and _has_app(answer) is wanted
    if wanted:
        what = f"a request for {host} reaches {app.name}"
    else:
        what = f"a request for {host} reaches no app"
    return Check(what, ok=good, seen=seen)


def _has_app(answer: Response | None) -> bool:
    return answer is not None and _NO_APP not in answer.body


def _visit(web_url: str, host: str) -> Response | None:
    """GET the host from the router that serves the app."""
    where, _ = parse(web_url)
    transport = Transport(where)
    netloc = Origin(where.scheme, host, where.port).netloc
    try:
        return transport.request("GET", "/", {"Host": netloc, "User-Agent": "hatoba-check"})
    except (ClientError, Dropped):
        return None
    finally:
        transport.close()
