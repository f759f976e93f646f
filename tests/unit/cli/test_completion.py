"""Shells complete what is typed, once the line that ``heroku autocomplete`` tells has been run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.unit.cli.conftest import Shell

BIN = Path(sys.executable).parent
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


def shown(terminal: Terminal, typed: str, until: str) -> None:
    """Type, and read until the terminal shows more than was typed."""
    terminal.forget()
    terminal.type(typed)
    terminal.until(until, seconds=30)


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
    terminal = Terminal(f"{name} -i", cwd=shell.home, env=home(shell, name))
    try:
        shown(terminal, start, _READY)
        for begun, whole in TYPED.items():
            shown(terminal, f"{begun}\t", whole)
            shown(terminal, "\x15\n", _READY)
    finally:
        terminal.kill()


def test_fish_completes_too(shell: Shell) -> None:
    if shutil.which("fish") is None:
        pytest.skip("there is no fish on this machine")
    env = home(shell, "fish")
    for begun, whole in TYPED.items():
        asked = ["fish", "-c", f"complete -C '{begun}'"]
        done = subprocess.run(asked, env=env, capture_output=True, text=True, check=True)
        assert whole.split()[-1] in [line.split("\t")[0] for line in done.stdout.splitlines()]
