"""Pipelines, the apps in them, and promotions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _identity() -> sa.Column[object]:
    return sa.Column(
        "id",
        postgresql.UUID(as_uuid=True),
        primary_key=True,
        server_default=sa.text("gen_random_uuid()"),
    )


def _reference(table: str, name: str, target: str) -> sa.Column[object]:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, postgresql.UUID(as_uuid=True), key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    )


def upgrade() -> None:
    op.create_table(
        "pipelines",
        _identity(),
        sa.Column("name", sa.Text, nullable=False),
        _reference("pipelines", "owner_id", "accounts.id"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("name", name="uq_pipelines_name"),
    )
    op.create_table(
        "pipeline_couplings",
        _identity(),
        _reference("pipeline_couplings", "pipeline_id", "pipelines.id"),
        _reference("pipeline_couplings", "app_id", "apps.id"),
        sa.Column("stage", sa.Text, nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("app_id", name="uq_pipeline_couplings_app_id"),
    )
    op.create_index("ix_pipeline_couplings_pipeline", "pipeline_couplings", ["pipeline_id"])
    op.create_table(
        "pipeline_promotions",
        _identity(),
        _reference("pipeline_promotions", "pipeline_id", "pipelines.id"),
        _reference("pipeline_promotions", "app_id", "apps.id"),
        _reference("pipeline_promotions", "release_id", "releases.id"),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_table(
        "pipeline_promotion_targets",
        _identity(),
        _reference("pipeline_promotion_targets", "promotion_id", "pipeline_promotions.id"),
        _reference("pipeline_promotion_targets", "app_id", "apps.id"),
        _reference("pipeline_promotion_targets", "release_id", "releases.id"),
    )
    op.create_index(
        "ix_pipeline_promotion_targets_promotion", "pipeline_promotion_targets", ["promotion_id"]
    )


def downgrade() -> None:
    for name in (
        "pipeline_promotion_targets",
        "pipeline_promotions",
        "pipeline_couplings",
        "pipelines",
    ):
        op.drop_table(name)
