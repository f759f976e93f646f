"""Pipelines and the apps in them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from hatoba import errors
from hatoba.control.app_transfers import hand_over
from hatoba.control.platform import Actor, Platform, locked
from hatoba.kit.text import plural
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.pipeline import Coupling, Pipeline, Stage, name_problem
from hatoba.store import apps as app_rows
from hatoba.store import pipelines as rows
from hatoba.store import review_apps as review_rows
from hatoba.store import teams as team_rows
from hatoba.store import test_runs as test_rows


async def listed(p: Platform, account: Account) -> list[Pipeline]:
    """Return the pipelines that an account owns or works on."""
    async with p.store.begin() as conn:
        return await rows.seen_by(conn, account.id)


async def find(p: Platform, account: Account, identity: str) -> Pipeline:
    """Return a pipeline by id or name. Raises NotFound, also for one that is not the account's."""
    for pipeline in await listed(p, account):
        if identity in (str(pipeline.id), pipeline.name):
            return pipeline
    raise errors.NotFound("Couldn't find that pipeline.", resource="pipeline")


async def owned(p: Platform, account: Account, identity: str) -> Pipeline:
    """As ``find``, for the owner. Raises Forbidden for others."""
    pipeline = await find(p, account, identity)
    async with p.store.begin() as conn:
        owners = await team_rows.acts_for(conn, account.id)
    if pipeline.owner_id not in owners:
        raise errors.Forbidden(f"Only its owner may do this with the pipeline {pipeline.name}.")
    return pipeline


async def create(p: Platform, actor: Actor, name: str, owner_id: UUID) -> Pipeline:
    """Make a pipeline without apps, the actor's or its team's.

    Raises InvalidParams when it can't have the name.
    """
    _check(name)
    try:
        async with p.store.begin() as conn:
            pipeline_id = await rows.insert(conn, name, owner_id)
    except IntegrityError as error:
        raise _taken(name) from error
    return await find(p, actor.account, str(pipeline_id))


async def rename(p: Platform, actor: Actor, pipeline: Pipeline, name: str) -> Pipeline:
    """Give it another name. Raises InvalidParams when it can't have that."""
    _check(name)
    try:
        async with p.store.begin() as conn:
            await rows.update(conn, pipeline.id, name=name)
    except IntegrityError as error:
        raise _taken(name) from error
    return await find(p, actor.account, str(pipeline.id))


def _check(name: str) -> None:
    if problem := name_problem(name):
        raise errors.InvalidParams(problem)


def _taken(name: str) -> errors.InvalidParams:
    return errors.InvalidParams(f"Name {name} is already taken")


async def destroy(p: Platform, pipeline: Pipeline) -> None:
    """Forget a pipeline; its apps go on as they are. Raises Conflict when it has review apps."""
    async with p.store.begin() as conn:
        await rows.by_id(conn, pipeline.id, lock=True)
        if left := await review_rows.of_pipeline(conn, pipeline.id):
            raise errors.Conflict(
                f"The pipeline {pipeline.name} has {plural(len(left), 'review app')}. Destroy them "
                f"first: heroku reviewapps:destroy {left[0].branch} -p {pipeline.name}"
            )
        for run in await test_rows.of_pipeline(conn, pipeline.id):
            if not run.status.ended or run.app_id is not None:
                raise errors.Conflict(
                    f"Test run #{run.number} of the pipeline {pipeline.name} has not ended."
                )
        await rows.delete(conn, pipeline.id)


async def couplings(p: Platform, *pipelines: Pipeline) -> list[Coupling]:
    """Return the apps of these pipelines, by name."""
    async with p.store.begin() as conn:
        return await rows.couplings(conn, *(pipeline.id for pipeline in pipelines))


async def coupling_of(p: Platform, app: App) -> Coupling:
    """Return an app's place in its pipeline. Raises NotFound when it is in none."""
    async with p.store.begin() as conn:
        found = await rows.coupling_of(conn, app.id)
    if found is None:
        raise _no_coupling()
    return found


async def coupling(p: Platform, account: Account, coupling_id: UUID | None) -> Coupling:
    """Return a coupling of a pipeline that the account sees. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.coupling(conn, coupling_id) if coupling_id else None
        seen = {pipeline.id for pipeline in await rows.seen_by(conn, account.id)}
    if found is None or found.pipeline_id not in seen:
        raise _no_coupling()
    return found


def _no_coupling() -> errors.NotFound:
    return errors.NotFound("Couldn't find that pipeline coupling.", resource="pipeline_coupling")


async def couple(p: Platform, actor: Actor, pipeline: Pipeline, app: App, stage: Stage) -> Coupling:
    """Put an app into a pipeline. Raises InvalidParams when it is in one already."""
    try:
        async with p.store.begin() as conn:
            await locked(conn, actor, app)
            await rows.couple(conn, pipeline.id, app.id, stage)
            await app_rows.update(conn, app.id)
    except IntegrityError as error:
        there = await coupling_of(p, app)
        raise errors.InvalidParams(
            f"{app.name} is already in the pipeline {there.pipeline_name}, at {there.stage}."
        ) from error
    return await coupling_of(p, app)


async def move(p: Platform, actor: Actor, app: App, coupled: Coupling, stage: Stage) -> Coupling:
    """Put an app at another stage of its pipeline."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.move(conn, coupled.id, stage)
        await app_rows.update(conn, app.id)
    return await coupling_of(p, app)


async def uncouple(p: Platform, actor: Actor, app: App, coupled: Coupling) -> None:
    """Take an app out of its pipeline."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.uncouple(conn, coupled.id)
        await app_rows.update(conn, app.id)


async def transfer(p: Platform, pipeline: Pipeline, to: Account) -> None:
    """Give a pipeline, and those of its apps that are its owner's, to another account or team.

    The giver goes on working on the apps.
    """
    async with p.store.begin() as conn:
        await rows.update(conn, pipeline.id, owner_id=to.id)
        # In the order of their ids, as promotions lock them.
        for app_id in sorted(one.app_id for one in await rows.couplings(conn, pipeline.id)):
            app = await app_rows.by_id(conn, app_id, lock=True)
            if app is not None and app.owner_id == pipeline.owner_id:
                await hand_over(conn, app, to.id)
