"""What the platform sends as it happens: logs as server-sent events, output of builds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from hatoba.client import origin
from hatoba.client.api import USER_AGENT, Api
from hatoba.client.errors import ApiError, Unreachable
from hatoba.client.transport import Dropped, Transport
from hatoba.schema.platform import LogSession

DEFAULT_LINES = 100
# Waited before a stream is opened again, unless the server's ``retry:`` says otherwise.
RECONNECT_SECONDS = 1.0
# A stream that is followed has a comment line at least this often, or it is dead.
SILENCE_SECONDS = 120.0


@dataclass(frozen=True)
class LogFilter:
    """Which log lines are wanted. ``dyno`` is a dyno's name or a process type."""

    lines: int = DEFAULT_LINES
    dyno: str | None = None
    source: str | None = None
    tail: bool = False


@dataclass
class _Event:
    data: list[str]
    id: str | None = None
    name: str | None = None


class EventReader:
    """Puts the bytes of an event stream together to lines of data.

    Keeps ``last_id`` and ``retry`` (seconds) as the stream tells them.
    """

    def __init__(self) -> None:
        self.last_id: str | None = None
        self.retry = RECONNECT_SECONDS
        self._rest = b""
        self._event = _Event([])

    def feed(self, piece: bytes) -> Iterator[str]:
        """Take bytes and give the lines of every event that is whole now."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for raw in lines:
            line = raw.decode("utf-8", "replace").rstrip("\r")
            if line:
                self._field(line)
            else:
                yield from self._dispatch()

    def restart(self) -> None:
        """Forget what was read of an event that was cut off."""
        self._rest = b""
        self._event = _Event([])

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._event.data.append(value)
        elif name == "id":
            self._event.id = value
        elif name == "event":
            self._event.name = value
        elif name == "retry" and value.isdigit():
            self.retry = int(value) / 1000

    def _dispatch(self) -> Iterator[str]:
        event, self._event = self._event, _Event([])
        if event.id is not None:
            self.last_id = event.id
        if event.name in (None, "message"):
            for entry in event.data:
                yield from (line for line in entry.splitlines() if line)


def logs(api: Api, app: str, wanted: LogFilter) -> Iterator[str]:
    """Give log lines as they come; with ``tail`` until the caller stops.

    A stream that breaks off is opened again where it ended. Raises ApiError when the
    session is over and Unreachable when the platform stays away.
    """
    body = {"lines": wanted.lines, "tail": wanted.tail}
    if wanted.dyno:
        body["dyno"] = wanted.dyno  # type: ignore[assignment]
    if wanted.source:
        body["source"] = wanted.source  # type: ignore[assignment]
    session = api.change("POST", f"/apps/{app}/log-sessions", LogSession, body=body)
    reader = EventReader()
    while True:
        try:
            yield from _events(api, session.logplex_url, reader)
        except (Dropped, Unreachable):
            if not wanted.tail and reader.last_id is None:
                raise
        if not wanted.tail:
            return
        reader.restart()
        time.sleep(reader.retry)


def _events(api: Api, url: str, reader: EventReader) -> Iterator[str]:
    headers = {"Accept": "text/event-stream", "User-Agent": USER_AGENT}
    if reader.last_id is not None:
        headers["Last-Event-ID"] = reader.last_id
    for piece in _open(api, url, headers, "The log stream"):
        yield from reader.feed(piece)


def output(api: Api, url: str) -> Iterator[bytes]:
    """Give the output of a build or a release command, to its end."""
    return _open(api, url, {"User-Agent": USER_AGENT}, "The output")


def release_output(api: Api, url: str) -> Iterator[bytes]:
    """Give the output of a release command, to its end; nothing when it never began."""
    try:
        yield from output(api, url)
    except ApiError as error:
        if error.status != 404:
            raise


def _open(api: Api, url: str, headers: dict[str, str], what: str) -> Iterator[bytes]:
    """Open a stream, whose URL is its own credential: the token is not sent along."""
    where, target = origin.parse(url)
    ca = api.target.ca if where.port == api.target.origin.port else None
    transport = Transport(where, ca=ca)
    status, _, pieces = transport.stream(target, headers, idle=SILENCE_SECONDS)
    if status == 503:
        transport.close()
        raise Unreachable(f"{what} is not available at {where} for the moment.")
    if status != 200:
        transport.close()
        raise ApiError(status, "stream", _refusal(status, what))
    return pieces


def _refusal(status: int, what: str) -> str:
    if status in (403, 404):
        return f"{what} is not there, or not any more. Run the command again."
    return f"{what} could not be read: the platform answered {status}."
