"""Calls about releases."""

from __future__ import annotations

from hatoba.client.api import Api
from hatoba.schema.platform import Release, Slug


def latest(api: Api, app: str, count: int = 15) -> list[Release]:
    """Return the newest releases, the newest first."""
    window = f"version ..; max={count}, order=desc"
    found = api.page(f"/apps/{app}/releases", Release, window)
    return sorted(found, key=lambda r: -r.version)[:count]


def find(api: Api, app: str, identity: str) -> Release:
    """Return a release by id, number or ``v`` and number."""
    return api.get(f"/apps/{app}/releases/{_plain(identity)}", Release)


def find_or_latest(api: Api, app: str, identity: str | None) -> Release | None:
    """Return the named release, or the newest, or None when there is none at all."""
    if identity and identity != "current":
        return find(api, app, identity)
    return next(iter(latest(api, app, 1)), None)


def current(api: Api, app: str) -> Release | None:
    """Return the release that runs, or None."""
    return next((r for r in latest(api, app, 10) if r.current), None)


def rollback(api: Api, app: str, release_id: str, version: int | None = None) -> Release:
    """Make a new release from an old one."""
    path = f"/apps/{app}/releases"
    return api.change("POST", path, Release, body={"release": release_id}, version=version)


def create(
    api: Api, app: str, slug_id: str, description: str, version: int | None = None
) -> Release:
    """Make a new release of a slug."""
    body = {"slug": slug_id, "description": description}
    return api.change("POST", f"/apps/{app}/releases", Release, body=body, version=version)


def slug(api: Api, app: str, slug_id: str) -> Slug:
    """Return a slug of an app."""
    return api.get(f"/apps/{app}/slugs/{slug_id}", Slug)


def _plain(identity: str) -> str:
    lower = identity.lower()
    return lower[1:] if lower[:1] == "v" and lower[1:].isdigit() else lower
