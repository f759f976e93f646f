"""Calls about who may work on an app."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba.client.api import Api
from hatoba.schema.platform import Collaborator


def listed(api: Api, app: str) -> list[Collaborator]:
    """Return who may work on the app, its owner first."""
    return api.pages(f"/apps/{app}/collaborators", Collaborator)


def add(
    api: Api,
    app: str,
    user: str,
    version: int | None = None,
    *,
    permissions: Sequence[str] | None = None,
) -> Collaborator:
    """Let an account work on the app, with these permissions or the usual ones."""
    if permissions is None:
        path, body = f"/apps/{app}/collaborators", {"user": user}
        return api.change("POST", path, Collaborator, body=body, version=version)
    wanted = {"user": user, "permissions": list(permissions)}
    path = f"/teams/apps/{app}/collaborators"
    return api.change("POST", path, Collaborator, body=wanted, version=version)


def join(api: Api, app: str, user: str, version: int | None = None) -> Collaborator:
    """Make oneself a collaborator of an app of one's team."""
    path = f"/teams/apps/{app}/collaborators"
    return api.change("POST", path, Collaborator, body={"user": user}, version=version)


def change(
    api: Api, app: str, user: str, permissions: Sequence[str], version: int | None = None
) -> Collaborator:
    """Change what a collaborator may do."""
    path = f"/teams/apps/{app}/collaborators/{user}"
    body = {"permissions": list(permissions)}
    return api.change("PATCH", path, Collaborator, body=body, version=version)


def remove(api: Api, app: str, user: str, version: int | None = None) -> Collaborator:
    """Take an account's access away."""
    path = f"/apps/{app}/collaborators/{user}"
    return api.change("DELETE", path, Collaborator, version=version)
