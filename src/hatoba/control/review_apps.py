"""Review apps: asked for, found, pushed to, destroyed. ``review_apps_run`` carries it out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from hatoba import errors
from hatoba.control import builds, pipeline_repository, pipelines, setups, sources
from hatoba.control.pipeline_repository import Repository
from hatoba.control.platform import Actor, Platform
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.pipeline import Pipeline
from hatoba.model.review_app import (
    UNFINISHED,
    ReviewApp,
    ReviewConfig,
    ReviewStatus,
    branch_problem,
)
from hatoba.store import apps as app_rows
from hatoba.store import pipelines as pipeline_rows
from hatoba.store import review_apps as rows


@dataclass(frozen=True)
class Order:
    """A review app to be: of an archive here (it is moved away), a URL, or the branch itself."""

    branch: str
    source: Path | None = None
    url: str | None = None
    version: str | None = None
    pr_number: int | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    automatic: bool = False


@dataclass(frozen=True)
class Request:
    """The part of an order that is kept sealed. With neither file nor URL the branch is asked."""

    kept: bool
    url: str | None
    version: str | None
    env: dict[str, str] = field(repr=False)


async def create(p: Platform, account: Account, pipeline: Pipeline, order: Order) -> ReviewApp:
    """Have a review app made, in the name of the pipeline's owner.

    Raises InvalidParams for a branch that can't be, and Conflict when it has a review app.
    """
    if problem := branch_problem(order.branch):
        raise errors.InvalidParams(problem)
    setups.check_env(order.env)
    setup_id = uuid4()
    kept = p.sources / f"{setup_id}.tar"
    if order.source is not None:
        await asyncio.to_thread(sources.move, order.source, kept)
    try:
        made = await _insert(p, account, pipeline, order, setup_id)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    return await by_id(p, made)


async def _insert(
    p: Platform, account: Account, pipeline: Pipeline, order: Order, setup_id: UUID
) -> UUID:
    values = {
        "pipeline_id": pipeline.id,
        "account_id": account.id,
        "branch": order.branch,
        "pr_number": order.pr_number,
        "setup_id": setup_id,
        "automatic": order.automatic,
        "request": _sealed(p, setup_id, order),
    }
    try:
        async with p.store.begin() as conn:
            # With the pipeline locked it can't be destroyed meanwhile.
            if await pipeline_rows.by_id(conn, pipeline.id, lock=True) is None:
                raise errors.NotFound("Couldn't find that pipeline.", resource="pipeline")
            await rows.forget_destroyed(conn, pipeline.id)
            before = await rows.of_branch(conn, pipeline.id, order.branch)
            if before is not None and before.status is ReviewStatus.ERRORED:
                # The same branch again: what failed before goes first.
                fresh = {**values, "former_app_id": before.app_id, "app_id": None}
                status = ReviewStatus.PENDING.value
                now = p.clock.now()
                await rows.update(
                    conn, before.id, **fresh, status=status, message=None, touched_at=now
                )
                made = before.id
            else:
                made = await rows.insert(conn, values)
            await p.jobs.review_app(conn, made)
    except IntegrityError as error:
        raise errors.Conflict(
            f"The branch {order.branch} has a review app already. "
            f"See: heroku reviewapps -p {pipeline.name}"
        ) from error
    return made


def _sealed(p: Platform, setup_id: UUID, order: Order) -> bytes:
    body = {
        "kept": order.source is not None,
        "url": order.url,
        "version": order.version,
        "env": dict(order.env),
    }
    return p.vault.seal(json.dumps(body).encode(), f"review app:{setup_id}")


async def request(p: Platform, one: ReviewApp) -> Request:
    """Return what was asked for."""
    async with p.store.begin() as conn:
        sealed = await rows.request(conn, one.id)
    if sealed is None:
        raise unknown()
    return Request(**json.loads(p.vault.unseal(sealed, f"review app:{one.setup_id}")))


async def by_id(p: Platform, identity: UUID) -> ReviewApp:
    """Return a review app. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, identity)
    if found is None:
        raise unknown()
    return found


def unknown() -> errors.NotFound:
    """Return the error for a review app that isn't."""
    return errors.NotFound("Couldn't find that review app.", resource="review_app")


async def find(p: Platform, account: Account, identity: UUID | None) -> ReviewApp:
    """Return a review app of a pipeline that the account sees. Raises NotFound."""
    if identity is None:
        raise unknown()
    found = await by_id(p, identity)
    seen = {pipeline.id for pipeline in await pipelines.listed(p, account)}
    if found.pipeline_id not in seen:
        raise unknown()
    return found


