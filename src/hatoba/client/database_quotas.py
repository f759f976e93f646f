"""Calls about how much databases may store."""

from __future__ import annotations

from hatoba.client.api import Api, Json
from hatoba.schema.data_postgres import Quota


def storage(api: Api, database: str) -> Quota:
    """Return how much a database stores, and its sizes."""
    return api.get(_path(database), Quota)


def change(api: Api, database: str, changes: Json, version: int | None = None) -> Quota:
    """Set sizes, and what becomes of a database beyond the critical one."""
    return api.change("PATCH", _path(database), Quota, body=changes, version=version)


def _path(database: str) -> str:
    return f"/data/postgres/v1/{database}/quotas/storage"
