"""Calls about app features and account features."""

from __future__ import annotations

from hatoba.client.api import Api
from hatoba.schema.features import AppFeature


def listed(api: Api, app: str) -> list[AppFeature]:
    """Return an app's features."""
    return api.pages(f"/apps/{app}/features", AppFeature)


def of_account(api: Api) -> list[AppFeature]:
    """Return the account's own features."""
    return api.pages("/account/features", AppFeature)


def find(api: Api, app: str, feature: str) -> AppFeature:
    """Return one feature of an app by name or id."""
    return api.get(f"/apps/{app}/features/{feature}", AppFeature)


def switch(api: Api, app: str, feature: str, *, on: bool, version: int | None = None) -> AppFeature:
    """Switch a feature of an app on or off."""
    path = f"/apps/{app}/features/{feature}"
    return api.change("PATCH", path, AppFeature, body={"enabled": on}, version=version)
