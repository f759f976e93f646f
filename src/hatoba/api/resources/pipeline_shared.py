"""What the apps of a pipeline share: config vars of a stage, a repository and its branches."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hatoba import errors, settings
from hatoba.api import decode
from hatoba.api.call import Answer, Reply, SignedIn
from hatoba.api.encode import review_apps as encode
from hatoba.control import pipeline_config, pipeline_repository, pipelines
from hatoba.kit.secret import DOTS
from hatoba.model.pipeline import Pipeline, Stage
from hatoba.model.review_app import branch_problem
from hatoba.schema.hatoba import MASK_HEADER, MASKED_HEADER

_FINGERPRINT = "fingerprint"


class Connect(msgspec.Struct):
    """``PUT /pipelines/{pipeline}/repo``: the URL of a repository that git can read."""

    url: str


async def _pipeline(call: SignedIn) -> Pipeline:
    return await pipelines.find(call.platform, call.account, call.path("pipeline"))


async def _owned(call: SignedIn) -> Pipeline:
    return await pipelines.owned(call.platform, call.account, call.path("pipeline"))


def _stage(call: SignedIn) -> Stage:
    try:
        return Stage(call.path("stage"))
    except ValueError as error:
        raise errors.NotFound("Couldn't find that stage.", resource="stage") from error


async def config(call: SignedIn) -> Answer:
    """Tell a stage's config vars."""
    pipeline, stage = await _owned(call), _stage(call)
    return _shown(call, pipeline, await pipeline_config.current(call.platform, pipeline, stage))


async def change_config(call: SignedIn) -> Answer:
    """Set config vars of a stage, and unset those that are null."""
    pipeline, stage = await _owned(call), _stage(call)
    changes = decode.body(call, dict[str, str | None])
    after = await pipeline_config.change(call.platform, pipeline, stage, changes)
    return _shown(call, pipeline, after)


def _shown(call: SignedIn, pipeline: Pipeline, values: Mapping[str, str]) -> Reply:
    wanted = call.request.headers.get(MASK_HEADER)
    if wanted is None:
        return Reply(dict(values))
    if wanted != _FINGERPRINT:
        raise errors.BadRequest(f"{MASK_HEADER} can only be {_FINGERPRINT}.")
    marks = pipeline_config.fingerprints(call.platform, pipeline, values)
    masked = {name: f"{DOTS} {mark}" for name, mark in marks.items()}
    return Reply(masked, headers={MASKED_HEADER: _FINGERPRINT})


async def repository(call: SignedIn) -> Answer:
    """Tell which repository the branches come from."""
    found = await pipeline_repository.of(call.platform, await _pipeline(call))
    return Reply(encode.repository(found))


async def connect(call: SignedIn) -> Answer:
    """Connect a repository."""
    pipeline, address = await _owned(call), decode.body(call, Connect).url
    pipeline_repository.check_address(address, settings.repository_folders())
    return Reply(
        encode.repository(await pipeline_repository.connect(call.platform, pipeline, address))
    )


async def disconnect(call: SignedIn) -> Answer:
    """Take branches from an app's own repository again."""
    await pipeline_repository.disconnect(call.platform, await _owned(call))
    return Reply({})


async def branch(call: SignedIn) -> Answer:
    """Tell about one branch."""
    name = call.path("branch")
    if problem := branch_problem(name):
        raise errors.NotFound(problem, resource="branch")
    found = await pipeline_repository.of(call.platform, await _pipeline(call))
    return Reply(encode.branch(await pipeline_repository.branch(found, name)))
