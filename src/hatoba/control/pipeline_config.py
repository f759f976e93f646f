"""The config vars that review apps and test runs of a pipeline are made with."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.model import config as rules
from hatoba.model.pipeline import Pipeline, Stage
from hatoba.store import pipeline_shared as rows
from hatoba.store import pipelines as pipeline_rows

# Apps at the other stages have config vars of their own.
STAGES = (Stage.REVIEW, Stage.TEST)


async def current(p: Platform, pipeline: Pipeline, stage: Stage) -> dict[str, str]:
    """Return a stage's config vars. Raises InvalidParams for a stage that has none."""
    _check(stage)
    async with p.store.begin() as conn:
        sealed = await rows.config(conn, pipeline.id, stage.value)
    return _unsealed(p, pipeline, stage, sealed)


async def change(
    p: Platform, pipeline: Pipeline, stage: Stage, changes: Mapping[str, str | None]
) -> dict[str, str]:
    """Set (or with None unset) config vars of a stage and return them all.

    Raises InvalidParams for a name, a size or a stage that can't be.
    """
    _check(stage)
    for name in changes:
        if problem := rules.name_problem(name):
            raise errors.InvalidParams(problem)
    async with p.store.begin() as conn:
        if await pipeline_rows.by_id(conn, pipeline.id, lock=True) is None:
            raise errors.NotFound("Couldn't find that pipeline.", resource="pipeline")
        sealed = await rows.config(conn, pipeline.id, stage.value)
        after = rules.merge(_unsealed(p, pipeline, stage, sealed), changes)
        if problem := rules.size_problem(after):
            raise errors.InvalidParams(problem)
        sealed = p.vault.seal(json.dumps(after).encode(), _bound(pipeline, stage))
        await rows.set_config(conn, pipeline.id, stage.value, sealed)
    return after


def fingerprints(p: Platform, pipeline: Pipeline, values: Mapping[str, str]) -> dict[str, str]:
    """Return the fingerprints of values, by the same names."""
    return {name: p.vault.fingerprint(pipeline.id, value) for name, value in values.items()}


def _check(stage: Stage) -> None:
    if stage not in STAGES:
        raise errors.InvalidParams(
            f"Only the stages {' and '.join(STAGES)} have config vars of the pipeline; "
            f"apps at {stage} have their own."
        )


def _unsealed(
    p: Platform, pipeline: Pipeline, stage: Stage, sealed: bytes | None
) -> dict[str, str]:
    if sealed is None:
        return {}
    values: dict[str, str] = json.loads(p.vault.unseal(sealed, _bound(pipeline, stage)))
    return values


def _bound(pipeline: Pipeline, stage: Stage) -> str:
    return f"pipeline config:{pipeline.id}:{stage}"
