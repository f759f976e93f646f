"""Calls about the account itself: its keys, tokens, clients, offers of apps, second factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hatoba.client.api import Api
from hatoba.schema.platform import AppTransfer, Authorization, Key, OAuthClient

_AUTHORIZATIONS = "/oauth/authorizations"
_CLIENTS = "/oauth/clients"
_TRANSFERS = "/account/app-transfers"
_FACTOR = "/hatoba/account/two-factor"


def keys(api: Api) -> list[Key]:
    """Return the account's public SSH keys."""
    return api.pages("/account/keys", Key)


def add_key(api: Api, line: str) -> Key:
    """Add a public SSH key."""
    return api.change("POST", "/account/keys", Key, body={"public_key": line})


def remove_key(api: Api, key_id: str) -> Key:
    """Remove a public SSH key."""
    return api.change("DELETE", f"/account/keys/{key_id}", Key)


def authorizations(api: Api) -> list[Authorization]:
    """Return the account's authorizations; their tokens are masked."""
    return api.pages(_AUTHORIZATIONS, Authorization)


def authorization(api: Api, authorization_id: str) -> Authorization:
    """Return one authorization."""
    return api.get(f"{_AUTHORIZATIONS}/{authorization_id}", Authorization)


def authorize(api: Api, body: Mapping[str, object]) -> Authorization:
    """Make an authorization, whose token is in this answer only."""
    return api.change("POST", _AUTHORIZATIONS, Authorization, body=body)


def describe(api: Api, authorization_id: str, text: str) -> Authorization:
    """Change what an authorization is called."""
    path = f"{_AUTHORIZATIONS}/{authorization_id}"
    return api.change("PATCH", path, Authorization, body={"description": text})


def revoke(api: Api, authorization_id: str) -> Authorization:
    """Remove an authorization; its token is refused from now on."""
    return api.change("DELETE", f"{_AUTHORIZATIONS}/{authorization_id}", Authorization)


def rotate(api: Api, authorization_id: str) -> Authorization:
    """Give an authorization a new token, which is in this answer only."""
    path = f"{_AUTHORIZATIONS}/{authorization_id}/actions/regenerate-tokens"
    return api.change("POST", path, Authorization)


def clients(api: Api) -> list[OAuthClient]:
    """Return the account's OAuth clients."""
    return api.pages(_CLIENTS, OAuthClient)


def create_client(api: Api, name: str, redirect_uri: str) -> OAuthClient:
    """Make an OAuth client."""
    body = {"name": name, "redirect_uri": redirect_uri}
    return api.change("POST", _CLIENTS, OAuthClient, body=body)


def update_client(api: Api, client_id: str, body: Mapping[str, object]) -> OAuthClient:
    """Change what an OAuth client is called or where it is sent back to."""
    return api.change("PATCH", f"{_CLIENTS}/{client_id}", OAuthClient, body=body)


def rotate_client(api: Api, client_id: str) -> OAuthClient:
    """Give an OAuth client a new secret."""
    path = f"{_CLIENTS}/{client_id}/actions/rotate-credentials"
    return api.change("POST", path, OAuthClient)


def destroy_client(api: Api, client_id: str) -> OAuthClient:
    """Remove an OAuth client and all tokens that it holds."""
    return api.change("DELETE", f"{_CLIENTS}/{client_id}", OAuthClient)


def transfers(api: Api) -> list[AppTransfer]:
    """Return what the account offers and is offered."""
    return api.pages(_TRANSFERS, AppTransfer)


def offer(api: Api, app: str, recipient: str, version: int | None = None) -> AppTransfer:
    """Offer an app to another account."""
    body = {"app": app, "recipient": recipient}
    return api.change("POST", _TRANSFERS, AppTransfer, body=body, version=version)


def answer(api: Api, transfer_id: str, state: str) -> AppTransfer:
    """Accept or decline an offer."""
    path = f"{_TRANSFERS}/{transfer_id}"
    return api.change("PATCH", path, AppTransfer, body={"state": state})


def withdraw(api: Api, transfer_id: str) -> AppTransfer:
    """Take an offer back."""
    return api.change("DELETE", f"{_TRANSFERS}/{transfer_id}", AppTransfer)


def set_password(api: Api, new: str, present: str | None) -> None:
    """Set the account's password; the present one is needed where there is one."""
    body = {"new_password": new, **({"password": present} if present else {})}
    api.send("PATCH", "/account", body=body)


def finish_reset(api: Api, token: str, new: str) -> str:
    """Set a password by an administrator's token; return whose it is."""
    body = {"password": new, "password_confirmation": new}
    answer = api.send("POST", f"/password-resets/{token}/actions/finalize", body=body)
    user: dict[str, Any] = msgspec.json.decode(answer.body)["user"]
    return str(user["email"])


def propose_factor(api: Api) -> str:
    """Return a new secret for an authenticator app, as a URI."""
    answer = api.send("POST", f"{_FACTOR}/actions/propose")
    return str(msgspec.json.decode(answer.body)["uri"])


def enable_factor(api: Api, secret: str, code: str) -> list[str]:
    """Switch two-factor authentication on; return the recovery codes."""
    answer = api.send("PUT", _FACTOR, body={"secret": secret, "code": code})
    codes: list[str] = msgspec.json.decode(answer.body)["recovery_codes"]
    return codes


def disable_factor(api: Api, password: str, code: str) -> None:
    """Switch two-factor authentication off."""
    api.send("DELETE", _FACTOR, body={"password": password, "code": code})
