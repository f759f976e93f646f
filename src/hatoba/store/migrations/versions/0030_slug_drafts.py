"""Slugs that are made elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slug_drafts",
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            primary_key=True,
            server_default=sa.text("gen_random_uuid()"),
        ),
        sa.Column(
            "app_id",
            postgresql.UUID(as_uuid=True),
            sa.ForeignKey("apps.id", ondelete="CASCADE", name="fk_slug_drafts_app_id"),
            nullable=False,
        ),
        sa.Column("process_types", postgresql.JSONB, nullable=False),
        sa.Column("stack", sa.Text, nullable=False),
        sa.Column("buildpack_description", sa.Text),
        sa.Column("commit", sa.Text),
        sa.Column("commit_description", sa.Text),
        sa.Column("checksum", sa.Text),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
    )
    op.create_index("ix_slug_drafts_app", "slug_drafts", ["app_id"])


def downgrade() -> None:
    op.drop_table("slug_drafts")
