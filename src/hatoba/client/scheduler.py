"""Calls about scheduled jobs."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.schema.scheduler import Job, Run


def _jobs(app: str) -> str:
    return f"/hatoba/apps/{app}/scheduler/jobs"


def _job(app: str, job: str) -> str:
    return f"{_jobs(app)}/{quote(job, safe='')}"


def listed(api: Api, app: str) -> list[Job]:
    """Return an app's jobs by number."""
    return list(api.pages(_jobs(app), Job))


def find(api: Api, app: str, job: str) -> Job:
    """Return a job by number or id."""
    return api.get(_job(app, job), Job)


def runs(api: Api, app: str, job: str) -> list[Run]:
    """Return a job's runs, the newest first."""
    return list(api.pages(f"{_job(app, job)}/runs", Run))


def add(api: Api, app: str, body: Mapping[str, object], version: int | None = None) -> Job:
    """Add a job."""
    return api.change("POST", _jobs(app), Job, body=dict(body), version=version)


def update(
    api: Api, app: str, job: str, body: Mapping[str, object], version: int | None = None
) -> Job:
    """Change a job."""
    return api.change("PATCH", _job(app, job), Job, body=dict(body), version=version)


def remove(api: Api, app: str, job: str, version: int | None = None) -> Job:
    """Remove a job."""
    return api.change("DELETE", _job(app, job), Job, version=version)


def run(api: Api, app: str, job: str, version: int | None = None) -> Run:
    """Run a job once more, now."""
    return api.change("POST", f"{_job(app, job)}/actions/run", Run, version=version)
