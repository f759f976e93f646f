"""Calls about the settings of databases."""

from __future__ import annotations

from hatoba.client.api import Api, Json
from hatoba.schema.databases import Setting

Settings = dict[str, Setting]


def listed(api: Api, database: str) -> Settings:
    """Return every setting by name."""
    return api.get(_path(database), Settings)


def change(api: Api, database: str, changes: Json, version: int | None = None) -> Settings:
    """Change settings, and put them in force at once."""
    return api.change("PATCH", _path(database), Settings, body=changes, version=version)


def _path(database: str) -> str:
    return f"/postgres/v0/databases/{database}/config"
