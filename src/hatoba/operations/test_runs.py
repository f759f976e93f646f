"""Following test runs: nothing of them stays, so they are no change that would be reviewed."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba.client import apps, setups, test_runs
from hatoba.client.api import Api
from hatoba.operations.base import Ui
from hatoba.operations.pace import Pace
from hatoba.operations.setups import DEADLINE, show
from hatoba.schema.test_runs import TestCase, TestRun

ENDED = ("succeeded", "failed", "errored", "cancelled")
_REMOVAL_SECONDS = 60.0
_MARKS = {"succeeded": "✓", "failed": "✗", "errored": "!", "cancelled": "!"}


def line(run: TestRun) -> str:
    """Return a run as one line, as the official command line has it."""
    mark = _MARKS.get(run.status, "-")
    return f"{mark} #{run.number} {run.commit_branch}:{run.commit_sha[:7]} {run.status}"


def news(told: dict[str, str], runs: Sequence[TestRun]) -> list[TestRun]:
    """Return the runs that are new or fare otherwise than was told, the oldest first.

    ``told`` holds how each fared, and learns it.
    """
    fresh = sorted((one for one in runs if told.get(one.id) != one.status), key=_number)
    told.update({one.id: one.status for one in fresh})
    return fresh


def _number(run: TestRun) -> int:
    return run.number


def follow(api: Api, run: TestRun, ui: Ui, pace: Pace) -> TestRun:
    """Show a run's build and tests while they run; return the run once it has ended."""
    now = _until(api, run, pace, "building", "running", "debugging", *ENDED)
    node = test_runs.node(api, run.id)
    show(api, node.setup_stream_url, ui)
    now = _until(api, now, pace, "running", "debugging", *ENDED)
    if now.status != "debugging":
        show(api, node.output_stream_url, ui)
        now = _until(api, now, pace, *ENDED)
    return now


def _until(api: Api, run: TestRun, pace: Pace, *states: str) -> TestRun:
    return pace.until(
        lambda: test_runs.find(api, run.id), lambda seen: seen.status in states, DEADLINE
    )


def left(api: Api, run: TestRun, pace: Pace) -> bool:
    """Wait for the end of an ended run's throw-away app; tell whether it is still there."""
    if run.app_setup is None:
        return False
    app = setups.find(api, run.app_setup.id).app.id
    return pace.until(lambda: apps.exists(api, app), lambda there: not there, _REMOVAL_SECONDS)


def summary(found: list[TestCase]) -> str | None:
    """Return how many tests there were, and which of them failed; None when none were told."""
    if not found:
        return None
    bad = [one for one in found if not one.passed and not one.directive.upper().startswith("TODO")]
    names = "".join(f"\n  ✗ {one.number} {one.description}" for one in bad)
    return f"{len(found) - len(bad)} of {len(found)} tests passed{names}"


def exit_code(api: Api, run: TestRun) -> int:
    """Return what the tests ended with; 1 for a run that came to no end of its own."""
    if run.status == "succeeded":
        return 0
    return test_runs.node(api, run.id).exit_code or 1
