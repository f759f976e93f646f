"""Apps that are changed only with a second factor, and who has shown theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_UUID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    op.add_column(
        "apps", sa.Column("guarded", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "pre_authorizations",
        _key("account_id", "accounts.id"),
        _key("app_id", "apps.id"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )


def _key(name: str, target: str) -> sa.Column[object]:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_pre_authorizations_{name}")
    return sa.Column(name, _UUID, key, primary_key=True)


def downgrade() -> None:
    op.drop_table("pre_authorizations")
    op.drop_column("apps", "guarded")
