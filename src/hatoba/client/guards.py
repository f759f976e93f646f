"""Calls about guarded apps."""

from __future__ import annotations

from hatoba.client.api import Api, decode


def guarded(api: Api, app: str) -> bool:
    """Tell whether changing the app takes a second factor."""
    return api.get(f"/hatoba/apps/{app}/guard", dict[str, bool])["guarded"]


def switch(api: Api, app: str, *, guarded: bool, version: int | None = None) -> bool:
    """Have changes of the app take a second factor, or not any more."""
    method, path = "PUT" if guarded else "DELETE", f"/hatoba/apps/{app}/guard"
    return api.change(method, path, dict[str, bool], version=version)["guarded"]


def show(api: Api, app: str, code: str) -> None:
    """Show a code, after which the account may change the app for half an hour."""
    headers = {"Heroku-Two-Factor-Code": code}
    decode(api.send("PUT", f"/apps/{app}/pre-authorizations", headers=headers), dict)
