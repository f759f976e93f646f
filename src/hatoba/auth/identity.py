"""Identities as clients write them: ids, names, addresses."""

from __future__ import annotations

from uuid import UUID


def as_uuid(text: str) -> UUID | None:
    """Return the id that this is, or None when it is no id."""
    try:
        return UUID(text)
    except ValueError:
        return None
