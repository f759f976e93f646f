"""App set-ups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_setups",
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            primary_key=True,
            server_default=sa.text("gen_random_uuid()"),
        ),
        sa.Column(
            "account_id",
            postgresql.UUID(as_uuid=True),
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_app_setups_account_id"),
            nullable=False,
        ),
        sa.Column("app_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("app_name", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("request", sa.LargeBinary),
        sa.Column("source", sa.Text),
        sa.Column("source_version", sa.Text),
        sa.Column("failure_message", sa.Text),
        sa.Column("manifest_errors", postgresql.JSONB, nullable=False, server_default="[]"),
        sa.Column("postdeploy_output", sa.Text),
        sa.Column("postdeploy_status", sa.Integer),
        sa.Column("success_url", sa.Text),
        *(
            sa.Column(
                name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
            )
            for name in ("created_at", "updated_at")
        ),
    )


def downgrade() -> None:
    op.drop_table("app_setups")
