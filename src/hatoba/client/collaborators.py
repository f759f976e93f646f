"""Calls about who may work on an app."""

from __future__ import annotations

from hatoba.client.api import Api
from hatoba.schema.platform import Collaborator


def listed(api: Api, app: str) -> list[Collaborator]:
    """Return who may work on the app, its owner first."""
    return api.pages(f"/apps/{app}/collaborators", Collaborator)


def add(api: Api, app: str, user: str, version: int | None = None) -> Collaborator:
    """Let an account work on the app."""
    path = f"/apps/{app}/collaborators"
    return api.change("POST", path, Collaborator, body={"user": user}, version=version)


def remove(api: Api, app: str, user: str, version: int | None = None) -> Collaborator:
    """Take an account's access away."""
    path = f"/apps/{app}/collaborators/{user}"
    return api.change("DELETE", path, Collaborator, version=version)
