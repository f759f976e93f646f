"""Calls about slugs that are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hatoba.client import blobs
from hatoba.client.api import Api
from hatoba.schema.platform import Slug

# https://devcenter.heroku.com/articles/limits#slug-size
MAX_BYTES = 500 * 1024 * 1024


def create(
    api: Api,
    app: str,
    process_types: Mapping[str, str],
    *,
    commit: str | None = None,
    description: str | None = None,
) -> Slug:
    """Announce a slug, whose archive is to be put then; ``description`` says what made it."""
    body = {
        "process_types": dict(process_types),
        "commit": commit,
        "buildpack_provided_description": description,
    }
    return api.change("POST", f"/apps/{app}/slugs", Slug, body=body)


def put(api: Api, slug: Slug, archive: Path) -> None:
    """Put an announced slug's archive. Raises ApiError."""
    blobs.put(api, slug.blob.url, archive)


def fetch(api: Api, slug: Slug, target: Path) -> None:
    """Put a slug's archive into a new file. Raises ApiError, ClientError and Unreachable."""
    blobs.fetch(api, slug.blob.url, target, MAX_BYTES)
