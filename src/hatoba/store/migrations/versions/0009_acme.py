"""Certificates by ACME."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("apps", sa.Column("acm", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("domains", sa.Column("acm_status", sa.Text))
    op.add_column("domains", sa.Column("acm_reason", sa.Text))
    op.add_column("domains", sa.Column("acm_due", sa.DateTime(timezone=True)))
    op.add_column(
        "domains", sa.Column("acm_attempts", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("domains", sa.Column("acm_path", sa.Text))
    op.add_column("domains", sa.Column("acm_answer", sa.Text))
    op.create_index(
        "ix_domains_acm_due",
        "domains",
        ["acm_due"],
        postgresql_where=sa.text("acm_due IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_domains_acm_due", "domains")
    for name in ("acm_answer", "acm_path", "acm_attempts", "acm_due", "acm_reason", "acm_status"):
        op.drop_column("domains", name)
    op.drop_column("apps", "acm")
