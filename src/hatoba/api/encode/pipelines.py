"""Pipelines as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment, named
from hatoba.model import pipeline as model
from hatoba.schema import pipelines as wire
from hatoba.schema.platform import Reference

# The generation of apps that run slugs: https://devcenter.heroku.com/articles/generations
GENERATION = "cedar"


def pipeline(one: model.Pipeline) -> wire.Pipeline:
    """Return a pipeline."""
    return wire.Pipeline(
        id=str(one.id),
        name=one.name,
        owner=wire.Owner(str(one.owner_id), "team" if one.of_team else "user"),
        generation=named("generation", GENERATION),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def coupling(one: model.Coupling) -> wire.Coupling:
    """Return an app's place in a pipeline."""
    return wire.Coupling(
        id=str(one.id),
        app=Reference(str(one.app_id)),
        pipeline=wire.PipelineNamed(str(one.pipeline_id), one.pipeline_name),
        stage=one.stage.value,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def promotion(one: model.Promotion, targets: list[model.PromotionTarget]) -> wire.Promotion:
    """Return a promotion, which is as far as all its targets are."""
    return wire.Promotion(
        id=str(one.id),
        pipeline=Reference(str(one.pipeline_id)),
        source=wire.PromotionSource(Reference(str(one.app_id)), Reference(str(one.release_id))),
        status=model.promotion_status(targets),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def target(one: model.PromotionTarget) -> wire.PromotionTarget:
    """Return what has become of a promotion on one app."""
    return wire.PromotionTarget(
        id=str(one.id),
        app=Reference(str(one.app_id)),
        pipeline_promotion=Reference(str(one.promotion_id)),
        release=Reference(str(one.release_id)),
        status=one.status.value,
        error_message=one.error_message,
    )
