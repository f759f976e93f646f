"""Heroku Key-Value Store.

An instance has the id of its add-on, but no foreign key to it: its server has to be stopped
and its files deleted before the row may go.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import metadata, moment

key_values = sa.Table(
    "key_values",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("port", sa.Integer, nullable=False, unique=True),
    sa.Column("sealed_password", sa.LargeBinary, nullable=False),
    sa.Column("policy", sa.Text, nullable=False, server_default="noeviction"),
    sa.Column("timeout", sa.Integer, nullable=False, server_default="300"),
    sa.Column("notify", sa.Text, nullable=False, server_default=""),
    sa.Column("version", sa.Text),
    moment("created_at"),
)
