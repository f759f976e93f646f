"""Calls about apps, their owner's account and the catalogues."""

from __future__ import annotations

from typing import Any

from hatoba.client.api import Api, Json, decode, version_of
from hatoba.client.errors import ApiError
from hatoba.schema.platform import Account, App, Collaborator, Region, Stack


def listed(api: Api, *, everything: bool = False) -> list[App]:
    """Return the account's apps; ``everything`` adds those it may only work on."""
    return api.pages("/apps" if everything else "/users/~/apps", App)


def find(api: Api, app: str) -> App:
    """Return one app by name or id."""
    return api.get(f"/apps/{app}", App)


def reviewed(api: Api, app: str) -> tuple[App, int | None]:
    """Return an app together with its state's version, for a review."""
    answer = api.send("GET", f"/apps/{app}")
    return decode(answer, App), version_of(answer)


def exists(api: Api, app: str) -> bool:
    """Tell whether the account can see such an app."""
    try:
        find(api, app)
    except ApiError as error:
        if error.status == 404:
            return False
        raise
    return True


def create(
    api: Api, name: str | None, *, stack: str | None = None, region: str | None = None
) -> App:
    """Make an app."""
    wanted = {"name": name, "stack": stack, "region": region}
    body = {key: value for key, value in wanted.items() if value is not None}
    return api.change("POST", "/apps", App, body=body)


def update(api: Api, app: str, changes: Json, version: int | None = None) -> App:
    """Change an app's name, maintenance mode or stack."""
    return api.change("PATCH", f"/apps/{app}", App, body=changes, version=version)


def destroy(api: Api, app: str, version: int | None = None) -> App:
    """Destroy an app; a Hatoba keeps it in its trash for a while."""
    return api.change("DELETE", f"/apps/{app}", App, version=version)


def collaborators(api: Api, app: str) -> list[Collaborator]:
    """Return who may work on the app."""
    return api.pages(f"/apps/{app}/collaborators", Collaborator)


def addons(api: Api, app: str) -> list[dict[str, Any]]:
    """Return the app's add-ons as the API gives them; none where it has no add-ons."""
    try:
        return api.pages(f"/apps/{app}/addons", dict[str, Any])
    except ApiError as error:
        if error.status == 404:
            return []
        raise


def account(api: Api) -> Account:
    """Return the account that the token acts for."""
    return api.get("/account", Account)


def account_told(api: Api) -> Account | None:
    """Return the account that the token belongs to, None where its scope keeps that to itself."""
    try:
        return account(api)
    except ApiError as error:
        if error.status != 403:
            raise
        return None


def stacks(api: Api) -> list[Stack]:
    """Return the stacks that there are."""
    return api.pages("/stacks", Stack)


def regions(api: Api) -> list[Region]:
    """Return the regions that there are."""
    return api.pages("/regions", Region)
