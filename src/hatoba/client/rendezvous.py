"""The connection to a one-off dyno's terminal: rendezvous over TLS, as Heroku speaks it.

The client sends the URL's path as its password; the server answers with a banner line and
from then on both sides send bytes. The end of the input is byte 4; the server closes.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from hatoba.client.errors import BadAnswer, Unreachable
from hatoba.client.origin import Origin
from hatoba.client.transport import tls_context

MARKER = "\uffff heroku-command-exit-status: "
END_OF_INPUT = b"\x04"
# A dyno has 60 s to start; whoever waits for its terminal waits a little longer.
BANNER_TIMEOUT = 90.0
CONNECT_TIMEOUT = 10.0
# Input is not read any further while this much of it waits to be sent.
OUTGOING_BYTES = 256 * 1024

_MARKER = MARKER.encode()
_STATUS = re.compile(re.escape(_MARKER) + rb"(\d+)\r?\n?")


def with_exit_status(command: str) -> str:
    """Return the command so that it tells its exit status at the end of its output.

    It gets a shell of its own, so that ``exit 7`` ends that one alone. A single word is left
    bare, with a space behind it: it may be the name of a process type.
    """
    whole = f"( {command} )" if " " in command.strip() else command
    return f'{whole} ; echo "{MARKER}$?"'


class ExitStatus:
    """Takes the exit status out of the output, wherever the pieces are cut.

    ``code`` is None until it was seen.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """Return what of the output can be shown."""
        data = self._held + piece
        found = _STATUS.search(data)
        if found and (found.end() < len(data) or data.endswith(b"\n")):
            self.code = int(found[1])
            self._held = b""
            return data[: found.start()] + data[found.end() :]
        cut = _possible_marker(data)
        self._held = data[cut:]
        return data[:cut]

    def finish(self) -> bytes:
        """Return what was held back, when nothing more comes."""
        held, self._held = self._held, b""
        found = _STATUS.fullmatch(held)
        if found:
            self.code = int(found[1])
            return b""
        return held


def _possible_marker(data: bytes) -> int:
    """Return where a marker begins that may not be whole yet, or the length."""
    begin = data.rfind(_MARKER[:1])
    while begin >= 0:
        rest = data[begin:]
        if _MARKER.startswith(rest[: len(_MARKER)]):
            return begin
        begin = data.rfind(_MARKER[:1], 0, begin)
    return len(data)


class Link:
    """An open connection that neither reading nor writing blocks on.

    ``early`` is output that came together with the banner.
    """

    def __init__(self, connection: ssl.SSLSocket, early: bytes) -> None:
        self.connection = connection
        self._early = early
        self._outgoing = bytearray()
        connection.setblocking(False)

    @property
    def has_room(self) -> bool:
        """Tell whether more input should be read."""
        return len(self._outgoing) < OUTGOING_BYTES

    @property
    def waiting(self) -> bool:
        """Tell whether something is left to be sent."""
        return bool(self._outgoing)

    def send(self, data: bytes) -> None:
        """Send bytes, now or when there is room."""
        self._outgoing += data
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as there is room. Raises OSError when the other side is gone."""
        try:
            while self._outgoing:
                sent = self.connection.send(self._outgoing)
                del self._outgoing[:sent]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return

    def pieces(self) -> Iterator[bytes]:
        """Give all output that has come; an empty piece means that it has ended."""
        if self._early:
            early, self._early = self._early, b""
            yield early
        while True:
            try:
                piece = self.connection.recv(65536)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except (ssl.SSLEOFError, ConnectionResetError):
                piece = b""
            yield piece
            if not piece:
                return

    def begins_with(self, words: bytes) -> bool:
        """Wait for the first output and take these words off it; tell whether it has them."""
        seen = b""
        for piece in self.stream():
            seen += piece
            if len(seen) >= len(words):
                break
        self._early = seen.removeprefix(words)
        return seen.startswith(words)

    def stream(self) -> Iterator[bytes]:
        """Give all output as it comes, to its end."""
        while True:
            for piece in self.pieces():
                if not piece:
                    return
                yield piece
            select.select([self.connection], [], [])

    def close(self) -> None:
        """Close the connection; the platform then ends the dyno."""
        self.connection.close()


def connect(url: str, ca: Path | None) -> Link:
    """Connect to an ``attach_url`` and wait for the banner.

    Raises Unreachable when it can't be reached and BadAnswer when it is no rendezvous.
    """
    parts = urlsplit(url)
    if parts.scheme != "rendezvous" or not parts.hostname or not parts.port:
        raise BadAnswer(f"The platform gave an address to attach to that is none: {parts.scheme}.")
    origin = Origin("https", parts.hostname, parts.port)
    secret = parts.path.removeprefix("/") + (f"?{parts.query}" if parts.query else "")
    try:
        raw = socket.create_connection((origin.address, origin.port), CONNECT_TIMEOUT)
        connection = tls_context(ca).wrap_socket(raw, server_hostname=origin.host)
        connection.settimeout(BANNER_TIMEOUT)
        connection.sendall(f"{secret}\r\n".encode())
        return Link(connection, _after_banner(connection))
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise Unreachable(
            f"The dyno's terminal at {origin.netloc} is out of reach: {reason}."
        ) from error


def _after_banner(connection: ssl.SSLSocket) -> bytes:
    data = b""
    while b"\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            raise BadAnswer("The platform closed the dyno's terminal before it was open.")
        data += piece
    return data.partition(b"\n")[2]
