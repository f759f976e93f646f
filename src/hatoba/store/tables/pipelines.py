"""Pipelines, the apps in them, and promotions."""

from __future__ import annotations

import sqlalchemy as sa

from hatoba.store.tables.columns import identity, metadata, moment, reference

pipelines = sa.Table(
    "pipelines",
    metadata,
    identity(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    reference("owner_id", "accounts.id"),
    moment("created_at"),
    moment("updated_at"),
)

pipeline_couplings = sa.Table(
    "pipeline_couplings",
    metadata,
    identity(),
    reference("pipeline_id", "pipelines.id"),
    reference("app_id", "apps.id"),
    sa.Column("stage", sa.Text, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_pipeline_couplings_pipeline", "pipeline_id"),
    # An app is in one pipeline at most.
    sa.UniqueConstraint("app_id"),
)

pipeline_promotions = sa.Table(
    "pipeline_promotions",
    metadata,
    identity(),
    reference("pipeline_id", "pipelines.id"),
    reference("app_id", "apps.id"),
    reference("release_id", "releases.id"),
    moment("created_at"),
    moment("updated_at"),
)

pipeline_promotion_targets = sa.Table(
    "pipeline_promotion_targets",
    metadata,
    identity(),
    reference("promotion_id", "pipeline_promotions.id"),
    reference("app_id", "apps.id"),
    reference("release_id", "releases.id"),
    sa.Index("ix_pipeline_promotion_targets_promotion", "promotion_id"),
)
