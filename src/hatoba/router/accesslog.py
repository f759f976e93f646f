"""Turns Envoy's access log into Heroku's router lines. Pure.

Codes: https://devcenter.heroku.com/articles/error-codes
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hatoba.router.base import RouterLine
from hatoba.router.snapshot import names
from hatoba.router.snapshot.front import LOG_SEPARATOR


class Entry(NamedTuple):
    """One request as Envoy logs it, in ``front``'s order; what it does not know is empty."""

    start: str
    duration: str
    connect: str
    method: str
    path: str
    host: str
    request_id: str
    fwd: str
    protocol: str
    tls: str
    status: str
    bytes: str
    flags: str
    details: str
    route: str
    dyno: str


@dataclass(frozen=True)
class Code:
    """A Heroku code. ``status`` replaces Envoy's in the line where there was no answer."""

    code: str
    desc: str
    at: str = "error"
    status: int | None = None


_TIMEOUT = Code("H12", "Request timeout")
_NO_ANSWER = Code("H13", "Connection closed without response")
_IDLE = Code("H15", "Idle connection")
_POOR = Code("H17", "Poorly formatted HTTP response")
_CUT = Code("H18", "Server Request Interrupted")
_CONNECT_TIMEOUT = Code("H19", "Backend connection timeout")
_REFUSED = Code("H21", "Backend connection refused")
_CLIENT_GONE = Code("H27", "Client Request Interrupted", "info", 499)
_CLIENT_IDLE = Code("H28", "Client Connection Idle", "error", 499)
_BACKLOG = Code("H11", "Backlog too deep")
_PLATFORM = Code("H99", "Platform error")

_FIXED = {
    "UT": _TIMEOUT,
    "UMSDR": _TIMEOUT,
    "SI": _IDLE,
    "DC": _CLIENT_GONE,
    "DR": _CLIENT_GONE,
    "DPE": _CLIENT_GONE,
    "UH": _PLATFORM,
    "NC": _PLATFORM,
    "NR": _PLATFORM,
    "UO": _BACKLOG,
    "LR": _PLATFORM,
    "OM": _PLATFORM,
}

# Crashed apps and those without web processes are errors; the other pages are not.
_FAILING_PAGES = ("H10", "H14")
# A request that was held has this code on its route; it applies when it could not be answered.
_HELD = "H20"


def parse(line: bytes) -> RouterLine | None:
    """Return a line of the router's log; None for the front door's requests and for torn lines."""
    try:
        entry = Entry(*line.decode("utf-8", "replace").split(LOG_SEPARATOR))
        key, _, _ = names.parts(entry.route)
        if key == names.FRONT_KEY:
            return None
        if entry.dyno == names.WAITING_ROOM:
            entry = entry._replace(dyno="")
        ended = datetime.fromtimestamp(float(entry.start), UTC)
        ended += timedelta(milliseconds=int(entry.duration or 0))
        return _line(key, ended, entry)
    except (TypeError, ValueError, OverflowError):
        return None


def _line(key: str, ended: datetime, entry: Entry) -> RouterLine:
    found = code(entry)
    return RouterLine(
        key=key,
        at=ended,
        text=text(entry, found),
        status=int((found and found.status) or entry.status or 0),
        code=found.code if found else "",
        millis=int(entry.duration or 0) if entry.dyno else None,
    )


def code(entry: Entry) -> Code | None:
    """Return Heroku's code for a request that did not go well, else None."""
    _, page, desc = names.parts(entry.route)
    if page and page != _HELD:
        return Code(page, desc, "error" if page in _FAILING_PAGES else "info")
    # A websocket ends when one side closes it: that is no error.
    if entry.status == "101" or not entry.flags:
        return None
    found = next((c for f in entry.flags.split(",") if (c := _flagged(f, entry))), None)
    return Code(page, desc) if page and found is _REFUSED else found


def _flagged(flag: str, entry: Entry) -> Code | None:
    answered = entry.details.startswith("via_upstream") or 0 < int(entry.status or 0) < 500
    match flag:
        case "UF":
            timed_out = "timeout" in entry.details
            return _CONNECT_TIMEOUT if timed_out else _REFUSED
        case "UC" | "UR":
            return _CUT if answered else _NO_ANSWER
        case "UPE":
            return _CUT if answered else _POOR
        case "SI" if not answered and "downstream" in entry.details:
            return _CLIENT_IDLE
        case _:
            return _FIXED.get(flag)


def text(entry: Entry, found: Code | None) -> str:
    """Return the line in Heroku's words."""
    status = (found and found.status) or entry.status or 0
    parts = [f"at={found.at if found else 'info'}"]
    if found:
        parts += [f"code={found.code}", f'desc="{found.desc}"']
    parts += [
        f"method={entry.method}",
        f'path="{_quoted(entry.path)}"',
        f"host={_plain(entry.host)}",
        f"request_id={_plain(entry.request_id)}",
        f'fwd="{_quoted(entry.fwd)}"',
        f"dyno={_plain(entry.dyno)}",
        f"connect={_connect(entry)}",
        f"service={entry.duration or 0}ms" if entry.dyno else "service=",
        f"status={status}",
        f"bytes={entry.bytes or 0}",
        f"protocol={_protocol(entry.protocol)}",
        *_tls(entry.tls),
    ]
    return " ".join(parts)


def _connect(entry: Entry) -> str:
    if not entry.dyno:
        return ""
    # On a connection that was open before there is nothing to measure.
    return f"{entry.connect or 0}ms"


def _protocol(protocol: str) -> str:
    return {"HTTP/2": "http2", "HTTP/1.0": "http1.0"}.get(protocol, "http1.1")


def _tls(version: str) -> list[str]:
    if not version:
        return ["tls=false"]
    return ["tls=true", f"tls_version={version.lower().replace('v', '')}"]


def _plain(value: str) -> str:
    if value.isprintable() and " " not in value and '"' not in value:
        return value
    return "".join(c for c in value if c.isprintable() and c not in ' "')


def _quoted(value: str) -> str:
    if not value.isprintable():
        value = "".join(c if c.isprintable() else "?" for c in value)
    return value.replace('"', '\\"')
