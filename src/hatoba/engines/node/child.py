"""One dyno as the runner knows it: its folder, its process, its pipes, its end.

Everything that a new runner needs to adopt it is in the dyno's folder: ``meta.json`` (who it is;
no environment), ``out`` (a FIFO that the dyno itself holds open at both ends, so that it survives
a runner's death and nothing printed meanwhile is lost) and ``status`` (written by bubblewrap: the
process inside, later its exit status). Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from time import monotonic, time

from hatoba.engines.node import pipes, processes
from hatoba.engines.node.load import LoadAverages
from hatoba.engines.node.pipes import Pipes, Streams

# Seconds between SIGHUP and SIGKILL for a command inside a dyno that nobody is attached to.
HANG_UP_GRACE = 5.0
# How many times its quota a dyno in a container may use (R15) before the kernel ends it.
HARD_LIMIT = 2
# Words of a command line that the runner puts its own in the place of.
STATUS_MARK = "{status-fd}"
ENV_MARK = "{env-fd}"
INSIDE_MARK = "{inside-pid}"
# What the programs that build the sandbox see; the dyno's own environment is read within.
_BUILDER_ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
_STATUS_BYTES = 4096
# https://tldp.org/LDP/abs/html/exitcodes.html: 128 + the number of the signal.
_SIGNALLED = 128


@dataclass
class Meta:
    """What is kept of a dyno on disk. ``user`` is its uid, None when that is the runner's own.

    ``inside`` is the dyno that a command runs in, None for a dyno itself.
    """

    id: str
    app_id: str
    name: str
    user: int | None
    port: int
    listens: bool
    memory_limit: int
    sandboxed: bool
    pid: int = 0
    started: int = 0
    status: int | None = None
    exited_at: float | None = None
    output_end: int = 0
    # When it is to be ended, in seconds since 1970, and how long it may take then.
    ends_at: float | None = None
    end_grace: float = 0.0
    inside: str | None = None
    # Whether somebody else started it, in a container whose first process is ``pid``; where its
    # network is.
    contained: bool = False
    host: str = "127.0.0.1"
    # Whether it has ended because its memory limit killed processes.
    out_of_memory: bool = False
    # The bytes on disk that it is ended for having gone beyond.
    over_disk: int = 0


class Child:
    """A dyno that this runner started or adopted."""

    def __init__(self, folder: Path, meta: Meta) -> None:
        self.folder = folder
        self.meta = meta
        self.output: int | None = None
        self.streams: Streams | None = None
        self.pidfd: int | None = None
        self.listening = False
        self.memory = processes.Memory()
        self.averages = LoadAverages()
        self.measured = False
        # How many times the quota is in use: 0, 1 (R14) or 2 and more (R15).
        self.grade = 0
        self.dropped = 0
        self.kill_at: float | None = None
        self.killed = False
        self.forgotten_at: float | None = None
        self.hang_up_due = False
        self._inside: int | None = None
        self._gate: int | None = None

    @classmethod
    def load(cls, folder: Path) -> Child | None:
        """Adopt what an earlier runner started; None when the folder holds no dyno."""
        try:
            meta = Meta(**json.loads((folder / "meta.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        child = cls(folder, meta)
        if meta.status is None and meta.exited_at is None:
            child._adopt()
        return child

    def _adopt(self) -> None:
        with contextlib.suppress(OSError):
            self.output = pipes.open_fifo(self.folder / "out")
        if processes.start_time(self.meta.pid) == self.meta.started:
            with contextlib.suppress(OSError):
                self.pidfd = os.pidfd_open(self.meta.pid)

    def measure(self, seconds: float, joined: list[int]) -> None:
        """See what its processes use, ``seconds`` after the last time.

        ``joined`` are those of the commands that run inside it.
        """
        living = [*self.living(), *joined]
        self.memory = processes.memory(living)
        self.averages.note(processes.runnable(living), seconds)
        self.measured = True

    @property
    def usage(self) -> list[float] | None:
        """What was measured last, as ``engines.base.Usage`` has it; None before the first time."""
        return [*astuple(self.memory), *self.averages.values] if self.measured else None

    @property
    def used(self) -> int:
        """Bytes of memory that it uses; of one that its limit has ended, more than the limit."""
        beyond = HARD_LIMIT * self.meta.memory_limit + 1 if self.meta.out_of_memory else 0
        return max(self.memory.total, beyond)

    def save(self) -> None:
        """Write ``meta.json`` so that it is the old or the new one, never half of one."""
        draft = self.folder / ".meta.json"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self.meta)))
        draft.replace(self.folder / "meta.json")

    @property
    def exited(self) -> bool:
        """Whether it has ended, with its output read to the end."""
        return self.meta.exited_at is not None

    @property
    def inside(self) -> int | None:
        """The first process inside the sandbox, as bubblewrap told it, or of the container."""
        if self.meta.contained:
            return self.meta.pid or None
        if self._inside is None:
            self._inside = self._told("child-pid")
        return self._inside

    def _told(self, name: str) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            # A dyno in a container writes to this file itself: it may be of any size.
            with (self.folder / "status").open() as told_by:
                lines = told_by.read(_STATUS_BYTES).splitlines()
            for line in lines:
                if name in (told := json.loads(line)):
                    return int(told[name])
        return None

    def start(self, argv: list[str], env: dict[str, str], terminal: list[int] | None) -> None:
        """Start the process. Raises OSError with nothing running."""
        status = os.open(self.folder / "status", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        handed = _handed(env)
        marks = {STATUS_MARK: str(status), ENV_MARK: str(handed)}
        words = [marks.get(word, word) for word in argv]
        made = self._pipes(terminal)
        try:
            process = subprocess.Popen(
                words,
                env=_BUILDER_ENV,
                stdin=made.child_in,
                stdout=made.child_out,
                stderr=made.child_out,
                pass_fds=(status, handed),
                start_new_session=True,
                cwd="/",
            )
        except BaseException:
            made.close_ours()
            raise
        finally:
            os.close(status)
            os.close(handed)
            made.close_childs()
        process.returncode = 0  # The end is learned by pidfd; Popen must not reap.
        self.output, self.streams = made.output, made.streams
        self.meta.pid = process.pid
        self.meta.started = processes.start_time(process.pid) or 0
        self.pidfd = os.pidfd_open(process.pid)
        self.save()

    def prepare(self, *, attach: bool, terminal: list[int] | None) -> str | None:
        """Make the pipes of a dyno that will wait at its ``gate`` once its container is started.

        Return the path of its terminal's device, if it has one. Raises OSError.
        """
        user = self.meta.user
        status = self.folder / "status"
        status.touch(mode=0o600)
        if user is not None:
            os.chown(status, user, user)
        self._gate = os.open(pipes.make_fifo(self.folder / "gate", user), os.O_RDWR)
        if terminal:
            self.streams, device = pipes.outside_terminal(terminal, user)
            return device
        if attach:
            self.streams = pipes.outside_streams(self.folder, user)
        else:
            self.output = pipes.open_fifo(pipes.make_fifo(self.folder / "out", user))
        return None

    def begin(self, pid: int, host: str) -> None:
        """Take over the prepared dyno, whose container runs by now, and open its gate."""
        self.meta.pid, self.meta.host = pid, host
        self.meta.started = processes.start_time(pid) or 0
        if self.meta.started:
            with contextlib.suppress(OSError):
                self.pidfd = os.pidfd_open(pid)
        self.save()
        if self._gate is not None:
            os.write(self._gate, b"\n")

    def discard(self) -> None:
        """Let go of a prepared dyno that never began."""
        self.let_go()
        self._close(self.output, self._gate)
        self.output = self._gate = None

    def _pipes(self, terminal: list[int] | None) -> Pipes:
        if self.streams is None:
            return pipes.fifo(self.folder / "out", self.meta.user)
        return pipes.terminal(terminal) if terminal else pipes.plain()

    def living(self) -> list[int]:
        """Return the dyno's own processes, without those of the sandbox."""
        if not self.meta.sandboxed:
            return [self.meta.pid, *processes.descendants(self.meta.pid)]
        return processes.descendants(self.inside) if self.inside else []

    def ask_to_end(self) -> None:
        """Send SIGTERM to all its processes."""
        processes.send(self.living(), signal.SIGTERM)

    @property
    def expired(self) -> bool:
        """Whether its lifetime is over and nobody has asked it to end yet."""
        ends_at = self.meta.ends_at
        return ends_at is not None and time() >= ends_at and self.kill_at is None

    def make_end(self) -> None:
        """Send SIGKILL to all its processes; the first inside takes the others with it."""
        self.killed = True
        processes.send([*self.living(), *([self.inside] if self.inside else [])], signal.SIGKILL)
        if not self.meta.sandboxed or self.inside is None:
            processes.send([self.meta.pid], signal.SIGKILL)

    def hang_up(self) -> None:
        """Send SIGHUP to all its processes, as soon as there are any: nobody listens any more.

        A command inside a dyno is made to end: nobody knows of it any more.
        """
        if self.meta.inside:
            self.kill_at = monotonic() + HANG_UP_GRACE
        living = self.living()
        self.hang_up_due = not living
        processes.send(living, signal.SIGHUP)

    def end_rest(self) -> None:
        """Kill what its first process has left behind; bubblewrap would wait for it."""
        if not self.meta.sandboxed:
            processes.send(processes.session(self.meta.pid), signal.SIGKILL)
        elif self.inside and processes.named_in(self.inside, self.meta.id):
            processes.send([self.inside], signal.SIGKILL)

    def let_go(self) -> None:
        """Close the standard streams, if nobody else has."""
        streams, self.streams = self.streams, None
        self._close(*(streams.open if streams else ()))

    @staticmethod
    def _close(*descriptors: int | None) -> None:
        for descriptor in descriptors:
            if descriptor is not None:
                os.close(descriptor)

    def reap(self) -> None:
        """Note the end and its exit status; the caller has read the output to its end."""
        waited = _wait(self.meta.pid)
        told = self._told("exit-code")
        self.meta.status = told if told is not None else waited
        if self.killed and self.meta.status in (None, 0, 1):
            self.meta.status = _SIGNALLED + signal.SIGKILL
        killed = self.meta.status == _SIGNALLED + signal.SIGKILL
        self.meta.out_of_memory = killed and bool(self._told("oom-kills"))
        self.meta.exited_at = time()
        self.listening = False
        if self.streams is not None:
            self.streams.let_end()
        self._close(self.pidfd, self.output, self._gate)
        self.pidfd = self.output = self._gate = None
        self.save()


def _handed(env: dict[str, str]) -> int:
    """Return a file in memory that holds the environment, for the process inside to read."""
    descriptor = os.memfd_create("environment")
    pairs = b"".join(f"{name}={value}\0".encode() for name, value in env.items())
    while pairs:
        pairs = pairs[os.write(descriptor, pairs) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _wait(pid: int) -> int | None:
    try:
        found, raw = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    if not found:
        return None
    code = os.waitstatus_to_exitcode(raw)
    return code if code >= 0 else _SIGNALLED - code
