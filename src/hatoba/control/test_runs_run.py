"""What the job of a test run does: a throw-away app, its tests in a dyno, and all of it gone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import apps, commands, discards, pipeline_config, setups, setups_run, test_runs
from hatoba.control.commands import Command
from hatoba.control.platform import Actor, Platform
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.dyno import DEFAULT_SIZE
from hatoba.model.pipeline import Pipeline, Stage
from hatoba.model.release import Status
from hatoba.model.setup import Purpose, Setup
from hatoba.model.test_run import (
    DEBUG_HOURS,
    SETUP_SCRIPT,
    TEST_SCRIPT,
    RunStatus,
    TestRun,
    cases,
    script,
)
from hatoba.store import accounts as account_rows
from hatoba.store import dynos as dyno_rows
from hatoba.store import pipelines as pipeline_rows
from hatoba.store import releases as release_rows
from hatoba.store import test_runs as rows

log = structlog.get_logger("test runs")

# Test reports are at the end of what tests print.
_READ_BYTES = 4 * 1024 * 1024


async def carry_out(p: Platform, run_id: UUID) -> None:
    """Carry out a test run; after an interruption, what is left of it."""
    async with p.store.begin() as conn:
        run = await rows.by_id(conn, run_id)
        pipeline = await pipeline_rows.by_id(conn, run.pipeline_id) if run else None
        owner = await account_rows.by_id(conn, pipeline.owner_id) if pipeline else None
    if run is None or pipeline is None or owner is None:
        return
    if not run.status.ended:
        await _attempt(p, owner, pipeline, run)
        run = await test_runs.by_id(p, run.id)
    if run.status.ended:
        await _clear(p, owner, run)


async def _attempt(p: Platform, owner: Account, pipeline: Pipeline, run: TestRun) -> None:
    try:
        await _go(p, owner, pipeline, run)
    except errors.DiskFull as error:
        await _errored(p, run, error.message)
    except errors.Unavailable:
        raise
    except errors.HatobaError as error:
        await _errored(p, run, error.message)
    except Exception:
        log.exception("a test run broke", run_id=str(run.id))
        await _errored(p, run, "The platform failed while testing; its log says why.")


async def _go(p: Platform, owner: Account, pipeline: Pipeline, run: TestRun) -> None:
    if run.status is RunStatus.PENDING:
        await _make(p, owner, pipeline, run)
    await setups_run.carry_out(p, run.setup_id)
    setup = await setups.by_id(p, run.setup_id)
    if setup.status is not Status.SUCCEEDED:
        why = setup.failure_message or "The app could not be set up."
        raise errors.BuildFailed(" ".join([why, *setup.manifest_errors]))
    if run.debug:
        async with p.store.begin() as conn:
            await rows.move(conn, run.id, RunStatus.DEBUGGING)
        return
    await _test(p, run, setup)


async def _make(p: Platform, owner: Account, pipeline: Pipeline, run: TestRun) -> None:
    """Make the throw-away app and note its set-up, all at once."""
    source = await test_runs.source(p, run)
    env = {**await pipeline_config.current(p, pipeline, Stage.TEST), **_facts(run)}

    async def beside(conn: AsyncConnection, app: App) -> None:
        order = setups.Order(
            source=p.sources / f"{run.setup_id}.tar" if source.kept else None,
            url=None if source.kept else source.url,
            version=run.commit,
            env=env,
            purpose=Purpose.TEST,
            id=run.setup_id,
        )
        await setups.begin(p, conn, Actor(owner), app, order)
        if not await rows.move(conn, run.id, RunStatus.BUILDING, app_id=app.id):
            raise errors.Conflict("The test run was cancelled.")

    async with p.store.begin() as conn:
        await rows.move(conn, run.id, RunStatus.CREATING)
    await apps.create(p, Actor(owner), name=f"ci-{run.id.hex[:12]}", beside=beside)


def _facts(run: TestRun) -> dict[str, str]:
    """Return what Heroku CI tells tests of themselves."""
    return {
        "CI": "true",
        "CI_NODE_INDEX": "0",
        "CI_NODE_TOTAL": "1",
        "HEROKU_TEST_RUN_BRANCH": run.branch,
        "HEROKU_TEST_RUN_COMMIT_VERSION": run.commit,
        "HEROKU_TEST_RUN_ID": str(run.id),
    }


async def _test(p: Platform, run: TestRun, setup: Setup) -> None:
    test = setup.scripts.get(TEST_SCRIPT)
    if test is None:
        raise errors.InvalidParams(
            "app.json has no test to run: environments.test.scripts.test is missing."
        )
    async with p.store.begin() as conn:
        release = await release_rows.current(conn, setup.app_id)
        going = await rows.move(conn, run.id, RunStatus.RUNNING)
    if release is None or not going:
        return
    before = setup.scripts.get(SETUP_SCRIPT)
    line = script(before.command if before else None, test.command)
    size = test.size or DEFAULT_SIZE.name
    command = Command(uuid5(run.id, "tests"), "test", line, size, output=run.output_stream)
    status = await commands.run(p, release, command)
    told = cases(p.streams.tail(run.output_stream, _READ_BYTES).decode(errors="replace"))
    async with p.store.begin() as conn:
        after = RunStatus.SUCCEEDED if status == 0 else RunStatus.FAILED
        if status is None:
            after = RunStatus.ERRORED
        await rows.move(conn, run.id, after, exit_code=status)
        await rows.set_cases(conn, run.id, told)
        await dyno_rows.delete(conn, command.id)


async def _errored(p: Platform, run: TestRun, why: str) -> None:
    now = await test_runs.by_id(p, run.id)
    p.streams.append(run.setup_stream, f"\n !     {why}\n".encode())
    async with p.store.begin() as conn:
        state = now.status.value
        await rows.move(conn, run.id, RunStatus.ERRORED, message=why, error_state=state)


async def _clear(p: Platform, owner: Account, run: TestRun) -> None:
    """Take the app away with all that was made for it."""
    await setups_run.give_up(p, run.setup_id)
    if run.app_id is not None:
        await discards.discard(p, owner, run.app_id)
        async with p.store.begin() as conn:
            await rows.update(conn, run.id, app_id=None)
    (p.sources / f"{run.setup_id}.tar").unlink(missing_ok=True)
    p.streams.finish(run.setup_stream)
    p.streams.finish(run.output_stream)


async def sweep(p: Platform) -> None:
    """End the debug runs that everybody has forgotten."""
    async with p.store.begin() as conn:
        left = await rows.debugging(conn, p.clock.now() - timedelta(hours=DEBUG_HOURS))
    for run in left:
        why = f"Nobody ended this debug run within {DEBUG_HOURS} hours."
        await test_runs.end(p, run, RunStatus.CANCELLED, why)
