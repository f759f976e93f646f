"""The pre-receive hook: a small program of its own that git starts, and its other end.

The program tells the daemon what is being pushed, prints what the daemon answers as it comes (git
shows it as ``remote:`` lines), and takes or refuses the push. It knows nothing secret but a token
that is good for this one push.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

SOCKET = "HATOBA_HOOK_SOCKET"
PUSH = "HATOBA_PUSH"
# Ends the daemon's answer; what follows is the hook's exit status.
_END = b"\0"
# The names of some 60,000 refs.
_MAX_UPDATES = 8 * 1024 * 1024

# Standard library only, and without site packages: it starts in about 10 ms.
_PROGRAM = f"""\
import json, os, socket, sys
quarantine = {{k: v for k, v in os.environ.items() if k.startswith("GIT_")}}
lines = sys.stdin.read().splitlines()
asked = {{"push": os.environ["{PUSH}"], "environment": quarantine, "updates": lines}}
message = json.dumps(asked).encode() + b"\\n"
if len(message) > {_MAX_UPDATES}:
    print(" !     These are too many refs at once. Push them in parts.")
    sys.exit(1)
daemon = socket.socket(socket.AF_UNIX)
try:
    daemon.connect(os.environ["{SOCKET}"])
    daemon.sendall(message)
    status = 1
    while data := daemon.recv(65536):
        text, end, code = data.partition(b"\\0")
        os.write(1, text)
        if end:
            status = int(code or daemon.recv(8))
            break
    else:
        print(" !     The platform went away during the push. Push again to see how it went.")
except OSError:
    print(" !     The platform is restarting. Push again in a moment.")
    status = 1
sys.exit(status)
"""


@dataclass(frozen=True)
class Update:
    """One ref of a push: ``old`` and ``new`` are commits, forty zeros for none."""

    old: str
    new: str
    ref: str

    @property
    def deletes(self) -> bool:
        """Whether the ref is to go."""
        return set(self.new) == {"0"}


@dataclass(frozen=True)
class Pushed:
    """What the hook tells: which push, its refs, and where git keeps the new objects so far."""

    token: str
    updates: tuple[Update, ...]
    environment: dict[str, str] = field(repr=False)


# Sends text to the one who pushes.
Say = Callable[[bytes], Awaitable[None]]
# Decides over a push: True takes it.
Decide = Callable[[Pushed, Say], Awaitable[bool]]


def install(folder: Path) -> None:
    """Write the hook's program into the folder of hooks."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "pre-receive"
    draft = path.with_suffix(".new")
    draft.write_text(f"#!{sys.executable} -IS\n{_PROGRAM}")
    draft.chmod(0o700)
    draft.replace(path)


class HookServer:
    """Answers the hooks of running pushes on a unix socket."""

    def __init__(self, path: Path, decide: Decide) -> None:
        self._path = path
        self._decide = decide
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen, in the place of whoever listened before."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._answer, self._path, limit=_MAX_UPDATES + 1
        )
        self._path.chmod(0o600)

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: bytes) -> None:
            writer.write(text.replace(_END, b""))
            await writer.drain()

        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            taken = await self._decide(_parse(await reader.readline()), say)
            writer.write(_END + (b"0" if taken else b"1"))
            await writer.drain()
        writer.close()


def _parse(line: bytes) -> Pushed:
    asked = json.loads(line)
    updates = tuple(Update(*text.split(" ", 2)) for text in asked["updates"])
    return Pushed(asked["push"], updates, asked["environment"])


def variables(path: Path, token: str) -> dict[str, str]:
    """Return what git's environment needs for the hook to find the daemon."""
    return {SOCKET: os.fspath(path), PUSH: token}
