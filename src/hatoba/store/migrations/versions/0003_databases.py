"""Heroku Postgres: databases and their credentials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _identity() -> sa.Column[object]:
    return sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _created() -> sa.Column[object]:
    now = sa.text("now()")
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False)


def upgrade() -> None:
    op.create_table(
        "database_servers",
        _identity(),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_servers")),
        sa.UniqueConstraint("port", name=op.f("uq_database_servers_port")),
    )
    op.create_table(
        "databases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("server_id", sa.UUID(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("following", sa.UUID(), nullable=True),
        sa.Column("forked_from", sa.UUID(), nullable=True),
        sa.Column(
            "settings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("over_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        _created(),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["database_servers.id"],
            name=op.f("fk_databases_server_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_databases")),
    )
    op.create_index("ix_databases_server", "databases", ["server_id"])
    op.create_table(
        "database_credentials",
        _identity(),
        sa.Column("database_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=False),
        _created(),
        sa.ForeignKeyConstraint(
            ["database_id"],
            ["databases.id"],
            name=op.f("fk_database_credentials_database_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_credentials")),
    )
    op.create_index(
        "uq_database_credentials_name", "database_credentials", ["database_id", "name"], unique=True
    )
    op.create_table(
        "database_trash",
        _identity(),
        sa.Column("database_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _created(),
        sa.ForeignKeyConstraint(
            ["database_id"],
            ["databases.id"],
            name=op.f("fk_database_trash_database_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_trash")),
    )
    op.create_index("ix_database_trash_database", "database_trash", ["database_id"])


def downgrade() -> None:
    for table in ("database_trash", "database_credentials", "databases", "database_servers"):
        op.drop_table(table)
