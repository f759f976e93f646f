"""Counts of requests and errors, monitors that scale an app, and favorites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "traffic_counts",
        sa.Column("app_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("app_id", "hour", "source", "name", name="pk_traffic_counts"),
    )
    op.create_index("ix_traffic_counts_hour", "traffic_counts", ["hour"])
    op.create_table(
        "monitors",
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            primary_key=True,
            server_default=sa.text("gen_random_uuid()"),
        ),
        *(
            sa.Column(
                name,
                postgresql.UUID(as_uuid=True),
                sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_monitors_{name}"),
                nullable=False,
            )
            for name, table in (("app_id", "apps"), ("account_id", "accounts"))
        ),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("min_quantity", sa.Integer, nullable=False),
        sa.Column("max_quantity", sa.Integer, nullable=False),
        sa.Column("p95", sa.Integer, nullable=False),
        sa.Column("quantity", sa.Integer),
        sa.Column("scaled_at", sa.DateTime(timezone=True)),
        *(
            sa.Column(
                moment,
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.text("now()"),
            )
            for moment in ("created_at", "updated_at")
        ),
        sa.UniqueConstraint("app_id", name="uq_monitors_app_id"),
    )
    op.create_table(
        "favorites",
        sa.Column(
            "id",
            postgresql.UUID(as_uuid=True),
            primary_key=True,
            server_default=sa.text("gen_random_uuid()"),
        ),
        *(
            sa.Column(
                name,
                postgresql.UUID(as_uuid=True),
                sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_favorites_{name}"),
                nullable=False,
            )
            for name, table in (("account_id", "accounts"), ("app_id", "apps"))
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.UniqueConstraint("account_id", "app_id", name="uq_favorites_account_id"),
    )
    op.create_index("ix_favorites_app", "favorites", ["app_id"])


def downgrade() -> None:
    op.drop_table("favorites")
    op.drop_table("monitors")
    op.drop_table("traffic_counts")
