"""Telemetry drains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telemetry_drains",
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            primary_key=True,
            server_default=sa.text("gen_random_uuid()"),
        ),
        sa.Column(
            "app_id",
            postgresql.UUID(as_uuid=True),
            sa.ForeignKey("apps.id", ondelete="CASCADE", name="fk_telemetry_drains_app_id"),
            nullable=False,
        ),
        sa.Column("signals", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        *(
            sa.Column(
                moment,
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.text("now()"),
            )
            for moment in ("created_at", "updated_at")
        ),
    )
    op.create_index("ix_telemetry_drains_app", "telemetry_drains", ["app_id"])


def downgrade() -> None:
    op.drop_table("telemetry_drains")
