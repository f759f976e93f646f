"""Review apps, and the repositories and config vars of pipelines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_UUID = postgresql.UUID(as_uuid=True)


def _pipeline(table: str, *, key: bool) -> sa.Column[object]:
    target = sa.ForeignKey("pipelines.id", ondelete="CASCADE", name=f"fk_{table}_pipeline_id")
    return sa.Column("pipeline_id", _UUID, target, primary_key=key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    )


def upgrade() -> None:
    op.add_column(
        "app_setups",
        sa.Column("scripts", postgresql.JSONB, nullable=False, server_default="{}"),
    )
    op.create_table(
        "pipeline_config_vars",
        _pipeline("pipeline_config_vars", key=True),
        sa.Column("stage", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "pipeline_repositories",
        _pipeline("pipeline_repositories", key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _moment("created_at"),
    )
    op.create_table(
        "review_app_configs",
        _pipeline("review_app_configs", key=True),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("destroy_stale", sa.Boolean, nullable=False),
        sa.Column("stale_days", sa.Integer, nullable=False),
        sa.Column("wait_for_ci", sa.Boolean, nullable=False),
        sa.Column("base_name", sa.Text),
    )
    op.create_table(
        "review_apps",
        sa.Column("id", _UUID, primary_key=True, server_default=sa.text("gen_random_uuid()")),
        _pipeline("review_apps", key=False),
        sa.Column(
            "account_id",
            _UUID,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_review_apps_account_id"),
            nullable=False,
        ),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("pr_number", sa.Integer),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("app_id", _UUID),
        sa.Column("former_app_id", _UUID),
        sa.Column("setup_id", _UUID, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("warned", sa.Boolean, nullable=False, server_default=sa.false()),
        _moment("touched_at"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("pipeline_id", "branch", name="uq_review_apps_pipeline_id"),
    )
    op.create_index("ix_review_apps_app", "review_apps", ["app_id"])


def downgrade() -> None:
    op.drop_table("review_apps")
    op.drop_table("review_app_configs")
    op.drop_table("pipeline_repositories")
    op.drop_table("pipeline_config_vars")
    op.drop_column("app_setups", "scripts")
