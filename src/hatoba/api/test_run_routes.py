"""The routes of test runs, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import READ, WRITE
from hatoba.api.endpoint import Route
from hatoba.api.resources import test_runs

_RUN = "/test-runs/{test_run}"
_OF_PIPELINE = "/pipelines/{pipeline}/test-runs"

TEST_RUNS: tuple[Route[Any], ...] = (
    Route("POST", "/test-runs", WRITE, test_runs.create, "ci:run, ci:rerun, ci:debug"),
    Route("GET", _RUN, READ, test_runs.info),
    Route("PATCH", _RUN, WRITE, test_runs.update, "ci:debug"),
    Route("GET", f"{_RUN}/test-nodes", READ, test_runs.nodes, "ci:info, ci:last"),
    Route("GET", f"{_RUN}/test-cases", READ, test_runs.cases, "ci:info"),
    Route("GET", _OF_PIPELINE, READ, test_runs.of_pipeline, "ci, ci:last"),
    Route("GET", f"{_OF_PIPELINE}/{{number}}", READ, test_runs.by_number, "ci:info"),
)
