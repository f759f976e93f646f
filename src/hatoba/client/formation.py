"""Calls about the formation and its sizes."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba.client.api import Api, Json
from hatoba.schema.platform import Formation


def listed(api: Api, app: str) -> list[Formation]:
    """Return the app's process types with quantity and size, by type."""
    return sorted(api.pages(f"/apps/{app}/formation", Formation), key=lambda f: f.type)


def update(
    api: Api, app: str, updates: Sequence[Json], version: int | None = None
) -> list[Formation]:
    """Change quantities and sizes in one step."""
    body = {"updates": list(updates)}
    path = f"/apps/{app}/formation"
    return api.change("PATCH", path, list[Formation], body=body, version=version)
