"""Pipelines as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Named, Reference


class Owner(msgspec.Struct, frozen=True):
    """Who owns a pipeline: an account (``user``) or a ``team``."""

    id: str
    type: str = "user"


class Pipeline(msgspec.Struct, frozen=True):
    """A pipeline."""

    id: str
    name: str
    owner: Owner
    generation: Named
    created_at: str
    updated_at: str


class PipelineNamed(msgspec.Struct, frozen=True):
    """A reference to a pipeline."""

    id: str
    name: str = ""


class Coupling(msgspec.Struct, frozen=True):
    """An app's place in a pipeline."""

    id: str
    app: Reference
    pipeline: PipelineNamed
    stage: str
    created_at: str
    updated_at: str


class PromotionSource(msgspec.Struct, frozen=True):
    """What was promoted."""

    app: Reference
    release: Reference


class Promotion(msgspec.Struct, frozen=True):
    """A promotion; ``status`` is pending or completed."""

    id: str
    pipeline: Reference
    source: PromotionSource
    status: str
    created_at: str
    updated_at: str


class PromotionTarget(msgspec.Struct, frozen=True):
    """What has become of a promotion on one app: pending, succeeded or failed."""

    id: str
    app: Reference
    pipeline_promotion: Reference
    release: Reference | None
    status: str
    error_message: str | None
