"""One client's connection to the runner. Standard library only."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import socket
from collections.abc import Callable
from typing import Protocol

from hatoba.engines.node import wire
from hatoba.engines.node.child import Child
from hatoba.engines.node.spool import Spool

_RECEIVE = 256 * 1024
# A client that does not read gets no more than this ahead of it.
_AHEAD = 2 * 1024 * 1024
_CHUNK = 512 * 1024


class Loop(Protocol):
    """What a connection needs of the runner."""

    selector: selectors.BaseSelector
    connections: set[Connection]


class Connection:
    """Takes requests, sends replies; becomes a raw pipe when its client attaches to a dyno.

    ``following`` clients are told of events; ``reading`` is the spool offset up to which the
    client has been sent output, None when it wants none.
    """

    def __init__(
        self,
        loop: Loop,
        handle: Callable[[Connection, wire.Header, bytes], None],
        client: socket.socket,
    ) -> None:
        self._loop = loop
        self._handle = handle
        self._socket = client
        self._decoder = wire.Decoder()
        self._out = bytearray()
        self._input = bytearray()
        self._attached: Child | None = None
        self._input_ended = False
        self._finishing = False
        self.following = False
        self.reading: int | None = None
        client.setblocking(False)
        loop.connections.add(self)
        loop.selector.register(client, selectors.EVENT_READ, self._ready)

    def _ready(self, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._flush()
        if mask & selectors.EVENT_READ and self._socket.fileno() >= 0:
            self._receive()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
            self.close()
            return
        if self._attached is not None:
            self._type(data)
        elif not data:
            self.close()
        else:
            self._decode(data)

    def _decode(self, data: bytes) -> None:
        self._decoder.feed(data)
        try:
            while self._attached is None and (frame := self._decoder.next()) is not None:
                self._handle(self, *frame)
        except (wire.WireError, ValueError):
            self.close()
            return
        if self._attached is not None and (rest := self._decoder.rest()):
            self._type(rest)

    def send(self, header: wire.Header, payload: bytes = b"") -> None:
        """Queue one frame."""
        self._out += wire.encode(header, payload)
        self._flush()

    def _flush(self) -> None:
        try:
            while self._out:
                sent = self._socket.send(self._out)
                del self._out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        if self._finishing and not self._out:
            self.close()
        self._want()

    def _want(self) -> None:
        if self._socket.fileno() < 0:
            return
        mask = 0 if self._input or self._input_ended or self._finishing else selectors.EVENT_READ
        if self._out:
            mask |= selectors.EVENT_WRITE
        known = self._socket in self._loop.selector.get_map()
        if mask and known:
            self._loop.selector.modify(self._socket, mask, self._ready)
        elif mask:
            self._loop.selector.register(self._socket, mask, self._ready)
        elif known:
            self._loop.selector.unregister(self._socket)

    def feed(self, spool: Spool) -> bool:
        """Send what the spool has for this client; tell whether anything was sent."""
        sent = False
        while self.reading is not None and len(self._out) < _AHEAD:
            at = max(self.reading, spool.start)
            data = spool.read(at, _CHUNK) if at < spool.end else b""
            if not data:
                break
            self.reading = at + len(data)
            self.send({"at": at}, data)
            sent = True
        return sent

    def attach(self, child: Child) -> None:
        """From now on carry bytes between the client and the dyno's standard streams."""
        self._attached = child
        if child.meta.inside:
            child.kill_at = None
        if child.streams is not None:
            self._loop.selector.register(
                child.streams.stdout, selectors.EVENT_READ, lambda mask: self._print()
            )

    def _print(self) -> None:
        """Carry a piece of the dyno's output to the client, no faster than it reads."""
        child = self._attached
        if child is None or child.streams is None or len(self._out) > _AHEAD:
            return
        try:
            data = os.read(child.streams.stdout, _RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # The last process has closed the terminal.
        if data:
            self._out += data
            self._flush()
        else:
            self._finish(child)

    def _finish(self, child: Child) -> None:
        """Close once the rest is sent: the dyno has closed its output."""
        self._release(child)
        self._finishing = True
        self._flush()

    def _type(self, data: bytes) -> None:
        """Carry the client's input to the dyno; the end of it closes the dyno's."""
        if not data:
            if self.left:
                self.close()
                return
            self._input_ended = True
            self._want()
        self._input += data
        self._push()

    @property
    def left(self) -> bool:
        """Whether the client has closed both directions, not just ended its input."""
        poller = select.poll()
        poller.register(self._socket, 0)
        return any(mask & select.POLLHUP for _, mask in poller.poll(0))

    def look_after(self) -> None:
        """Notice a client that left after it had ended its input: no event tells of that."""
        if (self._input_ended or self._finishing) and self._socket.fileno() >= 0 and self.left:
            self.close()

    def _push(self) -> None:
        child = self._attached
        if child is None or child.streams is None or child.streams.stdin < 0:
            return
        streams = child.streams
        selector = self._loop.selector
        try:
            while self._input:
                written = os.write(streams.stdin, self._input)
                del self._input[:written]
        except BlockingIOError:
            if not streams.terminal and streams.stdin not in selector.get_map():
                selector.register(
                    streams.stdin, selectors.EVENT_WRITE, lambda mask: self._push_again()
                )
        except OSError:
            self._input.clear()
        if not self._input and self._input_ended:
            self._end_input()
        self._want()

    def _push_again(self) -> None:
        child = self._attached
        if child is not None and child.streams is not None:
            self._loop.selector.unregister(child.streams.stdin)
        self._push()

    def _end_input(self) -> None:
        child = self._attached
        if child is None or child.streams is None:
            return
        if child.streams.terminal:
            with contextlib.suppress(OSError):
                os.write(child.streams.stdin, b"\x04")
        elif child.streams.stdin >= 0:
            os.close(child.streams.stdin)
            child.streams.stdin = -1

    def _release(self, child: Child) -> None:
        streams = child.streams
        for descriptor in {streams.stdin, streams.stdout} if streams else ():
            with contextlib.suppress(KeyError, ValueError):
                self._loop.selector.unregister(descriptor)
        child.let_go()

    def close(self) -> None:
        """Let go of the client; a dyno that it was attached to is hung up on."""
        if self._socket.fileno() < 0:
            return
        with contextlib.suppress(KeyError):
            self._loop.selector.unregister(self._socket)
        self._socket.close()
        self._loop.connections.discard(self)
        child, self._attached = self._attached, None
        if child is not None and child.streams is not None:
            self._release(child)
            child.hang_up()
