"""Add-ons as clients read them; prices and the like are left out."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Named


class Addon(msgspec.Struct, frozen=True):
    """An add-on and the app that it was made for."""

    id: str
    name: str
    state: str
    app: Named
    addon_service: Named
    plan: Named
    config_vars: list[str]
    created_at: str
    web_url: str | None = None
    provision_message: str | None = None


class Trashed(msgspec.Struct, frozen=True):
    """A destroyed add-on, which can be brought back until a moment."""

    id: str
    name: str
    plan: str
    destroyed_at: str
    until: str


class Meter(msgspec.Struct, frozen=True):
    """What a metered add-on has counted of one thing."""

    quantity: float


class AddonUsage(msgspec.Struct, frozen=True):
    """What one metered add-on has counted."""

    id: str
    meters: dict[str, Meter]


class AppUsage(msgspec.Struct, frozen=True):
    """What an app's metered add-ons have counted; those that are not metered are left out."""

    addons: list[AddonUsage]


class Service(msgspec.Struct, frozen=True):
    """What add-ons can be made of."""

    id: str
    name: str
    human_name: str
    state: str


class Plan(msgspec.Struct, frozen=True):
    """A plan of a service."""

    id: str
    name: str
    human_name: str
    description: str
    default: bool
