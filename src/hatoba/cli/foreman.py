"""A Procfile's process types on this machine, side by side, as the app's developer runs them."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from honcho import environ
from honcho.manager import KILL_WAIT, Manager
from honcho.printer import Printer

from hatoba.errors import UsageError

FIRST_PORT = 5000
RELEASE = "release"


class Foreman(Manager):  # type: ignore[misc]
    """Runs processes until one ends or Ctrl-C; then ends them all, in 5 seconds at the most."""

    def terminate(self) -> None:
        """Ask all to end, and make those that have not ended after a while."""
        super().terminate()
        deadline = threading.Timer(KILL_WAIT, self.kill)
        deadline.daemon = True
        deadline.start()


def processes(procfile: Path) -> dict[str, str]:
    """Return the commands of a Procfile by their process types. Raises UsageError."""
    try:
        found = dict(environ.parse_procfile(procfile.read_text()).processes)
    except OSError as error:
        raise UsageError(
            f"No {procfile} can be read here: {error.strerror}. Add one, or say what to run with "
            "--start-cmd."
        ) from error
    except AssertionError as error:
        raise UsageError(f"{procfile} names a process type twice.") from error
    if not found:
        raise UsageError(f"{procfile} has no process type. Write one a line: web: COMMAND")
    return found


def chosen(known: Mapping[str, str], wishes: tuple[str, ...]) -> dict[str, int]:
    """Read ``web=2,worker``; without a wish every process type but the release command runs."""
    words = [word for wish in wishes for word in wish.split(",") if word]
    if not words:
        return {name: 1 for name in known if name != RELEASE}
    numbers = {}
    for word in words:
        name, equals, number = word.partition("=")
        if name not in known:
            raise UsageError(f"The Procfile has no process type {name}, only {', '.join(known)}.")
        if equals and not number.isdecimal():
            raise UsageError(f"{word} must be TYPE or TYPE=NUMBER.")
        numbers[name] = int(number) if equals else 1
    return numbers


def run(
    commands: Mapping[str, str],
    numbers: Mapping[str, int],
    env: Mapping[str, str],
    port: int,
    *,
    color: bool,
) -> int:
    """Run them with their output prefixed; return the exit code of the first that ended.

    Each process type has ports of its own, a hundred apart.
    """
    # Others would have to take all of it along as pickles.
    multiprocessing.set_start_method("fork", force=True)
    foreman = Foreman(Printer(sys.stdout, colour=color))
    types = {name: commands[name] for name in numbers}
    inherited = {name: value for name, value in env.items() if name != "PORT"}
    for process in environ.expand_processes(types, concurrency=numbers, env=inherited, port=port):
        foreman.add_process(process.name, process.cmd, env=process.env)
    foreman.loop()
    code = int(foreman.returncode or 0)
    return code if code >= 0 else 128 - code
