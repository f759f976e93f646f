"""Stored lines as syslog messages (RFC 5424), octet-counted (RFC 6587). Pure.

https://devcenter.heroku.com/articles/log-drains#https-drains
"""

from __future__ import annotations

# Facility times 8 plus severity, as Heroku sends them: what the app prints is local7.info, the
# router local3.info, the platform syslog.notice.
_APP, _ROUTER, _PLATFORM = b"190", b"158", b"45"


def frame(line: bytes, host: bytes = b"host") -> bytes:
    """Return a stored line (``TIME SOURCE[DYNO]: TEXT``) as one counted message."""
    head, _, text = line.partition(b": ")
    at, _, origin = head.partition(b" ")
    source, _, dyno = origin.rstrip(b"]").partition(b"[")
    priority = _APP if source == b"app" else _ROUTER if dyno == b"router" else _PLATFORM
    message = b"<%b>1 %b %b %b %b - %b\n" % (priority, at, host, source, dyno, text)
    return b"%d %b" % (len(message), message)
