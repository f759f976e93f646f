"""Calls about links between databases."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.schema.database_links import Link


def listed(api: Api, database: str) -> list[Link]:
    """Return the links into a database."""
    return api.get(_path(database), list[Link])


def create(api: Api, database: str, body: Mapping[str, object], version: int | None = None) -> Link:
    """Link another database's tables into a database."""
    return api.change("POST", _path(database), Link, body=dict(body), version=version)


def destroy(api: Api, database: str, name: str, version: int | None = None) -> Link:
    """Take a link away."""
    path = f"{_path(database)}/{quote(name, safe='')}"
    return api.change("DELETE", path, Link, version=version)


def _path(database: str) -> str:
    return f"/client/v11/databases/{database}/links"
