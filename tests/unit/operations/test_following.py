"""Waiting at the pace that was chosen, and telling what happens meanwhile."""

from __future__ import annotations

import msgspec
import pytest

from hatoba.client import backups
from hatoba.client.api import Api
from hatoba.operations.backups import Capture, wait
from hatoba.operations.pace import Pace
from hatoba.operations.test_runs import news
from hatoba.schema.backups import Line, Transfer
from hatoba.schema.platform import Reference
from hatoba.schema.test_runs import Sized, TestRun
from tests.unit.operations.conftest import Somebody
from tests.unit.operations.test_backups import made

MOMENT = "2026-11-23T10:00:00Z"


def test_two_looks_are_as_far_apart_as_was_chosen() -> None:
    slept: list[float] = []
    pace = Pace(monotonic=lambda: sum(slept), sleep=slept.append, every=3)
    assert pace.until(lambda: len(slept), lambda looks: looks == 3, 60) == 3
    assert slept == [3, 3, 3]


@pytest.mark.parametrize("verbose", [True, False])
def test_a_transfers_log_is_told_once_where_that_is_wished(
    verbose: bool, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [Line(MOMENT, "info", f"line {number}") for number in (1, 2)]
    looks = iter([lines[:1], lines[:1], lines])

    def find(_: Api, __: str, ___: str, *, log: bool) -> Transfer:
        told = next(looks)
        ended = MOMENT if len(told) > 1 else None
        return msgspec.structs.replace(made(), finished_at=ended, logs=told if log else [])

    monkeypatch.setattr(backups, "find", find)
    operation = Capture(api, "harbour", pace=Pace(sleep=lambda _: None))
    ui = Somebody()
    done = wait(operation, "harbour", made(), ui, "Backing up", verbose=verbose)
    assert done.finished_at == MOMENT
    log = [f"{MOMENT} line 1", f"{MOMENT} line 2"] if verbose else []
    assert ui.heard == ["Backing up", *log]


def a_run(number: int, status: str) -> TestRun:
    return TestRun(
        id=f"r-{number}",
        number=number,
        pipeline=Reference("p-1"),
        actor_email="ada@harbour.example",
        user={},
        commit_branch="main",
        commit_message="",
        commit_sha="1f2e3d4c",
        debug=False,
        clear_cache=False,
        app_setup=None,
        dyno=Sized("basic"),
        status=status,
        message=None,
        warning_message=None,
        error_state=None,
        source_blob_url="",
        created_at=MOMENT,
        updated_at=MOMENT,
    )


def test_a_watcher_is_told_what_is_new_of_test_runs() -> None:
    told = {"r-1": "succeeded"}
    now = [a_run(3, "pending"), a_run(2, "running"), a_run(1, "succeeded")]
    assert [one.number for one in news(told, now)] == [2, 3]
    assert news(told, now) == []
    later = [a_run(3, "pending"), a_run(2, "failed"), a_run(1, "succeeded")]
    assert [one.number for one in news(told, later)] == [2]
