"""The routes of scheduled jobs, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import OPERATE, VIEW
from hatoba.api.endpoint import Route
from hatoba.api.resources import scheduler

_JOBS = "/hatoba/apps/{app}/scheduler/jobs"
_JOB = f"{_JOBS}/{{job}}"

SCHEDULER: tuple[Route[Any], ...] = (
    Route("GET", _JOBS, VIEW, scheduler.listed, "scheduler"),
    Route("POST", _JOBS, OPERATE, scheduler.add, "scheduler:add"),
    Route("GET", _JOB, VIEW, scheduler.info, "scheduler:info"),
    Route("PATCH", _JOB, OPERATE, scheduler.update, "scheduler:update"),
    Route("DELETE", _JOB, OPERATE, scheduler.remove, "scheduler:remove"),
    Route("GET", f"{_JOB}/runs", VIEW, scheduler.runs, "scheduler:info"),
    Route("POST", f"{_JOB}/actions/run", OPERATE, scheduler.run, "scheduler:run"),
)
