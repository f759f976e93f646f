"""A pseudo-terminal at which commands are typed and their questions answered."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import subprocess
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

CTRL_C = "\x03"
CTRL_D = "\x04"
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>]")


@dataclass(frozen=True)
class Typed:
    """What became of a command: its exit code, and all that the terminal showed."""

    status: int
    screen: str


class Terminal:
    """One command at a terminal of its own, which is also the controlling one.

    ``own`` is the end of the terminal at which somebody sits.
    """

    def __init__(self, command: str, *, cwd: Path, env: Mapping[str, str]) -> None:
        self.own, its = pty.openpty()
        # Without a size pagers take every line for more than the screen holds.
        termios.tcsetwinsize(its, (40, 100))
        # Tests that run in the background have Ctrl-C ignored; a terminal's commands don't.
        fresh = ["setsid", "--ctty", "--wait", "env", "--default-signal=INT"]
        self._process = subprocess.Popen(
            [*fresh, *shlex.split(command)],
            cwd=cwd,
            env={**env, "TERM": "xterm"},
            stdin=its,
            stdout=its,
            stderr=its,
        )
        os.close(its)
        self._raw = b""

    @property
    def screen(self) -> str:
        """What was shown so far, without colours."""
        return _STYLE.sub("", self._raw.decode(errors="replace")).replace("\r\n", "\n")

    def forget(self) -> None:
        """Look only at what is shown from now on."""
        self._raw = b""

    def until(self, text: str, *, seconds: float) -> None:
        """Read until the text is shown."""
        end = monotonic() + seconds
        while text not in self.screen:
            left = end - monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"{text!r} did not come:\n{self.screen}")

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.own, text.encode())

    def kill(self) -> None:
        """End the command: nobody knows what to answer."""
        self._process.kill()
        self._process.wait()
        os.close(self.own)

    def end(self, *, seconds: float) -> Typed:
        """Read to the end and return what became of the command."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0 and self._read(left):
            pass
        try:
            status = self._process.wait(max(1.0, end - monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"it did not end:\n{self.screen}") from None
        finally:
            os.close(self.own)
        return Typed(status, self.screen)

    def _read(self, seconds: float) -> bool:
        """Read what is there; False at the end, or when nothing came in time."""
        if not select.select([self.own], [], [], seconds)[0]:
            return False
        data = b""
        # Linux ends a terminal that nobody has open any more with an error.
        with suppress(OSError):
            data = os.read(self.own, 65536)
        self._raw += data
        return bool(data)


def typed(
    command: str,
    answers: Sequence[tuple[str, str]] = (),
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float = 180,
) -> Typed:
    """Type a command; each answer is typed once its question is shown."""
    terminal = Terminal(command, cwd=cwd, env=env)
    try:
        for question, answer in answers:
            terminal.until(question, seconds=seconds)
            terminal.type(answer)
    except AssertionError:
        terminal.kill()
        raise
    return terminal.end(seconds=seconds)
