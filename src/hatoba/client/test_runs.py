"""Calls about test runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError
from hatoba.schema.test_runs import TestCase, TestNode, TestRun


def listed(api: Api, pipeline_id: str) -> list[TestRun]:
    """Return a pipeline's runs, the newest first."""
    return sorted(api.pages(f"/pipelines/{pipeline_id}/test-runs", TestRun), key=_newest)


def _newest(run: TestRun) -> int:
    return -run.number


def by_number(api: Api, pipeline_id: str, number: int) -> TestRun:
    """Return a pipeline's run. Raises ClientError when there is none of that number."""
    try:
        return api.get(f"/pipelines/{pipeline_id}/test-runs/{number}", TestRun)
    except ApiError as error:
        if error.status == 404:
            raise ClientError(f"There is no test run #{number}. See: heroku ci") from error
        raise


def find(api: Api, run_id: str) -> TestRun:
    """Return a run by its id."""
    return api.get(f"/test-runs/{run_id}", TestRun)


def create(api: Api, body: Mapping[str, Any]) -> TestRun:
    """Have tests run."""
    return api.change("POST", "/test-runs", TestRun, body=dict(body))


def cancel(api: Api, run_id: str, why: str) -> TestRun:
    """End a run before its end."""
    body = {"status": "cancelled", "message": why}
    return api.change("PATCH", f"/test-runs/{run_id}", TestRun, body=body)


def node(api: Api, run_id: str) -> TestNode:
    """Return the node that a run's tests run on."""
    return api.pages(f"/test-runs/{run_id}/test-nodes", TestNode)[0]


def cases(api: Api, run_id: str) -> list[TestCase]:
    """Return the tests that a run told of, by number."""
    found = api.pages(f"/test-runs/{run_id}/test-cases", TestCase)
    return sorted(found, key=lambda case: case.number)
