"""Indexes for what is looked up, and deleted, by its owner."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_apps_owner", "apps", "owner_id"),
    ("ix_collaborators_account", "collaborators", "account_id"),
    ("ix_authorizations_account", "authorizations", "account_id"),
    ("ix_config_snapshots_app", "config_snapshots", "app_id"),
    ("ix_slugs_app", "slugs", "app_id"),
    ("ix_builds_app", "builds", "app_id"),
    ("ix_dynos_release", "dynos", "release_id"),
)


def upgrade() -> None:
    for name, table, column in _INDEXES:
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, table, _ in _INDEXES:
        op.drop_index(name, table)
