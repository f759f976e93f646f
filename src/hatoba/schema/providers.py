"""Manifests of add-on providers, as Heroku's addons-admin writes them, and what Hatoba adds.

``plans`` is Hatoba's own: on Heroku they are edited on a web page.
"""

from __future__ import annotations

import msgspec


class Endpoints(msgspec.Struct, frozen=True):
    """Where the provider is called, and where its people log in."""

    base_url: str
    sso_url: str | None = None


class PlanOffer(msgspec.Struct, frozen=True):
    """A plan; the first one is the default. ``cents`` is its price a month."""

    name: str
    human_name: str | None = None
    description: str | None = None
    cents: int = 0


class ManifestApi(msgspec.Struct, frozen=True):
    """The part of a manifest that says how the provider is called.

    ``client_secret`` is what its grants are exchanged with; without one it is the password.
    """

    production: Endpoints | str
    config_vars: list[str] = []
    config_vars_prefix: str | None = None
    regions: list[str] = []
    requires: list[str] = []
    password: str = ""
    sso_salt: str = ""
    client_secret: str = ""
    version: str | int = "3"


class Manifest(msgspec.Struct, frozen=True):
    """A whole manifest. Unknown fields are left out."""

    id: str
    api: ManifestApi
    name: str | None = None
    cli_plugin_name: str | None = None
    plans: list[PlanOffer] = []


class Provider(msgspec.Struct, frozen=True):
    """A registered provider. Its manifest comes without the secrets.

    ``addons`` counts those of it that live; ``notes`` are whole sentences on what it asks for
    and this platform has not.
    """

    id: str
    name: str
    manifest: Manifest
    addons: int
    notes: list[str]
    created_at: str
    updated_at: str
