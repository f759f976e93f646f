"""App features that were switched."""

from __future__ import annotations

import sqlalchemy as sa

from hatoba.store.tables.columns import metadata, moment, reference

app_features = sa.Table(
    "app_features",
    metadata,
    reference("app_id", "apps.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.PrimaryKeyConstraint("app_id", "name"),
)
