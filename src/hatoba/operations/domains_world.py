"""Asking the router for an app's domain as a visitor would, without DNS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from hatoba.client.errors import ClientError
from hatoba.client.origin import Origin, parse
from hatoba.client.transport import Dropped, Response, Transport
from hatoba.operations.pace import Pace
from hatoba.operations.world import ROUTER_DEADLINE
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App, SniEndpoint

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


def secured(app: App, hostname: str, endpoint: SniEndpoint) -> Iterator[Check]:
    """Check that a certificate is for a host, and that visitors of it are shown it."""
    names = endpoint.ssl_cert.cert_domains
    # A wildcard stands for one label: https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3
    good = hostname in names or f"*.{hostname.partition('.')[2]}" in names
    yield Check(
        f"{endpoint.name} is for {hostname}",
        ok=good,
        seen="" if good else f"it is for {', '.join(names)}; browsers will warn visitors",
    )
    yield certified(app, hostname, endpoint.certificate_chain)


def certified(app: App, hostname: str, chain: str, *, wanted: bool = True) -> Check:
    """Check that the router answers TLS to the host with a PEM chain's first, or no more."""
    host = hostname.replace("*", "hatoba-check", 1)
    where, _ = parse(app.web_url)
    what = f"https://{host} shows {'it' if wanted else 'another certificate'}"
    try:
        with (
            socket.create_connection((where.address, where.port), _HANDSHAKE_SECONDS) as plain,
            _curious().wrap_socket(plain, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except OSError as error:
        return Check(what, ok=False, seen=f"the router did not answer: {error}")
    good = (shown == _first(chain)) is wanted
    wrong = "it shows another one" if wanted else "it still shows the one removed"
    return Check(what, ok=good, seen="" if good else wrong)


def _first(chain: str) -> bytes:
    leaf = chain.partition("-----END CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert("".join(leaf[:2]))


def _curious() -> ssl.SSLContext:
    """Return a context that takes any certificate: the one shown is compared, not trusted."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
