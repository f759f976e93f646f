"""Calls about key-value stores: which one is meant, and Heroku's data API for them."""

from __future__ import annotations

from urllib.parse import quote

from hatoba.client import addons
from hatoba.client.api import Api, Json
from hatoba.client.errors import ClientError
from hatoba.schema.addons import Addon
from hatoba.schema.databases import Message
from hatoba.schema.key_values import KeyValue, Settings, Waiting

SERVICE = "heroku-redis"


def of_app(api: Api, app: str) -> list[Addon]:
    """Return the key-value stores of an app."""
    return [a for a in addons.listed(api, app) if a.addon_service.name == SERVICE]


def pick(api: Api, app: str, wanted: str | None) -> Addon:
    """Return the store of that name or config var, or the only one. Raises ClientError."""
    there = of_app(api, app)
    if not there:
        raise ClientError(
            f"{app} has no key-value store. Make one: heroku addons:create {SERVICE} -a {app}"
        )
    fitting = [a for a in there if wanted is None or _is(a, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(a.name for a in fitting or there)
    if not fitting:
        raise ClientError(f"{app} has no key-value store {wanted}. There are: {names}.")
    raise ClientError(f"Please specify a single instance. Found: {names}")


def _is(addon: Addon, wanted: str) -> bool:
    variable = wanted.upper().removesuffix("_URL") + "_URL"
    return wanted in (addon.name, addon.id) or variable in addon.config_vars


def info(api: Api, name: str) -> KeyValue:
    """Return an instance, its URL included."""
    return api.get(_path(name), KeyValue)


def waiting(api: Api, name: str) -> Waiting:
    """Tell whether it answers."""
    return api.get(f"{_path(name)}/wait", Waiting)


def settings(api: Api, name: str) -> Settings:
    """Return its settings."""
    return api.get(f"{_path(name)}/config", Settings)


def configure(api: Api, name: str, changes: Json, version: int | None = None) -> Settings:
    """Change settings."""
    return api.change("PATCH", f"{_path(name)}/config", Settings, body=changes, version=version)


def rotate(api: Api, name: str, version: int | None = None) -> Message:
    """Give it another password, and every app that has it the new URL."""
    path = f"{_path(name)}/credentials_rotation"
    return api.change("POST", path, Message, body={}, version=version)


def reset_statistics(api: Api, name: str) -> Message:
    """Count anew."""
    return api.change("POST", f"{_path(name)}/stats/reset", Message, body={})


def upgrade(api: Api, name: str, wanted: str, version: int | None = None) -> Message:
    """Have it run a newer version of Valkey."""
    body = {"version": wanted}
    return api.change("POST", f"{_path(name)}/upgrade", Message, body=body, version=version)


def _path(name: str) -> str:
    return f"/redis/v0/databases/{quote(name, safe='')}"
