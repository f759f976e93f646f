"""Links between databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "database_links",
        sa.Column(
            "id",
            UUID(as_uuid=True),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
        ),
        _database("database_id"),
        _database("remote_id"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_database_links"),
    )
    op.create_index(
        "uq_database_links_name", "database_links", ["database_id", "name"], unique=True
    )
    op.create_index("ix_database_links_remote", "database_links", ["remote_id"])


def downgrade() -> None:
    op.drop_table("database_links")


def _database(name: str) -> sa.Column[object]:
    key = sa.ForeignKey("databases.id", ondelete="CASCADE", name=f"fk_database_links_{name}")
    return sa.Column(name, UUID(as_uuid=True), key, nullable=False)
