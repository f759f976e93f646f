"""Asking the router for an app's domain as a visitor would, without DNS."""

from __future__ import annotations

import socket
import ssl

from hatoba.client.errors import ClientError
from hatoba.client.origin import Origin, parse
from hatoba.client.transport import Dropped, Response, Transport
from hatoba.operations.pace import Pace
from hatoba.operations.world import ROUTER_DEADLINE
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App

_HANDSHAKE_SECONDS = 10.0
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


def certified(app: App, hostname: str, wanted: bytes) -> Check:
    """Check that the router answers TLS to the host with this certificate, given in DER."""
    where, _ = parse(app.web_url)
    what = f"https://{hostname} shows it"
    try:
        with (
            socket.create_connection((where.address, where.port), _HANDSHAKE_SECONDS) as plain,
            _curious().wrap_socket(plain, server_hostname=hostname) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except OSError as error:
        return Check(what, ok=False, seen=f"the router did not answer: {error}")
    return Check(what, ok=shown == wanted, seen="it shows another one")


def _curious() -> ssl.SSLContext:
    """Return a context that takes any certificate: the one shown is compared, not trusted."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
