"""App features."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_features",
        sa.Column(
            "app_id",
            postgresql.UUID(as_uuid=True),
            sa.ForeignKey("apps.id", ondelete="CASCADE", name="fk_app_features_app_id"),
            nullable=False,
        ),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        *(
            sa.Column(
                moment,
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.text("now()"),
            )
            for moment in ("created_at", "updated_at")
        ),
        sa.PrimaryKeyConstraint("app_id", "name", name="pk_app_features"),
    )


def downgrade() -> None:
    op.drop_table("app_features")
