"""The metadata that every table joins, and the columns that many of them have."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> sa.Column[object]:
    """The primary key: a UUID that Postgres makes."""
    return sa.Column(
        "id", UUID(as_uuid=True), primary_key=True, server_default=sa.text("gen_random_uuid()")
    )


def reference(name: str, target: str, *, nullable: bool = False) -> sa.Column[object]:
    """A row of another table, such as ``apps.id``, without which this row goes too."""
    return sa.Column(
        name, UUID(as_uuid=True), sa.ForeignKey(target, ondelete="CASCADE"), nullable=nullable
    )


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """A point in time; one that must be there is now unless said otherwise."""
    default = None if nullable else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)
