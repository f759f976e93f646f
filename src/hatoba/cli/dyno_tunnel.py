"""Connections from this machine into a running dyno, each over a raw session of its own."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import select
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

from hatoba.cli.session import Session
from hatoba.client import dynos, rendezvous
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.client.rendezvous import Link

_PIECE = 65536
# Bash opens the connection itself: nothing needs to be installed in the dyno.
# What it says of errors would be taken for what the other side says.
SCRIPT = """# a connection into the dyno
exec 2> /dev/null
if ! { exec 3<> "/dev/tcp/$TUNNEL_HOST/$TUNNEL_PORT"; }
then echo refused; exit; fi
echo ok
exec 4<&0
cat <&4 >&3 &
cat <&3
kill $!
"""
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")

# https://www.rfc-editor.org/rfc/rfc1928
_VERSION, _NO_LOGIN, _CONNECT = 5, 0, 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SUCCEEDED, _REFUSED, _NOT_SUPPORTED = 0, 5, 7


@dataclass(frozen=True)
class Far:
    """An address as the dyno sees it."""

    host: str
    port: int


class Tunnel:
    """Leads connections into one dyno. ``failed`` is told of those that could not be made."""

    def __init__(
        self, session: Session, app: str, dyno: str, failed: Callable[[str], None]
    ) -> None:
        self._session = session
        self._app = app
        self._dyno = dyno
        self._failed = failed

    def forward(self, listener: socket.socket, far: Far) -> None:
        """Lead every connection to the listener to one address; never ends."""
        self._serve(listener, lambda near: self._lead(near, far))

    def socks(self, listener: socket.socket) -> None:
        """Be a SOCKS 5 proxy whose connections start in the dyno; never ends."""
        self._serve(listener, self._socks)

    def _serve(self, listener: socket.socket, handle: Callable[[socket.socket], None]) -> None:
        while True:
            near, _ = listener.accept()
            threading.Thread(target=self._guarded, args=(handle, near), daemon=True).start()

    def _guarded(self, handle: Callable[[socket.socket], None], near: socket.socket) -> None:
        with near:
            try:
                handle(near)
            except ClientError as error:
                self._failed(error.message)
            except OSError:
                return  # One of the two sides has gone; that is how connections end.

    def _lead(self, near: socket.socket, far: Far) -> None:
        with contextlib.closing(self._open(far)) as link:
            _relay(near, link)

    def _open(self, far: Far) -> Link:
        """Connect from within the dyno. Raises ClientError."""
        if not _HOST.fullmatch(far.host):
            raise ClientError(f"{far.host} is no host name.")
        env = {"TUNNEL_HOST": far.host, "TUNNEL_PORT": str(far.port)}
        wanted = dynos.Inside(SCRIPT, env, no_tty=True, raw=True)
        # An Api holds one connection: threads don't share it.
        api = Api(self._session.target)
        started = dynos.run_inside(api, self._app, self._dyno, wanted)
        link = rendezvous.connect(started.attach_url or "", self._session.target.ca)
        if not link.begins_with(b"ok\n"):
            link.close()
            raise ClientError(f"Nothing answers at {far.host}:{far.port} inside {self._dyno}.")
        return link

    def _socks(self, near: socket.socket) -> None:
        far = _asked(near)
        if far is None:
            near.sendall(_reply(_NOT_SUPPORTED))
            return
        try:
            link = self._open(far)
        except ClientError:
            near.sendall(_reply(_REFUSED))
            raise
        with contextlib.closing(link):
            near.sendall(_reply(_SUCCEEDED))
            _relay(near, link)


def _relay(near: socket.socket, link: Link) -> None:
    """Carry bytes both ways until the far side has ended or the near one is gone."""
    reading = True
    while True:
        readers: list[socket.socket | ssl.SSLSocket] = [link.connection]
        if reading and link.has_room:
            readers.append(near)
        ready, writable, _ = select.select(readers, [link.connection] if link.waiting else [], [])
        if writable:
            link.flush()
        if near in ready:
            data = near.recv(_PIECE)
            reading = bool(data)
            link.send(data)
        for piece in link.pieces():
            if not piece:
                return
            near.sendall(piece)


def _asked(near: socket.socket) -> Far | None:
    """Read a SOCKS 5 greeting and request; None for what is not supported."""
    _, methods = _exactly(near, 2)
    _exactly(near, methods)
    near.sendall(bytes((_VERSION, _NO_LOGIN)))
    version, wish, _, kind = _exactly(near, 4)
    host = _host(near, kind)
    port = int.from_bytes(_exactly(near, 2), "big")
    return Far(host, port) if (version, wish) == (_VERSION, _CONNECT) and host else None


def _host(near: socket.socket, kind: int) -> str:
    if kind == _NAME:
        return _exactly(near, _exactly(near, 1)[0]).decode(errors="replace")
    sizes = {_IPV4: 4, _IPV6: 16}
    return str(ipaddress.ip_address(_exactly(near, sizes[kind]))) if kind in sizes else ""


def _exactly(near: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = near.recv(count - len(data))
        if not piece:
            raise ConnectionResetError("the client went away")
        data += piece
    return data


def _reply(code: int) -> bytes:
    return bytes((_VERSION, code, 0, _IPV4, 0, 0, 0, 0, 0, 0))
