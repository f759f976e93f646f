"""At a terminal: questions, answers, Ctrl-C. Where standard output goes does not matter."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.unit.cli.conftest import Shell


class Terminal:
    """A command whose input and standard error are a terminal."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        self.screen = ""
        self.process = subprocess.Popen(
            # setsid makes the terminal the controlling one, so that Ctrl-C is a signal; tests
            # that run in the background have it ignored.
            [
                *("setsid", "--ctty", "env", "--default-signal=INT"),
                *(sys.executable, "-m", "hatoba.cli.main"),
                *arguments,
            ],
            env={**shell.env, "TERM": "xterm", "NO_COLOR": "1"},
            cwd=shell.home,
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
        )
        os.close(slave)

    def until(self, text: str) -> None:
        """Read the screen until the text is on it."""
        deadline = time.monotonic() + 20
        while text not in self.screen:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} did not come: {self.screen!r}"
            if select.select([self._master], [], [], left)[0]:
                self.screen += os.read(self._master, 4096).decode()

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Wait for the command and return its exit code."""
        with suppress(OSError):
            while piece := os.read(self._master, 4096):
                self.screen += piece.decode()
        assert self.process.stdout is not None
        self.process.stdout.close()
        os.close(self._master)
        return self.process.wait(20)


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, "new"), ("", 3, "sk_live_old")])
def test_overwriting_asks(shell: Shell, answer: str, code: int, left: str) -> None:
    terminal = Terminal(shell, "config:set", "STRIPE_KEY=new", "-a", "harbour")
    terminal.until("STRIPE_KEY exists and will be overwritten. Go on? [y/N]")
    terminal.type(f"{answer}\n")
    assert terminal.end() == code, terminal.screen
    assert shell.platform.config["STRIPE_KEY"] == left


def test_destroying_wants_the_name_typed(shell: Shell) -> None:
    terminal = Terminal(shell, "apps:destroy", "-a", "harbour")
    terminal.until("Type harbour to go on:")
    terminal.type("harbor\n")
    assert terminal.end() == 3
    assert "That is not harbour. Nothing was changed." in terminal.screen
    assert not shell.platform.destroyed


def test_ctrl_c_at_a_question_changes_nothing(shell: Shell) -> None:
    terminal = Terminal(shell, "maintenance:on", "-a", "harbour")
    terminal.until("[y/N]")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert not shell.platform.maintenance
    assert "Traceback" not in terminal.screen


def test_end_of_input_is_no(shell: Shell) -> None:
    terminal = Terminal(shell, "maintenance:on", "-a", "harbour")
    terminal.until("[y/N]")
    terminal.type("\x04")
    assert terminal.end() == 3
    assert not shell.platform.maintenance
