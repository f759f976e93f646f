"""The runner: one small process a node that owns the dynos' pipes and learns their ends.

``python -m hatoba.engines.node.runner DYNOS_FOLDER SPOOL_FOLDER SOCKET``. It knows nothing of
apps and decides nothing; hatobad tells it what to start and stop, and reads the spool. It outlives
hatobad, and a new runner adopts what an old one started. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic, time

from hatoba.engines.node import ports, wire
from hatoba.engines.node.alone import take_over
from hatoba.engines.node.child import Child
from hatoba.engines.node.connection import Connection
from hatoba.engines.node.requests import UNATTACHED_SECONDS, Requests
from hatoba.engines.node.spool import Spool

PROBE_SECONDS = 0.02
MEMORY_SECONDS = 5.0
OVER_QUOTA_SECONDS = 20.0
READ_BYTES = 256 * 1024
# A process that its sandbox could not end may go on printing: this much is read at a dyno's end.
LAST_READS = 64
# A dyno may print this much a second; beyond it the dyno waits for its own output.
BYTES_A_SECOND = 16 * 1024 * 1024
# With a reader that keeps up a full spool makes dynos wait; without one the oldest output goes.
READER_PATIENCE = 5.0
# What one dyno may leave in the spool while nobody reads; the rest of what it prints is dropped,
# so that a loud dyno costs others nothing.
ABSENCE_BYTES = 16 * 1024 * 1024


class Runner:
    """The loop: pipes, ends, probes, and one connection for each thing a client wants."""

    def __init__(self, dynos: Path, spool: Spool) -> None:
        self.folder = dynos
        self.spool = spool
        self.children: dict[str, Child] = {}
        self.connections: set[Connection] = set()
        self.selector: selectors.BaseSelector = selectors.DefaultSelector()
        self._budget: dict[str, float] = {}
        self._refilled = monotonic()
        self._probe_at = 0.0
        self._memory_at = 0.0
        self._over_said: dict[str, float] = {}
        self._read_at = 0.0
        self._kept_in_absence: Counter[str] = Counter()
        self._requests = Requests(self)

    def adopt(self) -> None:
        """Take over the dynos that an earlier runner left."""
        for folder in sorted(self.folder.iterdir()):
            if (child := Child.load(folder)) is not None:
                self.children[child.meta.id] = child
                self.watch(child)
                if child.meta.inside:
                    child.hang_up()

    def serve(self, listener: socket.socket) -> None:
        """Run until SIGTERM."""
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ, lambda mask: self._accept(listener))
        while True:
            for key, mask in self.selector.select(self._pause()):
                handle: Callable[[int], None] = key.data
                handle(mask)
            self._refill()
            self._tick(monotonic())
            self._feed_readers()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            client, _ = listener.accept()
            Connection(self, self._requests.handle, client)

    def _pause(self) -> float:
        waiting = [c for c in self.children.values() if not c.exited]
        if any(self._starting(c) for c in waiting):
            return PROBE_SECONDS
        if any(c.kill_at is not None or c.hang_up_due for c in waiting) or self._throttled():
            return 0.05
        return 1.0

    @staticmethod
    def _starting(child: Child) -> bool:
        return child.meta.listens and not child.listening

    def watch(self, child: Child) -> None:
        """Begin to read a dyno's output and to wait for its end."""
        if child.output is not None:
            self.selector.register(
                child.output, selectors.EVENT_READ, lambda mask: self._read(child)
            )
        if child.pidfd is not None:
            self.selector.register(
                child.pidfd, selectors.EVENT_READ, lambda mask: self._ended(child)
            )
        elif not child.exited:
            self._ended(child)

    def _read(self, child: Child) -> None:
        if self._budget.get(child.meta.id, 1.0) <= 0 or not self._room():
            self._pause_reading(child)
            return
        self._take(child)

    def _take(self, child: Child) -> int:
        if child.output is None:
            return 0
        try:
            data = os.read(child.output, READ_BYTES)
        except BlockingIOError:
            return 0
        self._keep(child, data)
        budget = self._budget.get(child.meta.id, BYTES_A_SECOND / 10)
        self._budget[child.meta.id] = budget - len(data)
        return len(data)

    def _keep(self, child: Child, data: bytes) -> None:
        meta = child.meta
        if self._kept_in_absence[meta.id] >= ABSENCE_BYTES:
            child.dropped += len(data)
            return
        self._append(child, data)

    def _append(self, child: Child, data: bytes) -> None:
        meta = child.meta
        header: wire.Header = {"d": meta.id, "a": meta.app_id, "n": meta.name, "t": time()}
        if child.dropped:
            header["x"] = child.dropped
        try:
            self.spool.append(header, data)
        except OSError:
            child.dropped += len(data)
        else:
            child.dropped = 0
            self._kept_in_absence[meta.id] += len(data)

    def _room(self) -> bool:
        """Whether the spool may take more; without a reader the oldest output makes room."""
        if not self.spool.full:
            return True
        reading = any(c.reading is not None for c in self.connections)
        if reading and monotonic() - self._read_at < READER_PATIENCE:
            return False
        for dyno_id, lost in self.spool.drop_oldest().items():
            if (child := self.children.get(dyno_id)) is not None:
                child.dropped += lost
        return True

    def _pause_reading(self, child: Child) -> None:
        if child.output is not None:
            with contextlib.suppress(KeyError):
                self.selector.unregister(child.output)

    def _throttled(self) -> bool:
        known = self.selector.get_map()
        return any(c.output is not None and c.output not in known for c in self.children.values())

    def _refill(self) -> None:
        """Give every dyno its share of the time that has passed, and read those that waited."""
        now = monotonic()
        share, self._refilled = (now - self._refilled) * BYTES_A_SECOND, now
        for child in self.children.values():
            budget = self._budget.get(child.meta.id, 0.0) + share
            self._budget[child.meta.id] = min(budget, BYTES_A_SECOND / 10)
            output = child.output
            if output is not None and output not in self.selector.get_map() and self._room():
                self.selector.register(
                    output, selectors.EVENT_READ, lambda mask, child=child: self._read(child)
                )

    def _ended(self, child: Child) -> None:
        for descriptor in (child.pidfd, child.output):
            if descriptor is not None:
                with contextlib.suppress(KeyError):
                    self.selector.unregister(descriptor)
        child.end_rest()
        for _ in range(LAST_READS):
            if not self._take(child):
                break
        if child.dropped:
            self._append(child, b"")
        self._kept_in_absence.pop(child.meta.id, None)
        if child.streams is None:
            child.meta.output_end = self.spool.end
        child.reap()
        self._budget.pop(child.meta.id, None)
        if child.meta.inside:
            child.forgotten_at = monotonic()
        self.tell(child)

    def _tick(self, now: float) -> None:
        if now >= self._probe_at:
            self._probe_at = now + PROBE_SECONDS
            self._probe()
        for connection in list(self.connections):
            connection.look_after()
        if now >= self._memory_at:
            self._memory_at = now + MEMORY_SECONDS
            self._measure(now)
        for child in self.children.values():
            if child.hang_up_due and not child.exited:
                child.hang_up()
            if child.expired and not child.exited:
                child.ask_to_end()
                child.kill_at = now + child.meta.end_grace
            if child.kill_at is not None and now >= child.kill_at and not child.exited:
                child.kill_at = now + 1.0
                child.make_end()
        forgotten = [c for c in self.children.values() if c.forgotten_at is not None]
        for child in forgotten:
            if child.streams is None or now - (child.forgotten_at or now) > UNATTACHED_SECONDS:
                self.remove(child)

    def _probe(self) -> None:
        starting = [c for c in self.children.values() if self._starting(c) and not c.exited]
        if not starting:
            return
        ours = ports.listening()
        for child in starting:
            meta = child.meta
            owner = (ports.listening(meta.pid) if meta.contained else ours).get(meta.port)
            if owner is not None and child.meta.user in (None, owner):
                child.listening = True
                self.tell(child)

    def _measure(self, now: float) -> None:
        for child in self.children.values():
            if child.exited or not child.meta.memory_limit:
                continue
            child.measure(MEMORY_SECONDS, self._joined(child))
            grade = min(child.memory.total // child.meta.memory_limit, 2)
            waited = now - self._over_said.get(child.meta.id, -1e9)
            if grade != child.grade or (grade and waited >= OVER_QUOTA_SECONDS):
                child.grade = grade
                self._over_said[child.meta.id] = now
                self.tell(child)

    def _joined(self, child: Child) -> list[int]:
        """Return the processes of the commands that run inside a dyno."""
        commands = [c for c in self.children.values() if c.meta.inside == child.meta.id]
        return [pid for c in commands if not c.exited for pid in c.living()]

    def remove(self, child: Child) -> None:
        """Forget a dyno that has ended, and its folder."""
        self.children.pop(child.meta.id, None)
        child.let_go()
        shutil.rmtree(child.folder, ignore_errors=True)

    def tell(self, child: Child) -> None:
        """Tell every client that follows events how the dyno is."""
        if child.meta.inside:
            return
        for connection in list(self.connections):
            if connection.following:
                connection.send({"dyno": self.describe(child)})

    @staticmethod
    def describe(child: Child) -> wire.Header:
        """Return what clients are told of a dyno."""
        meta = child.meta
        state = "exited" if child.exited else "listening" if child.listening else "starting"
        return {
            "id": meta.id,
            "app_id": meta.app_id,
            "name": meta.name,
            "state": state,
            "host": meta.host,
            "port": meta.port,
            "status": meta.status,
            "memory": child.used,
            "usage": child.usage,
            "memory_limit": meta.memory_limit,
            "output_end": meta.output_end,
            "over_disk": meta.over_disk,
            "exited_at": meta.exited_at,
        }

    def _feed_readers(self) -> None:
        for connection in list(self.connections):
            if connection.reading is not None and connection.feed(self.spool):
                self._read_at = monotonic()
                self._kept_in_absence.clear()

    def stop_all(self) -> None:
        """End every dyno, hard: the platform goes down and has waited already."""
        for child in self.children.values():
            if not child.exited:
                child.make_end()


def _listen(path: Path) -> socket.socket:
    """Listen on the socket's path in the place of whoever listened before."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(draft))
    draft.chmod(0o600)
    listener.listen(16)
    draft.replace(path)
    return listener


# Ignored by what a shell runs in the background, and so by all that it starts: a platform that
# was brought up so would have dynos that do not hear Ctrl-C.
_TERMINALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP)


def main() -> None:
    """Entry point of the runner's process."""
    dynos, spool, address = (Path(word) for word in sys.argv[1:4])
    dynos.mkdir(parents=True, exist_ok=True)
    take_over(spool)
    runner = Runner(dynos, Spool(spool))

    def leave(number: int, frame: object) -> None:
        runner.stop_all()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    for number in _TERMINALS:
        signal.signal(number, signal.SIG_DFL)
    runner.adopt()
    runner.serve(_listen(address))


if __name__ == "__main__":
    main()