async def of_app(p: Platform, app: App) -> ReviewApp:
    """Return the review app that an app is. Raises NotFound when it is none."""
    async with p.store.begin() as conn:
        found = await rows.of_app(conn, app.id)
    if found is None:
        raise unknown()
    return found


async def of_pipeline(p: Platform, pipeline: Pipeline) -> list[ReviewApp]:
    """Return a pipeline's review apps by age."""
    async with p.store.begin() as conn:
        return await rows.of_pipeline(conn, pipeline.id)


async def destroy(p: Platform, one: ReviewApp) -> ReviewApp:
    """Have a review app destroyed, after its script for that; one that is being made, too."""
    async with p.store.begin() as conn:
        deleting = ReviewStatus.DELETING
        await rows.update(conn, one.id, status=deleting.value)
        await p.jobs.review_app(conn, one.id)
    p.jobs.cancel(one.id)
    return await by_id(p, one.id)


async def config(p: Platform, pipeline: Pipeline) -> ReviewConfig | None:
    """Return how a pipeline wants its review apps, None when it wants none."""
    async with p.store.begin() as conn:
        return await rows.config(conn, pipeline.id)


async def configure(p: Platform, wanted: ReviewConfig) -> None:
    """Set how a pipeline wants its review apps."""
    async with p.store.begin() as conn:
        await rows.put_config(conn, wanted)


async def disable(p: Platform, pipeline: Pipeline) -> None:
    """Want no new review apps; those that are there stay."""
    async with p.store.begin() as conn:
        await rows.drop_config(conn, pipeline.id)


@dataclass(frozen=True)
class Push:
    """A branch that was pushed to an app's repository: its commit, None when it is deleted."""

    branch: str
    commit: str | None


async def followed(p: Platform, app: App, push: Push) -> Pipeline | None:
    """Return the pipeline whose review app follows this push, None when none does."""
    async with p.store.begin() as conn:
        coupling = await pipeline_rows.coupling_of(conn, app.id)
        pipeline = await pipeline_rows.by_id(conn, coupling.pipeline_id) if coupling else None
        wanted = await rows.config(conn, pipeline.id) if pipeline else None
        there = await rows.of_branch(conn, pipeline.id, push.branch) if pipeline else None
    if pipeline is None or branch_problem(push.branch):
        return None
    wished = there is not None or (push.commit is not None and _automatic(wanted))
    return pipeline if wished and await _is_repository(p, pipeline, app) else None


def _automatic(wanted: ReviewConfig | None) -> bool:
    return wanted is not None and wanted.automatic


async def _is_repository(p: Platform, pipeline: Pipeline, app: App) -> bool:
    """Tell whether the pipeline's branches are those of this app; also at its first push."""
    try:
        repository: Repository | None = await pipeline_repository.of(p, pipeline)
    except errors.NotFound:
        return True
    return repository is not None and repository.app is not None and repository.app.app_id == app.id


async def pushed(
    p: Platform, actor: Actor, pipeline: Pipeline, push: Push, source: Path | None
) -> str:
    """Make, update or destroy the branch's review app; return what is done, in a sentence.

    ``source`` is the branch's archive, which is moved away.
    """
    async with p.store.begin() as conn:
        there = await rows.of_branch(conn, pipeline.id, push.branch)
    if source is None or push.commit is None:
        if there is None:
            return ""
        await destroy(p, there)
        return f"Review app {there.app_name or push.branch} is being destroyed."
    if there is not None and there.status is ReviewStatus.CREATED and there.app_id is not None:
        return await _update(p, actor, there, push, source)
    if there is not None and there.status in UNFINISHED:
        raise errors.BuildInProgress(
            f"The review app of {push.branch} is {there.status}. Wait until that is done, then "
            f"push again. See: heroku reviewapps -p {pipeline.name}"
        )
    order = Order(push.branch, source=source, version=push.commit, automatic=True)
    await create(p, actor.account, pipeline, order)
    return (
        f"Review app for {push.branch} is being created. "
        f"See how it goes: heroku reviewapps -p {pipeline.name}"
    )


async def _update(p: Platform, actor: Actor, there: ReviewApp, push: Push, source: Path) -> str:
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, there.app_id) if there.app_id else None
        await rows.update(conn, there.id, touched_at=p.clock.now(), warned=False)
    if app is None:
        raise unknown()
    await builds.create(p, Actor(actor.account), app, builds.Order(source, push.commit))
    return f"Review app {app.name} is being updated: {p.place.web_url(app.name)}"
