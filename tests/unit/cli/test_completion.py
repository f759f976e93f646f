"""Shells complete what is typed, once the line that ``heroku autocomplete`` tells has been run."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Shell

BIN = Path(sys.executable).parent
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
_READY = "ready> "
TYPED = {
    "heroku ps:sc": "heroku ps:scale",
    "heroku ps:scale --pl": "heroku ps:scale --plan",
    "heroku ps -a har": "heroku ps -a harbour",
    "heroku pg:credentials:rep": "heroku pg:credentials:repair-default",
}


def home(shell: Shell, name: str) -> dict[str, str]:
    """Run the line that ``autocomplete`` tells, and return the environment of new terminals."""
    env = {**shell.env, "PATH": f"{BIN}:{shell.env['PATH']}", "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    (shell.home / ".config/fish/completions").mkdir(parents=True)
    line = json.loads(shell("autocomplete", name, "--json").out)[name]
    subprocess.run(["sh", "-c", line], env=env, check=True)
    return env


class Typist:
    """Somebody at a new terminal of a shell."""

    def __init__(self, *command: str, env: dict[str, str]) -> None:
        self._own, its = pty.openpty()
        termios.tcsetwinsize(its, (40, 200))
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            env=env, cwd=env["HOME"], stdin=its, stdout=its, stderr=its,
        )  # fmt: skip
        os.close(its)
        self._screen = ""

    def type(self, text: str, until: str) -> None:
        """Type, and read the screen until it has more than was typed."""
        os.write(self._own, text.encode())
        self._screen = ""
        deadline = time.monotonic() + 30
        while until not in self._screen:
            left = deadline - time.monotonic()
            assert left > 0, f"{until!r} did not come: {self._screen!r}"
            if select.select([self._own], [], [], left)[0]:
                self._screen += _STYLE.sub("", os.read(self._own, 4096).decode())

    def leave(self) -> None:
        self._process.terminate()
        self._process.kill()
        self._process.wait()
        os.close(self._own)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("bash", "PS1='rea''dy> '; bind 'set enable-bracketed-paste off'\n"),
        ("zsh", "PROMPT='rea''dy> '; unset zle_bracketed_paste\n"),
    ],
)
def test_what_is_begun_is_completed_by_a_tab(shell: Shell, name: str, start: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} on this machine")
    typist = Typist(name, "-i", env=home(shell, name))
    try:
        typist.type(start, _READY)
        for begun, whole in TYPED.items():
            typist.type(f"{begun}\t", whole)
            typist.type("\x15\n", _READY)
    finally:
        typist.leave()


def test_fish_completes_too(shell: Shell) -> None:
    if shutil.which("fish") is None:
        pytest.skip("there is no fish on this machine")
    env = home(shell, "fish")
    for begun, whole in TYPED.items():
        asked = ["fish", "-c", f"complete -C '{begun}'"]
        done = subprocess.run(asked, env=env, capture_output=True, text=True, check=True)
        assert whole.split()[-1] in [line.split("\t")[0] for line in done.stdout.splitlines()]
