"""Log sessions: at a signed URL, as server-sent events or as plain lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
from starlette.responses import StreamingResponse

from hatoba import errors
from hatoba.api import decode, signing
from hatoba.api.call import Answer, Call, OnApp, Reply
from hatoba.api.encode.basics import moment
from hatoba.api.heartbeat import beating
from hatoba.control.platform import Platform
from hatoba.logs.base import LogFilter, LogLine
from hatoba.model.app import CLOUD_NATIVE
from hatoba.schema import platform as wire

PATH = "/logs/stream"
_PURPOSE = "log-session"
# https://devcenter.heroku.com/articles/logging#log-history-limits
MAX_LINES = 1500
DEFAULT_LINES = 100
# One who only reads what is there comes at once; one who follows may have to reconnect.
_READ_LASTS, _TAIL_LASTS = timedelta(minutes=5), timedelta(hours=24)
_EVENTS = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Create(msgspec.Struct):
    """``POST /apps/{app}/log-sessions``; ``dyno`` is a name or a process type."""

    dyno: str | None = None
    dyno_name: str | None = None
    type: str | None = None
    lines: int | None = None
    source: str | None = None
    tail: bool | None = None


@dataclass(frozen=True)
class Wanted:
    """What a session shows. ``after`` is the last line that a reader has already."""

    app_id: UUID
    chosen: LogFilter
    lines: int
    tail: bool
    after: int | None


@dataclass(frozen=True)
class Form:
    """How lines are written; ``opening`` stands for none, ``beat`` shows that the stream lives."""

    media_type: str
    write: Callable[[Sequence[LogLine]], bytes]
    opening: bytes
    beat: bytes


async def create(call: OnApp) -> Answer:
    """Open a log session."""
    wanted = decode.body(call, Create)
    lines = DEFAULT_LINES if wanted.lines is None else wanted.lines
    if lines < 0:
        raise errors.InvalidParams("lines is invalid: it can't be negative.")
    query = {"app": str(call.app.id), "lines": str(min(lines, MAX_LINES))}
    dyno = wanted.dyno or wanted.dyno_name or wanted.type
    # The official command reads the logs of an app on the stack cnb on and on, and doesn't say so.
    tail = call.app.stack == CLOUD_NATIVE if wanted.tail is None else wanted.tail
    more = {"dyno": dyno, "source": wanted.source, "tail": "1" if tail else None}
    query |= {name: value for name, value in more.items() if value}
    lasts = _TAIL_LASTS if tail else _READ_LASTS
    url = signing.url(call, _PURPOSE, PATH, lasts=lasts, query=query)
    at = moment(call.platform.clock.now())
    return Reply(wire.LogSession(str(uuid4()), url, at, at), 201)


async def stream(call: Call) -> Answer:
    """Stream the lines that are there, and with ``tail`` those that come."""
    query = dict(call.request.query_params)
    signing.check(call.platform, _PURPOSE, PATH, query)
    last = call.request.headers.get("last-event-id", "")
    wanted = Wanted(
        app_id=UUID(query["app"]),
        chosen=LogFilter(source=query.get("source"), dyno=query.get("dyno")),
        lines=int(query["lines"]),
        tail="tail" in query,
        after=int(last) if last.isdecimal() and len(last) < 19 else None,
    )
    # Those who don't ask for events get lines, as curl does: the CLI asks for events.
    form = _AS_EVENTS if _EVENTS in call.request.headers.get("accept", "") else _AS_LINES
    return StreamingResponse(
        _pieces(call.platform, wanted, form), media_type=form.media_type, headers=_HEADERS
    )


async def _pieces(platform: Platform, wanted: Wanted, form: Form) -> AsyncIterator[bytes]:
    # Noted before the backlog is read: a line that comes in between is sent after it.
    newest = platform.logs.recent(wanted.app_id, 1, LogFilter())
    seen = newest[-1].id if newest else 0
    if wanted.after is not None and wanted.tail:
        seen = wanted.after
    else:
        backlog = platform.logs.recent(wanted.app_id, wanted.lines, wanted.chosen)
        backlog = [line for line in backlog if line.id > (wanted.after or 0)]
        yield form.write(backlog) or form.opening
        seen = max([seen, *(line.id for line in backlog)])
    if wanted.tail:
        async for piece in beating(_tail(platform, wanted, seen, form), form.beat):
            yield piece


async def _tail(platform: Platform, wanted: Wanted, seen: int, form: Form) -> AsyncIterator[bytes]:
    async for batch in platform.logs.tail(wanted.app_id, wanted.chosen, after=seen):
        yield form.write(batch)


def event(line: LogLine) -> bytes:
    """Return a line as a server-sent event.

    A carriage return would end the event's field, so what follows it becomes a field of its own.
    """
    text = line.text.decode(errors="replace").rstrip("\r").replace("\r\n", "\n")
    fields = text.replace("\r", "\n").split("\n")
    data = "".join(f"data: {field}\n" for field in fields)
    return f"id: {line.id}\n{data}\n".encode()


def _events(lines: Sequence[LogLine]) -> bytes:
    return b"".join(event(line) for line in lines)


def _plain(lines: Sequence[LogLine]) -> bytes:
    return b"".join(line.text + b"\n" for line in lines)


_AS_EVENTS = Form(_EVENTS, _events, b":\n\n", b":\n\n")
# An empty line could be one of the app's, and a null character shows nothing on a terminal.
_AS_LINES = Form("text/plain; charset=utf-8", _plain, b"", b"\0")
