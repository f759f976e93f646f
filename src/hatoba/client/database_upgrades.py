"""Calls about upgrades of databases."""

from __future__ import annotations

from hatoba.client.api import Api
from hatoba.schema.databases import Message, UpgradeStatus


def step(
    api: Api, database: str, name: str, wanted: int | None = None, version: int | None = None
) -> Message:
    """Prepare, try (dry_run), run, cancel or undo an upgrade to the ``wanted`` major version."""
    body = {"version": wanted} if wanted else {}
    return api.change("POST", f"{_path(database)}/{name}", Message, body=body, version=version)


def status(api: Api, database: str) -> UpgradeStatus:
    """Return how far the newest upgrade is."""
    return api.get(f"{_path(database)}/wait_status", UpgradeStatus)


def _path(database: str) -> str:
    return f"/client/v11/databases/{database}/upgrade"
