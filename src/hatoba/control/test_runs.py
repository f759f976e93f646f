"""Test runs: asked for, found, ended. ``test_runs_run`` carries them out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control import pipelines, sources
from hatoba.control.platform import Platform
from hatoba.model.account import Account
from hatoba.model.pipeline import Pipeline
from hatoba.model.test_run import Case, RunStatus, TestRun
from hatoba.store import pipelines as pipeline_rows
from hatoba.store import test_runs as rows


@dataclass(frozen=True)
class Order:
    """A test run to be: of an archive here (it is moved away), or what is at the URL.

    ``for_review`` is for one that a review app's job carries out itself.
    """

    branch: str
    commit: str
    message: str
    source: Path | None = None
    url: str = ""
    debug: bool = False
    clear_cache: bool = False
    for_review: bool = False
    id: UUID = field(default_factory=uuid4)


async def create(p: Platform, account: Account, pipeline: Pipeline, order: Order) -> TestRun:
    """Have a commit's tests run. Raises NotFound when the pipeline is gone."""
    setup_id = uuid4()
    kept = p.sources / f"{setup_id}.tar"
    if order.source is not None:
        await asyncio.to_thread(sources.move, order.source, kept)
    values = {
        "id": order.id,
        "pipeline_id": pipeline.id,
        "account_id": account.id,
        "branch": order.branch,
        "commit": order.commit,
        "commit_message": order.message,
        "debug": order.debug,
        "clear_cache": order.clear_cache,
        "for_review": order.for_review,
        "setup_id": setup_id,
        "source": _sealed(p, order),
    }
    try:
        async with p.store.begin() as conn:
            if await pipeline_rows.by_id(conn, pipeline.id, lock=True) is None:
                raise errors.NotFound("Couldn't find that pipeline.", resource="pipeline")
            await rows.insert(conn, values)
            if not order.for_review:
                await p.jobs.test_run(conn, order.id)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    made = await by_id(p, order.id)
    p.streams.begin(made.setup_stream)
    p.streams.begin(made.output_stream)
    return made


@dataclass(frozen=True)
class Source:
    """Where a run's source was said to be, and whether its archive was put here."""

    url: str
    kept: bool


def _sealed(p: Platform, order: Order) -> bytes:
    body = {"url": order.url, "kept": order.source is not None}
    return p.vault.seal(json.dumps(body).encode(), f"test run:{order.id}")


async def source(p: Platform, run: TestRun) -> Source:
    """Return where a run's source is."""
    async with p.store.begin() as conn:
        sealed = await rows.source(conn, run.id)
    if sealed is None:
        raise unknown()
    return Source(**json.loads(p.vault.unseal(sealed, f"test run:{run.id}")))


async def by_id(p: Platform, run_id: UUID) -> TestRun:
    """Return a run. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, run_id)
    if found is None:
        raise unknown()
    return found


def unknown() -> errors.NotFound:
    """Return the error for a test run that isn't."""
    return errors.NotFound("Couldn't find that test run.", resource="test_run")


async def find(p: Platform, account: Account, run_id: UUID | None) -> TestRun:
    """Return a run of a pipeline that the account sees. Raises NotFound."""
    if run_id is None:
        raise unknown()
    found = await by_id(p, run_id)
    if found.pipeline_id not in {one.id for one in await pipelines.listed(p, account)}:
        raise unknown()
    return found


async def numbered(p: Platform, account: Account, number: str) -> TestRun:
    """Return the run of that number among all that the account sees.

    Raises NotFound when there is none, or pipelines have several of them.
    """
    seen = await pipelines.listed(p, account)
    found = [run for one in seen for run in await of_pipeline(p, one) if str(run.number) == number]
    if len(found) != 1:
        raise unknown()
    return found[0]


async def of_pipeline(p: Platform, pipeline: Pipeline) -> list[TestRun]:
    """Return a pipeline's runs by number."""
    async with p.store.begin() as conn:
        return await rows.of_pipeline(conn, pipeline.id)


async def cases(p: Platform, run: TestRun) -> list[tuple[UUID, Case]]:
    """Return the cases that a run told of, with their ids."""
    async with p.store.begin() as conn:
        return [(case_id, case) for case_id, _, case in await rows.cases(conn, run.id)]


async def end(p: Platform, run: TestRun, status: RunStatus, message: str | None) -> TestRun:
    """End a run that has not ended; its app goes. Raises Conflict when it has."""
    async with p.store.begin() as conn:
        ended = await rows.move(conn, run.id, status, message=message)
        await p.jobs.test_run(conn, run.id)
    p.jobs.cancel(run.id)
    if not ended:
        raise errors.Conflict(f"Test run #{run.number} has ended already.")
    return await by_id(p, run.id)
