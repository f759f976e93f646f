"""Turns Envoy's access log into Heroku's router lines. Pure.

Codes: https://devcenter.heroku.com/articles/error-codes
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from hatoba.router.base import RouterLine
from hatoba.router.snapshot import names


class Entry(msgspec.Struct):
    """One request as Envoy logs it; what it does not know is null."""

    start: str
    duration: int = 0
    connect: int | str | None = None
    method: str | None = None
    path: str | None = None
    host: str | None = None
    request_id: str | None = None
    fwd: str | None = None
    protocol: str | None = None
    tls: str | None = None
    status: int = 0
    bytes: int = 0
    flags: str | None = None
    details: str | None = None
    key: str | None = None
    code: str | None = None
    desc: str | None = None
    dyno: str | None = None


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
    "UO": _PLATFORM,
    "LR": _PLATFORM,
    "OM": _PLATFORM,
}

_decode = msgspec.json.Decoder(Entry, strict=False).decode


def parse(line: bytes) -> RouterLine | None:
    """Return a line of the router's log; None for the front door's requests and for torn lines."""
    try:
        entry = _decode(line)
        ended = datetime.fromtimestamp(float(entry.start), UTC)
    except (msgspec.DecodeError, ValueError, OverflowError):
        return None
    if entry.key == names.FRONT_KEY:
        return None
    ended += timedelta(milliseconds=entry.duration)
    return RouterLine(key=entry.key or "", at=ended, text=text(entry, code(entry)))


def code(entry: Entry) -> Code | None:
    """Return Heroku's code for a request that did not go well, else None."""
    if entry.code:
        # Crashed apps and those without web processes are errors; the other pages are not.
        at = "error" if entry.code in ("H10", "H14") else "info"
        return Code(entry.code, entry.desc or "", at)
    # A websocket ends when one side closes it: that is no error.
    if entry.status == 101 or not entry.flags:
        return None
    return next((c for f in entry.flags.split(",") if (c := _flagged(f, entry))), None)


def _flagged(flag: str, entry: Entry) -> Code | None:
    answered = (entry.details or "").startswith("via_upstream") or 0 < entry.status < 500
    match flag:
        case "UF":
            timed_out = "timeout" in (entry.details or "")
            return _CONNECT_TIMEOUT if timed_out else _REFUSED
        case "UC" | "UR":
            return _CUT if answered else _NO_ANSWER
        case "UPE":
            return _CUT if answered else _POOR
        case "SI" if not answered and "downstream" in (entry.details or ""):
            return _CLIENT_IDLE
        case _:
            return _FIXED.get(flag)


def text(entry: Entry, found: Code | None) -> str:
    """Return the line in Heroku's words."""
    status = (found and found.status) or entry.status
    parts = [f"at={found.at if found else 'info'}"]
    if found:
        parts += [f"code={found.code}", f'desc="{found.desc}"']
    parts += [
        f"method={entry.method or ''}",
        f'path="{_quoted(entry.path)}"',
        f"host={_plain(entry.host)}",
        f"request_id={_plain(entry.request_id)}",
        f'fwd="{_quoted(entry.fwd)}"',
        f"dyno={_plain(entry.dyno)}",
        f"connect={_connect(entry)}",
        f"service={entry.duration}ms" if entry.dyno else "service=",
        f"status={status}",
        f"bytes={entry.bytes}",
        f"protocol={_protocol(entry.protocol)}",
        *_tls(entry.tls),
    ]
    return " ".join(parts)


def _connect(entry: Entry) -> str:
    if not entry.dyno:
        return ""
    # On a connection that was open before there is nothing to measure.
    return f"{entry.connect}ms" if isinstance(entry.connect, int) else "0ms"


def _protocol(protocol: str | None) -> str:
    return {"HTTP/2": "http2", "HTTP/1.0": "http1.0"}.get(protocol or "", "http1.1")


def _tls(version: str | None) -> list[str]:
    if not version:
        return ["tls=false"]
    return ["tls=true", f"tls_version={version.lower().replace('v', '')}"]


def _plain(value: str | None) -> str:
    return "".join(c for c in value or "" if c.isprintable() and c not in ' "')


def _quoted(value: str | None) -> str:
    return "".join(c if c.isprintable() else "?" for c in value or "").replace('"', '\\"')
