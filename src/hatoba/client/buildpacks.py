"""Calls about an app's buildpacks."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba.client.api import Api
from hatoba.schema.platform import BuildpackInstallation


def listed(api: Api, app: str) -> list[str]:
    """Return the buildpacks' URLs in order."""
    found = api.pages(f"/apps/{app}/buildpack-installations", BuildpackInstallation)
    return [_url(entry) for entry in sorted(found, key=lambda b: b.ordinal)]


def replace(api: Api, app: str, urls: Sequence[str], version: int | None = None) -> list[str]:
    """Set the whole list of buildpacks."""
    path = f"/apps/{app}/buildpack-installations"
    body = {"updates": [{"buildpack": url} for url in urls]}
    kind = list[BuildpackInstallation]
    answer = api.change("PUT", path, kind, body=body, version=version)
    return [_url(entry) for entry in answer]


def _url(entry: BuildpackInstallation) -> str:
    return entry.buildpack.url.removeprefix("urn:buildpack:")
