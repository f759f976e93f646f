"""What a client may ask of the runner. Standard library only."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Protocol

from hatoba.engines.node import ports, wire
from hatoba.engines.node.child import INSIDE_MARK, Child, Meta
from hatoba.engines.node.connection import Connection
from hatoba.engines.node.pipes import Streams, set_size
from hatoba.engines.node.spool import Spool

# How long a command inside a dyno, or a dead dyno's last output, waits for somebody to attach.
UNATTACHED_SECONDS = 90.0


class Owner(Protocol):
    """What requests need of the runner, which owns the dynos."""

    folder: Path
    spool: Spool
    children: dict[str, Child]

    def watch(self, child: Child) -> None:
        """Begin to read a dyno's output and to wait for its end."""
        ...

    def tell(self, child: Child) -> None:
        """Tell every client that follows events how the dyno is."""
        ...

    def remove(self, child: Child) -> None:
        """Forget a dyno that has ended, and its folder."""
        ...

    def describe(self, child: Child) -> wire.Header:
        """Return what clients are told of a dyno."""
        ...


class Requests:
    """One method a request; each answers on the connection it came from."""

    def __init__(self, runner: Owner) -> None:
        self._runner = runner
        self._prepared: dict[str, Child] = {}
        self._replies: dict[str, Callable[[wire.Header], wire.Header]] = {
            "start": self._start,
            "prepare": self._prepare,
            "begin": self._begin,
            "stop": self._stop,
            "forget": self._forget,
            "list": self._list,
            "resize": self._resize,
        }

    def handle(self, connection: Connection, header: wire.Header, payload: bytes) -> None:
        """Carry out one request. Raises ValueError for an unknown one."""
        reply = self._replies.get(str(header.get("ask")))
        if reply is not None:
            connection.send(reply(header))
            return
        match header.get("ask"):
            case "follow":
                connection.following = True
                connection.send({"following": True})
            case "read":
                spool, offset = self._runner.spool, int(header["from"])
                connection.reading = spool.past(offset) if header["damaged"] else offset
                spool.acknowledge(connection.reading)
            case "stored":
                self._runner.spool.acknowledge(int(header["to"]))
            case "attach":
                self._attach(connection, str(header["id"]))
            case unknown:
                raise ValueError(f"an unknown request: {unknown}")

    def _start(self, header: wire.Header) -> wire.Header:
        meta = Meta(**header["meta"])
        if meta.id in self._runner.children:
            return {"started": False}
        child = Child(self._runner.folder / meta.id, meta)
        taken = {c.meta.port for c in self._runner.children.values() if not c.exited}
        if header["attach"]:
            child.streams = Streams(-1, -1, terminal=False)
        try:
            around = self._around(meta.inside) if meta.inside else None
            meta.port = around.meta.port if around else ports.free(taken)
            env = {**header["env"], "PORT": str(meta.port)}
            argv = [_first_inside(around) if w == INSIDE_MARK else w for w in header["argv"]]
            child.start(argv, env, header["terminal"])
        except OSError as error:
            return {"error": str(error), "errno": error.errno}
        if meta.inside:
            child.kill_at = monotonic() + UNATTACHED_SECONDS
        self._runner.children[meta.id] = child
        self._runner.watch(child)
        self._runner.tell(child)
        return {"started": True}

    def _around(self, dyno_id: str) -> Child:
        """Return the dyno that a command is to run in. Raises OSError when it does not run."""
        around = self._runner.children.get(dyno_id)
        if around is None or around.exited or around.meta.inside:
            raise ProcessLookupError(errno.ESRCH, "the dyno does not run")
        return around

    def _resize(self, header: wire.Header) -> wire.Header:
        child = self._runner.children.get(str(header["id"]))
        if child is not None and child.streams is not None and child.streams.terminal:
            set_size(child.streams.stdout, *header["terminal"])
        return {"resized": True}

    def _prepare(self, header: wire.Header) -> wire.Header:
        """Make the pipes of a dyno that the client will start in a container, and then begin."""
        meta = Meta(**header["meta"], contained=True)
        if (left := self._prepared.pop(meta.id, None)) is not None:
            left.discard()
        child = Child(self._runner.folder / meta.id, meta)
        try:
            device = child.prepare(attach=header["attach"], terminal=header["terminal"])
        except OSError as error:
            child.discard()
            return {"error": str(error), "errno": error.errno}
        self._prepared[meta.id] = child
        return {"terminal": device}

    def _begin(self, header: wire.Header) -> wire.Header:
        child = self._prepared.pop(str(header["id"]), None)
        if child is None:
            return {"error": "nothing was prepared for it", "errno": 2}
        try:
            child.begin(int(header["pid"]), str(header["host"]))
        except OSError as error:
            child.discard()
            return {"error": str(error), "errno": error.errno}
        self._runner.children[child.meta.id] = child
        self._runner.watch(child)
        self._runner.tell(child)
        return {"began": True}

    def _list(self, header: wire.Header) -> wire.Header:
        del header
        known = [c for c in self._runner.children.values() if c.forgotten_at is None]
        return {"dynos": [self._runner.describe(c) for c in known if c.meta.inside is None]}

    def _stop(self, header: wire.Header) -> wire.Header:
        grace, child = float(header["grace"]), self._runner.children.get(str(header["id"]))
        if child is None or child.exited:
            return {"stopping": False}
        if over := int(header.get("over_disk", 0)):
            child.meta.over_disk = over
        at = monotonic() + grace
        if grace <= 0:
            child.make_end()
        elif child.kill_at is None:
            child.ask_to_end()
        child.kill_at = at if child.kill_at is None else min(at, child.kill_at)
        return {"stopping": True}

    def _forget(self, header: wire.Header) -> wire.Header:
        dyno_id = str(header["id"])
        child = self._runner.children.get(dyno_id)
        if child is not None and not child.exited:
            return {"error": "it still runs", "errno": 16}
        if (prepared := self._prepared.pop(dyno_id, None)) is not None:
            prepared.discard()
        if child is None:
            shutil.rmtree(self._runner.folder / dyno_id, ignore_errors=True)
        elif child.streams is not None:
            # Its last output still waits for, or is on its way to, whoever attached.
            child.forgotten_at = monotonic()
        else:
            self._runner.remove(child)
        return {"forgotten": True}

    def _attach(self, connection: Connection, dyno_id: str) -> None:
        child = self._runner.children.get(dyno_id)
        if child is None or child.streams is None:
            connection.send({"error": "nothing to attach to", "errno": 2})
            return
        connection.send({"attached": True})
        connection.attach(child)


def _first_inside(around: Child | None) -> str:
    """Return the process whose namespaces are entered. Raises OSError when there is none."""
    if around is None or around.inside is None:
        raise ProcessLookupError(errno.ESRCH, "the dyno does not run yet")
    return str(around.inside)
