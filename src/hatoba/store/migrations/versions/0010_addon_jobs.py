"""What the jobs of add-ons are to do, and the config vars of each attachment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = ("wanted_plan", "asked_by", "attempts", "due", "problem", "message")


def upgrade() -> None:
    op.add_column("addons", sa.Column("wanted_plan", sa.Text))
    account = sa.ForeignKey("accounts.id", ondelete="SET NULL")
    op.add_column("addons", sa.Column("asked_by", UUID(as_uuid=True), account))
    op.add_column("addons", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("addons", sa.Column("due", sa.DateTime(timezone=True)))
    op.add_column("addons", sa.Column("problem", sa.Text))
    op.add_column("addons", sa.Column("message", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_addons_due", "addons", ["due"], postgresql_where=sa.text("due IS NOT NULL"))
    op.add_column(
        "addon_attachments",
        sa.Column("config_vars", ARRAY(sa.Text), nullable=False, server_default="{}"),
    )
    op.execute("UPDATE addon_attachments SET config_vars = ARRAY[name || '_URL']")


def downgrade() -> None:
    op.drop_column("addon_attachments", "config_vars")
    op.drop_index("ix_addons_due", "addons")
    for name in reversed(_COLUMNS):
        op.drop_column("addons", name)
