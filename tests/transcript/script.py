"""Transcripts: what somebody types and what they see, as files that are run.

::

    Text for readers, before the first command.
    $ heroku ps:scale web=2 -a harbour
    what goes to standard output
    2> what goes to standard error
    exit 3

``…`` stands for any text within a line, a line of only ``...`` for any lines, ``{port}`` for the
platform's port and ``{email}`` for the account. Without an ``exit`` line the exit code is 0.
A line that begins with ``2>`` need only be there in this order; standard output is compared whole.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Step:
    """One command with what is expected of it. ``number`` is its line in the file."""

    number: int
    command: str
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    code: int = 0

    @property
    def argv(self) -> list[str]:
        return shlex.split(self.command)


def parse(text: str) -> list[Step]:
    """Read a transcript."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("$ "):
            steps.append(Step(number, line.removeprefix("$ ")))
        elif not steps:
            continue
        elif line.startswith("2> "):
            steps[-1].err.append(line.removeprefix("2> "))
        elif match := re.fullmatch(r"exit (\d+)", line):
            steps[-1].code = int(match[1])
        else:
            steps[-1].out.append(line)
    for step in steps:
        while step.out and not step.out[-1]:
            step.out.pop()
    return steps


def read(path: Path, values: Mapping[str, object]) -> list[Step]:
    """Read a transcript file with its placeholders filled in."""
    text = path.read_text()
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return parse(text)


def difference(step: Step, code: int, out: str, err: str) -> str | None:
    """Return what is not as the transcript says, or None."""
    problems = []
    if code != step.code:
        problems.append(f"exit code {code}, not {step.code}")
    if not re.fullmatch(_whole(step.out), out.rstrip("\n")):
        problems.append("another standard output")
    if not re.search(_in_order(step.err), err, re.DOTALL):
        problems.append("another standard error")
    if not problems:
        return None
    return f"line {step.number}: $ {step.command}\n{', '.join(problems)}:\n{out}--- stderr\n{err}"


def _whole(lines: Sequence[str]) -> str:
    pattern = ""
    for number, line in enumerate(lines):
        if line == "...":
            pattern += r"(?:.*\n?)*?"
        else:
            end = "" if number == len(lines) - 1 else "\n"
            pattern += _line(line) + end
    return pattern


def _in_order(lines: Sequence[str]) -> str:
    return ".*?".join(rf"(?m:^{_line(line)}$)" for line in lines)


def _line(line: str) -> str:
    return "[^\n]*".join(re.escape(part) for part in line.split("…"))
