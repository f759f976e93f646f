"""Test runs: a commit's tests, run in a throw-away app, and what they say of themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

# https://devcenter.heroku.com/articles/heroku-ci: these scripts of app.json are run.
SETUP_SCRIPT, TEST_SCRIPT = "test-setup", "test"
# A debug run that nobody ends costs an app and its add-ons.
DEBUG_HOURS = 24
# What is kept of a run's cases; a suite with more has its own reports.
MAX_CASES = 10_000
_CASE = re.compile(
    r"(?P<bad>not )?ok\b[ \t]*(?P<number>\d{1,9})?[ \t]*(?:-[ \t]+)?(?P<what>[^#]*)"
    r"(?:#[ \t]*(?P<directive>.*))?"
)


class RunStatus(StrEnum):
    """How far a test run is; the Platform API's own words."""

    PENDING = "pending"
    CREATING = "creating"
    BUILDING = "building"
    RUNNING = "running"
    DEBUGGING = "debugging"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ERRORED = "errored"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self in _ENDED


_ENDED = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.ERRORED, RunStatus.CANCELLED)
UNFINISHED = tuple(status for status in RunStatus if status not in _ENDED)


@dataclass(frozen=True)
class TestRun:
    """One run of a pipeline's tests. ``setup_id`` is its throw-away app's.

    ``error_state`` is how far one that errored had come, ``for_review`` whether a review app
    waits for it and so carries it out.
    """

    __test__ = False

    id: UUID
    pipeline_id: UUID
    account_id: UUID
    account_email: str
    number: int
    branch: str
    commit: str
    commit_message: str
    debug: bool
    clear_cache: bool
    for_review: bool
    status: RunStatus
    message: str | None
    error_state: str | None
    exit_code: int | None
    app_id: UUID | None
    setup_id: UUID
    created_at: datetime
    updated_at: datetime

    @property
    def node_id(self) -> UUID:
        """The one node on which its tests run."""
        return uuid5(self.id, "node 0")

    @property
    def setup_stream(self) -> UUID:
        """The output of its build, as that of the set-up is called."""
        return uuid5(self.setup_id, "build")

    @property
    def output_stream(self) -> UUID:
        """The output of its tests."""
        return uuid5(self.id, "output")


@dataclass(frozen=True)
class Case:
    """One test as TAP tells of it; ``directive`` is its TODO or SKIP with the reason."""

    number: int
    description: str
    passed: bool
    directive: str = ""
    diagnostic: str = ""


def script(setup: str | None, test: str) -> str:
    """Return the command line that prepares and then tests, in one dyno."""
    return f"(\n{setup}\n) && (\n{test}\n)" if setup else test


def cases(output: str) -> list[Case]:
    """Return the tests that an output tells of in TAP, none when it speaks otherwise.

    https://testanything.org/tap-version-13-specification.html
    """
    found: list[Case] = []
    notes: list[str] = []
    for line in _lines(output):
        match = _CASE.fullmatch(line)
        if match is None:
            if found and (note := _note(line)) is not None:
                notes.append(note)
            continue
        _close(found, notes)
        if len(found) >= MAX_CASES:
            break
        number = int(match["number"]) if match["number"] else len(found) + 1
        passed = not match["bad"]
        found.append(
            Case(number, match["what"].strip(), passed, (match["directive"] or "").strip())
        )
    _close(found, notes)
    return found


def _lines(output: str) -> Iterator[str]:
    for line in output.splitlines():
        yield line.rstrip()


def _note(line: str) -> str | None:
    """Return what a line says of the test before it: a comment, or a part of a YAML block."""
    if line.startswith("#"):
        return line.lstrip("# ")
    indented = line.startswith("  ") and line.strip() not in ("---", "...")
    return line.strip() if indented else None


def _close(found: list[Case], notes: list[str]) -> None:
    if found and notes:
        last = found[-1]
        text = "\n".join(notes)
        found[-1] = Case(last.number, last.description, last.passed, last.directive, text)
    notes.clear()
