"""Log drains."""

from __future__ import annotations

import sqlalchemy as sa

from hatoba.store.tables.columns import identity, metadata, moment, reference

log_drains = sa.Table(
    "log_drains",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    # A drain's URL may hold a password or a key.
    sa.Column("sealed_url", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_log_drains_app", "app_id"),
)
