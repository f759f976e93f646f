"""What the job of a review app does: make it, or destroy it, whichever its state asks for."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import replace
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import (
    apps,
    commands,
    discards,
    pipeline_config,
    pipeline_repository,
    review_apps,
    setups,
    setups_run,
    test_runs,
    test_runs_run,
)
from hatoba.control.commands import Command
from hatoba.control.platform import Actor, Platform
from hatoba.control.review_apps import Request
from hatoba.control.test_runs import Order as TestOrder
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.dyno import DEFAULT_SIZE
from hatoba.model.pipeline import Pipeline, Stage
from hatoba.model.release import Status
from hatoba.model.review_app import ReviewApp, ReviewStatus, app_name
from hatoba.model.setup import Purpose
from hatoba.model.test_run import RunStatus
from hatoba.store import accounts as account_rows
from hatoba.store import apps as app_rows
from hatoba.store import collaborators as collaborator_rows
from hatoba.store import dynos as dyno_rows
from hatoba.store import pipelines as pipeline_rows
from hatoba.store import releases as release_rows
from hatoba.store import review_apps as rows
from hatoba.store import test_runs as test_rows

log = structlog.get_logger("review apps")

_PREDESTROY = "pr-predestroy"
_NAME_TRIES = 5


async def carry_out(p: Platform, identity: UUID) -> None:
    """Do what is to be done about a review app; after an interruption, what is left of it."""
    async with p.store.begin() as conn:
        one = await rows.by_id(conn, identity)
        pipeline = await pipeline_rows.by_id(conn, one.pipeline_id) if one else None
        owner = await account_rows.by_id(conn, pipeline.owner_id) if pipeline else None
    if one is None or pipeline is None or owner is None:
        return
    if one.status is ReviewStatus.DELETING:
        await _destroy(p, owner, one)
        return
    if one.former_app_id is not None:
        await discards.discard(p, owner, one.former_app_id)
        async with p.store.begin() as conn:
            await rows.update(conn, one.id, former_app_id=None)
    if one.status is ReviewStatus.PENDING:
        problem = await _begin(p, owner, pipeline, one)
        if problem is not None:
            await _errored(p, one, ReviewStatus.PENDING, problem)
            return
    await _set_up(p, one)


async def _begin(p: Platform, owner: Account, pipeline: Pipeline, one: ReviewApp) -> str | None:
    """Fetch the source and make the app; return why it can't be."""
    wanted = await review_apps.request(p, one)
    try:
        version = await _source(p, pipeline, one, wanted)
        await _tested(p, owner, pipeline, one, version)
        await _make(p, owner, pipeline, one, wanted, version)
    except errors.DiskFull as error:
        return error.message
    except errors.Unavailable:
        raise
    except errors.HatobaError as error:
        return error.message
    return None


async def _source(p: Platform, pipeline: Pipeline, one: ReviewApp, wanted: Request) -> str | None:
    """Have the branch's archive where the set-up looks for it; return its commit."""
    if wanted.kept or wanted.url is not None:
        return wanted.version
    repository = await pipeline_repository.of(p, pipeline)
    branch = await pipeline_repository.branch(repository, one.branch)
    part = p.sources / f"{one.setup_id}.part"
    try:
        await pipeline_repository.archive(repository, branch, part)
        part.rename(p.sources / f"{one.setup_id}.tar")
    finally:
        part.unlink(missing_ok=True)
    return branch.commit


async def _tested(
    p: Platform, owner: Account, pipeline: Pipeline, one: ReviewApp, version: str | None
) -> None:
    """Run the tests first where the pipeline wants that. Raises BuildFailed when they fail."""
    config = await review_apps.config(p, pipeline)
    if config is None or not config.wait_for_ci:
        return
    run_id = uuid5(one.setup_id, "tests")
    async with p.store.begin() as conn:
        begun = await test_rows.by_id(conn, run_id) is not None
    if not begun:
        await _begin_tests(
            p,
            owner,
            pipeline,
            one,
            TestOrder(
                one.branch, version or "", f"Review app of {one.branch}", for_review=True, id=run_id
            ),
        )
    await test_runs_run.carry_out(p, run_id)
    run = await test_runs.by_id(p, run_id)
    if run.status is not RunStatus.SUCCEEDED:
        why = f": {run.message}" if run.message else ""
        raise errors.BuildFailed(f"Test run #{run.number} {run.status}{why}")


async def _begin_tests(
    p: Platform, owner: Account, pipeline: Pipeline, one: ReviewApp, order: TestOrder
) -> None:
    wanted = await review_apps.request(p, one)
    part = p.sources / f"{order.id}.part"
    part.unlink(missing_ok=True)
    if wanted.url is not None:
        order = replace(order, url=wanted.url)
    else:
        await asyncio.to_thread(os.link, p.sources / f"{one.setup_id}.tar", part)
        order = replace(order, source=part)
    await test_runs.create(p, owner, pipeline, order)


