"""Calls about app set-ups, and the source archives that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatoba.client import origin
from hatoba.client.api import USER_AGENT, Api
from hatoba.client.errors import ApiError
from hatoba.client.transport import Transport
from hatoba.schema.setups import AppSetup


def upload(api: Api, archive: Path) -> str:
    """Put a source archive at the platform; return the URL that a set-up names it by."""
    answer = api.change("POST", "/sources", dict[str, dict[str, str]])
    blob = answer["source_blob"]
    where, target = origin.parse(blob["put_url"])
    # The URL is its own credential: the token is not sent along.
    ca = api.target.ca if where.port == api.target.origin.port else None
    headers = {"User-Agent": USER_AGENT, "Content-Length": str(archive.stat().st_size)}
    with archive.open("rb") as file:
        got = Transport(where, ca=ca).request("PUT", target, headers, file)
    if got.status >= 300:
        raise ApiError(got.status, "upload", f"The source was not taken: status {got.status}.")
    return blob["get_url"]


def create(api: Api, body: Mapping[str, Any]) -> AppSetup:
    """Make an app and begin its set-up."""
    return api.change("POST", "/app-setups", AppSetup, body=dict(body))


def find(api: Api, setup_id: str) -> AppSetup:
    """Return how far a set-up is."""
    return api.get(f"/app-setups/{setup_id}", AppSetup)
