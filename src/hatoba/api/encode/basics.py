"""What all encoders share: moments, and ids for what has only a name."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from hatoba.model.app import App
from hatoba.schema.platform import Named


def moment(at: datetime) -> str:
    """Return a moment as the API writes it: ``2026-01-02T03:04:05Z``."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def maybe(at: datetime | None) -> str | None:
    """Return a moment, or nothing."""
    return moment(at) if at else None


@lru_cache(maxsize=4096)
def fixed_id(kind: str, name: str) -> str:
    """Return the same id for the same thing on every platform."""
    return str(uuid5(NAMESPACE_URL, f"https://hatoba.localhost/{kind}/{name}"))


def named(kind: str, name: str) -> Named:
    """Return a reference to something that has only a name here."""
    return Named(fixed_id(kind, name), name)


def app_named(app: App) -> Named:
    """Return a reference to an app."""
    return Named(str(app.id), app.name)
