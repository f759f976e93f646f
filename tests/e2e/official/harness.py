"""Command lines of the official CLI, typed in order, and what must be seen of each."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hatoba.kit import signing
from tests.e2e.platform import OFFICIAL_CLI, Done, Platform
from tests.e2e.terminal import typed


@dataclass(frozen=True)
class Line:
    """One line. ``shows`` is what its output must have in it, ``code`` its exit code.

    ``answers`` are the questions that it asks at a terminal, with what is typed; without them it
    has no terminal. ``saves`` keeps what a pattern's group finds under a name, for ``{name}`` in
    later lines. ``stdin`` is what it reads, ``env`` what its environment has besides.
    """

    text: str
    shows: str | tuple[str, ...] = ()
    code: int = 0
    answers: tuple[tuple[str, str], ...] = ()
    saves: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The command that it is a line of."""
        return self.text.split()[0]

    @property
    def wanted(self) -> tuple[str, ...]:
        """What must be shown, as a list."""
        return (self.shows,) if isinstance(self.shows, str) else self.shows


def confirmed(text: str, *shows: str, name: str) -> Line:
    """Return a line that asks for a name to be typed."""
    return Line(text, shows, answers=(("To proceed, type", f"{name}\n"),))


# Made for this test; nobody has its private half.
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6Qw5oHhWcFYdVbZ7nnqsQj0kqY4bbXg2QnVnIBLWcV a@b"


def _write_certificate(folder: Path) -> None:
    made = signing.self_signed(
        "www.yard.example", signing.subject("/CN=www.yard.example"), 2048, datetime.now(UTC)
    )
    (folder / "yard.pem").write_bytes(made.signed)
    (folder / "yard.key").write_bytes(made.key)


class Typist:
    """Types lines on one platform, in a home of its own."""

    def __init__(self, platform: Platform, home: str) -> None:
        self._platform = platform
        self._folder = platform.folder / f"official-{home}"
        self._folder.mkdir()
        _write_certificate(self._folder)
        (self._folder / "local.env").write_text("GREETING=Ahoy\n")
        (self._folder / "Procfile").write_text("web: echo casting off\n")
        (self._folder / "key.pub").write_text(f"{KEY}\n")
        official = platform.official_env()
        self._env = {
            **official,
            "HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder / ".config"),
            "XDG_CACHE_HOME": str(self._folder / ".cache"),
            "XDG_DATA_HOME": str(self._folder / ".local"),
            "PATH": f"{OFFICIAL_CLI.parent}:{official['PATH']}",
        }
        self.known: dict[str, str] = {"port": str(platform.port)}
        self.failures: list[str] = []
        self.typed: set[str] = set()

    def type(self, lines: Sequence[Line]) -> None:
        """Type the lines, and note what is not as it must be."""
        for line in lines:
            try:
                text = self._filled(line.text)
                status, output = self._done(line, text)
            except (AssertionError, KeyError, subprocess.TimeoutExpired) as error:
                self.failures.append(f"$ heroku {line.text}\n{error!r}")
                continue
            self._keep(line, output)
            missing = [want for want in map(self._filled, line.wanted) if want not in output]
            if missing or status != line.code:
                said = f"exit {status}, not {line.code}; missing {missing}"
                self.failures.append(f"$ heroku {text}\n{said}\n{output}")
            else:
                self.typed.add(line.command)

    def _done(self, line: Line, text: str) -> tuple[int, str]:
        env = {**self._env, **line.env}
        if line.answers:
            whole = {**self._platform.env, **env}
            done = typed(f"heroku {text}", line.answers, cwd=self._folder, env=whole)
            return done.status, done.screen
        plain = self._platform.command(
            str(OFFICIAL_CLI),
            *shlex.split(text),
            cwd=self._folder,
            env=env,
            stdin=line.stdin,
            timeout=120,
        )
        return plain.status, self._looked_at(plain)

    def _looked_at(self, done: Done) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", done.all)

    def _keep(self, line: Line, output: str) -> None:
        for name, pattern in line.saves.items():
            if found := re.search(pattern, output):
                self.known[name] = found[1]

    def _filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.known[found[1]], text)
