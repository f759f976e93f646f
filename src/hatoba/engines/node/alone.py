"""One runner a spool: two that write to it would each destroy what the other has written.

Standard library only, because the runner must stay small.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
from pathlib import Path

# ``struct flock`` of fcntl(2): type, whence, start, length, process id.
_FLOCK = struct.Struct("@hhqqi4x")
_LOCK = "lock"


def take_over(spool: Path) -> None:
    """Be the only runner of a spool until this process ends.

    Another one may be left that nobody knows any more, for instance because what told of it was
    tidied away with temporary files. It is ended, and its dynos are adopted.
    """
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(spool / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    if (other := _holder(file)) is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(other, signal.SIGKILL)
    # The file stays open: the lock ends with the process, and dynos do not inherit it.
    fcntl.lockf(file, fcntl.LOCK_EX)


def _holder(file: int) -> int | None:
    """Return the process that has the lock, None for nobody; the kernel knows it."""
    asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return None if kind == fcntl.F_UNLCK else pid
