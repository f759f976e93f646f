"""Domains and their certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _identity() -> sa.Column[object]:
    return sa.Column(
        "id",
        postgresql.UUID(as_uuid=True),
        primary_key=True,
        server_default=sa.text("gen_random_uuid()"),
    )


def _app(table: str) -> sa.Column[object]:
    key = sa.ForeignKey("apps.id", ondelete="CASCADE", name=f"fk_{table}_app_id")
    return sa.Column("app_id", postgresql.UUID(as_uuid=True), key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    )


def upgrade() -> None:
    op.create_table(
        "sni_endpoints",
        _identity(),
        _app("sni_endpoints"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.Column("acm", sa.Boolean, nullable=False, server_default=sa.false()),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("name", name="uq_sni_endpoints_name"),
    )
    op.create_index("ix_sni_endpoints_app", "sni_endpoints", ["app_id"])
    op.create_table(
        "domains",
        _identity(),
        _app("domains"),
        sa.Column("hostname", sa.Text, nullable=False),
        sa.Column(
            "sni_endpoint_id",
            postgresql.UUID(as_uuid=True),
            sa.ForeignKey(
                "sni_endpoints.id", ondelete="SET NULL", name="fk_domains_sni_endpoint_id"
            ),
        ),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("hostname", name="uq_domains_hostname"),
    )
    op.create_index("ix_domains_app", "domains", ["app_id"])


def downgrade() -> None:
    op.drop_table("domains")
    op.drop_table("sni_endpoints")
