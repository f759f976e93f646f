"""HTTP over one kept connection, from the standard library.

urllib3 would take about 60 ms to import, a third of what ``heroku ps`` may take in all;
what is needed of it here is one connection, certificates and a second attempt.
A transport belongs to one thread.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hatoba.client.errors import Unreachable
from hatoba.client.origin import Origin
from hatoba.kit import retry

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT = 10.0
# The platform ends a request that takes longer than this, as Heroku's router does (30 s);
# the rest is for a daemon that is just being started again.
READ_TIMEOUT = 60.0
CONNECT_ATTEMPTS = 4


@dataclass(frozen=True)
class Response:
    """An answer read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Dropped(Exception):
    """The connection was lost after the request was sent, before the answer was whole."""


class Transport:
    """A kept connection to one origin, made again when it was closed meanwhile."""

    def __init__(
        self, origin: Origin, *, ca: Path | None = None, attempts: int = CONNECT_ATTEMPTS
    ) -> None:
        self.origin = origin
        self._ca = ca
        self._attempts = attempts
        self._connection: http.client.HTTPConnection | None = None

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | BinaryIO | None = None,
    ) -> Response:
        """Send one request and read its answer; a file as its body is sent as it is read.

        Raises Unreachable when no connection can be made and Dropped when one was lost.
        """
        with_answer = self._send(method, target, headers, body)
        try:
            content = with_answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Dropped(str(error)) from error
        return Response(with_answer.status, _headers(with_answer), content)

    def stream(
        self, target: str, headers: Mapping[str, str], *, idle: float | None = None
    ) -> tuple[int, Mapping[str, str], Iterator[bytes]]:
        """Send a GET and return status, headers and the pieces of the body as they come.

        ``idle`` is how many seconds the server may be silent. The iterator raises Dropped.
        """
        self.close()
        answer = self._send("GET", target, headers, None)
        connection = self._connection
        if connection is not None and connection.sock is not None:
            connection.sock.settimeout(idle)
        return answer.status, _headers(answer), self._pieces(answer)

    def close(self) -> None:
        """Close the connection; the next request makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pieces(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        try:
            while piece := answer.read1(65536):
                yield piece
        except (OSError, http.client.HTTPException) as error:
            raise Dropped(str(error)) from error
        finally:
            self.close()

    def _send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | BinaryIO | None,
    ) -> http.client.HTTPResponse:
        fresh = self._connection is None
        connection = self._connection or self._connect()
        self._connection = connection
        try:
            connection.request(method, target, body, {"Host": self.origin.netloc, **headers})
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            closed_while_idle = not fresh and isinstance(
                error, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError
            )
            if closed_while_idle and method == "GET":
                return self._send(method, target, headers, body)
            raise Dropped(str(error)) from error

    def _connect(self) -> http.client.HTTPConnection:
        for attempt in range(self._attempts):
            connection = self._new()
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                if attempt == self._attempts - 1 or not _passing(error):
                    raise Unreachable(self._why(error)) from error
                time.sleep(retry.backoff(attempt, first=0.1, cap=1.0))
            else:
                connection.sock.settimeout(READ_TIMEOUT)
                return connection
        raise Unreachable(f"{self.origin} does not answer.")

    def _new(self) -> http.client.HTTPConnection:
        origin = self.origin
        if origin.scheme == "http":
            return http.client.HTTPConnection(origin.address, origin.port, CONNECT_TIMEOUT)
        return _named_tls(origin, tls_context(self._ca))

    def _why(self, error: OSError) -> str:
        reason = error.strerror or str(error)
        return f"{self.origin} does not answer: {reason}."


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """Return a context that trusts the platform's own authority, or else the system's."""
    import ssl

    return ssl.create_default_context(cafile=str(ca) if ca else None)


def _named_tls(origin: Origin, context: ssl.SSLContext) -> http.client.HTTPConnection:
    """Return a TLS connection that checks the origin's name, whatever address it goes to."""

    class NamedConnection(http.client.HTTPSConnection):
        def connect(self) -> None:
            raw = socket.create_connection((origin.address, origin.port), CONNECT_TIMEOUT)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock = context.wrap_socket(raw, server_hostname=origin.host)

    return NamedConnection(origin.host, origin.port, context=context)


def _passing(error: OSError) -> bool:
    """Tell whether it may be better in a moment: nobody listens yet, or it was cut off."""
    return isinstance(error, ConnectionRefusedError | ConnectionResetError)


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}
