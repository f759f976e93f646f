"""Calls about providers of add-ons, for the platform's administrator."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.client.errors import ApiError
from hatoba.schema.providers import Provider

_PATH = "/hatoba/addon-providers"


def _one(provider: str) -> str:
    return f"{_PATH}/{quote(provider, safe='')}"


def listed(api: Api) -> list[Provider]:
    """Return the registered providers."""
    return list(api.pages(_PATH, Provider))


def find(api: Api, provider: str) -> Provider:
    """Return one provider."""
    return api.get(_one(provider), Provider)


def registered(api: Api, provider: str) -> Provider | None:
    """Return one provider, None when there is none of that id."""
    try:
        return find(api, provider)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def put(api: Api, provider: str, manifest: Mapping[str, object]) -> Provider:
    """Register a provider, or give it a new manifest."""
    return api.change("PUT", _one(provider), Provider, body=dict(manifest))


def remove(api: Api, provider: str) -> Provider:
    """Offer its service no more."""
    return api.change("DELETE", _one(provider), Provider)
