"""Calls about builds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hatoba.client import blobs
from hatoba.client.api import Api
from hatoba.schema.platform import Build


class _Blob(msgspec.Struct):
    get_url: str
    put_url: str


class _Source(msgspec.Struct):
    source_blob: _Blob


def latest(api: Api, app: str, count: int) -> list[Build]:
    """Return the newest builds, the newest first."""
    found = api.pages(f"/apps/{app}/builds", Build)
    # Times tell seconds: of two in the same one, the later comes later in the list.
    found.sort(key=lambda build: build.created_at)
    return found[::-1][:count]


def find(api: Api, app: str, build_id: str) -> Build:
    """Return a build by its id."""
    return api.get(f"/apps/{app}/builds/{build_id}", Build)


def upload(api: Api, app: str, archive: Path) -> str:
    """Hand an archive of source code to the platform; return the URL that it has there."""
    blob = api.change("POST", f"/apps/{app}/sources", _Source).source_blob
    blobs.put(api, blob.put_url, archive)
    return blob.get_url


def create(
    api: Api, app: str, url: str, version_name: str | None, version: int | None = None
) -> Build:
    """Build the source at a URL and release it."""
    body = {"source_blob": {"url": url, "version": version_name}}
    return api.change("POST", f"/apps/{app}/builds", Build, body=body, version=version)


def cancel(api: Api, app: str, build_id: str) -> None:
    """Stop a build that is under way."""
    api.send("DELETE", f"/apps/{app}/builds/{build_id}")


def drop_cache(api: Api, app: str) -> None:
    """Have the next build begin without what earlier ones kept."""
    api.send("DELETE", f"/apps/{app}/build-cache")
