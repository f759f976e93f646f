"""Review apps, and how a pipeline wants them."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import review_apps as encode
from hatoba.api.encode.basics import named
from hatoba.api.resources import setups
from hatoba.auth.identity import as_uuid
from hatoba.control import pipelines, review_apps
from hatoba.control.review_apps import Order
from hatoba.model.app import REGION, name_problem
from hatoba.model.pipeline import Pipeline
from hatoba.model.review_app import MAX_STALE_DAYS, ReviewApp, ReviewConfig
from hatoba.schema import review_apps as wire

# What the official command line names the branch's own source by.
_RESOLVE = "resolve"


class SourceBlob(msgspec.Struct):
    """The source: a URL, or ``resolve`` for the branch in the pipeline's repository."""

    url: str
    version: str | None = None


class Create(msgspec.Struct):
    """``POST /review-apps``."""

    branch: str
    pipeline: str
    source_blob: SourceBlob
    pr_number: int | None = None
    environment: dict[str, str] | None = None
    fork_repo_id: int | None = None


class DeployTarget(msgspec.Struct):
    """Where review apps are to be made."""

    id: str
    type: str


class Configure(msgspec.Struct):
    """``PATCH /pipelines/{pipeline}/review-app-config``.

    The official command line also sends the pipeline and its repository; those are known.
    """

    automatic_review_apps: bool | None = None
    destroy_stale_apps: bool | None = None
    stale_days: int | None = None
    deploy_target: DeployTarget | None = None
    wait_for_ci: bool | None = None
    base_name: str | msgspec.UnsetType | None = msgspec.UNSET


class Enable(Configure, kw_only=True):
    """``POST /pipelines/{pipeline}/review-app-config``; the repository is the pipeline's own."""

    repo: str


async def _pipeline(call: SignedIn) -> Pipeline:
    return await pipelines.find(call.platform, call.account, call.path("pipeline"))


async def _owned(call: SignedIn) -> Pipeline:
    return await pipelines.owned(call.platform, call.account, call.path("pipeline"))


async def _shown(call: SignedIn, one: ReviewApp) -> wire.ReviewApp:
    pipeline = await pipelines.find(call.platform, call.account, str(one.pipeline_id))
    return encode.review_app(one, await review_apps.config(call.platform, pipeline))


async def create(call: SignedIn) -> Answer:
    """Have a review app made."""
    wanted = decode.body(call, Create)
    pipeline = await pipelines.find(call.platform, call.account, wanted.pipeline)
    if wanted.fork_repo_id is not None:
        raise errors.InvalidParams("fork_repo_id can't be had here: name the branch's own source.")
    url = None if wanted.source_blob.url == _RESOLVE else wanted.source_blob.url
    source = await setups.uploaded(call, url) if url else None
    order = Order(
        branch=wanted.branch,
        source=source,
        url=None if source else url,
        version=wanted.source_blob.version,
        pr_number=wanted.pr_number,
        env=wanted.environment or {},
    )
    try:
        made = await review_apps.create(call.platform, call.account, pipeline, order)
    finally:
        if source is not None:
            source.unlink(missing_ok=True)
    return Reply(await _shown(call, made), 201)


async def info(call: SignedIn) -> Answer:
    """Tell about one review app."""
    return Reply(await _shown(call, await _named(call)))


async def _named(call: SignedIn) -> ReviewApp:
    identity = as_uuid(call.path("review_app"))
    return await review_apps.find(call.platform, call.account, identity)


async def of_app(call: OnApp) -> Answer:
    """Tell about the review app that an app is."""
    return Reply(await _shown(call, await review_apps.of_app(call.platform, call.app)))


async def destroy(call: SignedIn) -> Answer:
    """Have a review app destroyed."""
    gone = await review_apps.destroy(call.platform, await _named(call))
    return Reply(await _shown(call, gone))


async def of_pipeline(call: SignedIn) -> Answer:
    """List a pipeline's review apps."""
    pipeline = await _pipeline(call)
    config = await review_apps.config(call.platform, pipeline)
    found = await review_apps.of_pipeline(call.platform, pipeline)
    return Listing([encode.review_app(one, config) for one in found])


async def config(call: SignedIn) -> Answer:
    """Tell how a pipeline wants its review apps."""
    return Reply(encode.config(await _config(call, await _pipeline(call))))


async def _config(call: SignedIn, pipeline: Pipeline) -> ReviewConfig:
    found = await review_apps.config(call.platform, pipeline)
    if found is None:
        raise errors.NotFound(
            f"Review apps are not enabled for {pipeline.name}. "
            f"Enable them: heroku reviewapps:enable -p {pipeline.name}",
            resource="review_app_config",
        )
    return found


async def enable(call: SignedIn) -> Answer:
    """Want review apps; asked for again it sets them up anew."""
    pipeline = await _owned(call)
    wanted = decode.body(call, Enable)
    return await _configured(call, ReviewConfig(pipeline.id), wanted, 201)


async def update(call: SignedIn) -> Answer:
    """Want review apps otherwise."""
    pipeline = await _owned(call)
    found = await review_apps.config(call.platform, pipeline)
    # The official command line enables and sets up by one call.
    wanted = decode.body(call, Configure)
    return await _configured(call, found or ReviewConfig(pipeline.id), wanted, 200)


async def _configured(
    call: SignedIn, before: ReviewConfig, wanted: Configure, status: int
) -> Answer:
    after = _changed(before, wanted)
    await review_apps.configure(call.platform, after)
    return Reply(encode.config(after), status)


def _changed(before: ReviewConfig, wanted: Configure) -> ReviewConfig:
    days = wanted.stale_days
    if days is not None and not 1 <= days <= MAX_STALE_DAYS:
        raise errors.InvalidParams(f"stale_days must be from 1 to {MAX_STALE_DAYS}.")
    target = wanted.deploy_target
    if target and (
        target.type != "region" or target.id not in (REGION, named("region", REGION).id)
    ):
        raise errors.InvalidParams(f"deploy_target can only be the region {REGION}.")
    base = before.base_name
    if not isinstance(wanted.base_name, msgspec.UnsetType):
        base = wanted.base_name
        if base is not None and (problem := name_problem(base)):
            raise errors.InvalidParams(f"base_name: {problem}")
    return replace(
        before,
        automatic=_or(wanted.automatic_review_apps, before.automatic),
        destroy_stale=_or(wanted.destroy_stale_apps, before.destroy_stale),
        stale_days=before.stale_days if days is None else days,
        wait_for_ci=_or(wanted.wait_for_ci, before.wait_for_ci),
        base_name=base,
    )


def _or(wanted: bool | None, before: bool) -> bool:
    return before if wanted is None else wanted


async def disable(call: SignedIn) -> Answer:
    """Want no new review apps."""
    pipeline = await _owned(call)
    before = await _config(call, pipeline)
    await review_apps.disable(call.platform, pipeline)
    return Reply(encode.config(before))
