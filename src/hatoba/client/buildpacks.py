"""Calls about an app's buildpacks."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence

import msgspec

from hatoba.client.api import Api
from hatoba.schema.platform import BuildpackInstallation


class Registered(msgspec.Struct):
    """A buildpack as the registry tells of it."""

    namespace: str
    name: str
    category: str
    description: str

    @property
    def slug(self) -> str:
        """The name by which it is set."""
        return f"{self.namespace}/{self.name}"


class Revision(msgspec.Struct):
    """One version of a buildpack."""

    release: str
    status: str
    license: str


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


def registered(api: Api) -> list[Registered]:
    """Return the buildpacks of the platform's registry."""
    return api.get("/buildpacks", list[Registered])


def missing(api: Api, wanted: Sequence[str]) -> list[str]:
    """Return those that are names the registry hasn't. URLs and folders are the build's to try."""
    prefixes = ("https://", "http://", "file://", "/")
    names = [one for one in wanted if not one.startswith(prefixes)]
    if not names or api.target.is_heroku:
        return []
    known = {entry.slug for entry in registered(api)}
    return [name for name in names if name.removeprefix("urn:buildpack:") not in known]


def described(api: Api, name: str) -> tuple[Registered, str]:
    """Return a buildpack of the registry, and what it says of itself."""
    readme = api.get(f"/buildpacks/{name}/readme", dict[str, str])["content"]
    return api.get(f"/buildpacks/{name}", Registered), b64decode(readme).decode()


def versions(api: Api, name: str) -> list[Revision]:
    """Return the versions of a buildpack of the registry."""
    return api.get(f"/buildpacks/{name}/revisions", list[Revision])


def _url(entry: BuildpackInstallation) -> str:
    return entry.buildpack.url.removeprefix("urn:buildpack:")