async def _make(
    p: Platform,
    owner: Account,
    pipeline: Pipeline,
    one: ReviewApp,
    wanted: Request,
    version: str | None,
) -> None:
    """Make the app, put it into the pipeline and note its set-up, all at once."""
    config = await review_apps.config(p, pipeline)
    base = (config.base_name if config else None) or pipeline.name
    env = {**await pipeline_config.current(p, pipeline, Stage.REVIEW), **wanted.env}
    kept = p.sources / f"{one.setup_id}.tar"

    async def beside(conn: AsyncConnection, app: App) -> None:
        order = setups.Order(
            source=None if wanted.url else kept,
            url=wanted.url,
            version=version,
            env={**env, **_facts(one, app)},
            purpose=Purpose.REVIEW,
            coupling=(pipeline, Stage.REVIEW),
            id=one.setup_id,
        )
        await setups.begin(p, conn, Actor(owner), app, order)
        if one.account_id != owner.id:
            await collaborator_rows.add(conn, app.id, one.account_id)
        creating = ReviewStatus.CREATING
        moved = await rows.move(conn, one.id, ReviewStatus.PENDING, creating, app_id=app.id)
        if not moved:
            raise errors.Conflict("The review app is being destroyed.")

    for attempt in range(_NAME_TRIES):
        suffix = f"{random.SystemRandom().randrange(16**4):04x}" if attempt else ""
        name = app_name(base, one.branch, one.pr_number, suffix)
        if not await _taken(p, name):
            await apps.create(p, Actor(owner), name=name, beside=beside)
            return
    raise errors.Conflict(f"No name is free for a review app of {one.branch}.")


async def _taken(p: Platform, name: str) -> bool:
    async with p.store.begin() as conn:
        return await app_rows.by_name(conn, name) is not None


def _facts(one: ReviewApp, app: App) -> dict[str, str]:
    """Return what Heroku tells every review app of itself."""
    number = {"HEROKU_PR_NUMBER": str(one.pr_number)} if one.pr_number is not None else {}
    return {"HEROKU_APP_NAME": app.name, "HEROKU_BRANCH": one.branch, **number}


async def _set_up(p: Platform, one: ReviewApp) -> None:
    await setups_run.carry_out(p, one.setup_id)
    setup = await setups.by_id(p, one.setup_id)
    if setup.status is Status.SUCCEEDED:
        async with p.store.begin() as conn:
            await rows.move(conn, one.id, ReviewStatus.CREATING, ReviewStatus.CREATED)
        return
    why = setup.failure_message or "It could not be set up."
    told = f"{why}: {' '.join(setup.manifest_errors)}" if setup.manifest_errors else why
    await _errored(p, one, ReviewStatus.CREATING, told)


async def _errored(p: Platform, one: ReviewApp, before: ReviewStatus, why: str) -> None:
    log.info("a review app could not be made", branch=one.branch, why=why)
    async with p.store.begin() as conn:
        now = await rows.by_id(conn, one.id)
        # A set-up that failed before its build has taken its app away.
        app = await app_rows.by_id(conn, now.app_id) if now and now.app_id else None
        gone = {} if app is not None else {"app_id": None}
        await rows.move(conn, one.id, before, ReviewStatus.ERRORED, message=why, **gone)
    (p.sources / f"{one.setup_id}.tar").unlink(missing_ok=True)


async def _destroy(p: Platform, owner: Account, one: ReviewApp) -> None:
    """Run the script for it, and put the app into the trash."""
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, one.app_id) if one.app_id else None
    if app is not None and app.destroyed_at is None:
        await _predestroy(p, one, app)
        await setups_run.give_up(p, one.setup_id)
        await apps.destroy(p, Actor(owner), app)
    if one.former_app_id is not None:
        await discards.discard(p, owner, one.former_app_id)
    (p.sources / f"{one.setup_id}.tar").unlink(missing_ok=True)
    async with p.store.begin() as conn:
        await rows.delete(conn, one.id)


async def _predestroy(p: Platform, one: ReviewApp, app: App) -> None:
    """Run ``pr-predestroy`` where there is code to run; its failure is said, and goes on."""
    setup = await setups.by_id(p, one.setup_id)
    script = setup.scripts.get(_PREDESTROY)
    async with p.store.begin() as conn:
        release = await release_rows.current(conn, app.id)
    if script is None or release is None or release.slug_id is None:
        return
    identity = uuid5(one.id, _PREDESTROY)
    size = script.size or DEFAULT_SIZE.name
    status = await commands.run(p, release, Command(identity, "predestroy", script.command, size))
    p.streams.finish(identity)
    async with p.store.begin() as conn:
        await dyno_rows.delete(conn, identity)
    if status != 0:
        p.logs.event(app.id, f"pr-predestroy failed with status {status}; destroying goes on")


async def sweep(p: Platform) -> int:
    """Have those destroyed that nobody touched for too long, said a day before; count them."""
    async with p.store.begin() as conn:
        there = [
            (one, await rows.config(conn, one.pipeline_id)) for one in await rows.created(conn)
        ]
    gone = 0
    for one, config in there:
        stale_at = config.stale_at(one) if config else None
        if stale_at is None:
            continue
        if p.clock.now() >= stale_at:
            await review_apps.destroy(p, one)
            gone += 1
        elif not one.warned and (stale_at - p.clock.now()).days < 1:
            await _warn(p, one)
    return gone


async def _warn(p: Platform, one: ReviewApp) -> None:
    if one.app_id is not None:
        p.logs.event(one.app_id, "This review app is destroyed within a day unless it is pushed to")
    async with p.store.begin() as conn:
        await rows.update(conn, one.id, warned=True)
