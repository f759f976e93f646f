"""Accounts, authorizations and collaborators as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hatoba.api.encode.basics import moment
from hatoba.model import account as model
from hatoba.model.app import App
from hatoba.model.permission import ABOUT, Permission
from hatoba.schema import platform as wire


def account(one: model.Account) -> wire.Account:
    """Return the account."""
    return wire.Account(
        id=str(one.id),
        email=one.email,
        name=one.name,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
        allow_tracking=one.allow_tracking,
        beta=one.beta,
        two_factor_authentication=one.two_factor,
    )


def person(one: model.Account) -> wire.Person:
    """Return the account as administrators see it."""
    return wire.Person(
        id=str(one.id),
        email=one.email,
        name=one.name,
        admin=one.admin,
        two_factor_authentication=one.two_factor,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def authorization(
    one: model.Authorization,
    owner: model.Account,
    *,
    now: datetime,
    token: str | None = None,
    client: model.OAuthClient | None = None,
    code: str | None = None,
) -> wire.Authorization:
    """Return the authorization; its token is whole only when it was just made.

    One that was just made for a client has the ``code`` by which that gets its tokens instead.
    """
    shown = token or f"HRKU**********{one.token_hint}"
    access = {"id": str(one.id), "token": shown, "expires_in": seconds_left(one, now)}
    return wire.Authorization(
        id=str(one.id),
        description=one.description,
        scope=list(one.scopes),
        access_token=None if code else access,
        client=_client_named(client) if client else None,
        grant=_grant(one, code, now) if code else None,
        user={"id": str(owner.id), "email": owner.email, "full_name": owner.name},
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def _client_named(one: model.OAuthClient) -> dict[str, str]:
    return {"id": str(one.id), "name": one.name, "redirect_uri": one.redirect_uri}


def _grant(one: model.Authorization, code: str, now: datetime) -> dict[str, object]:
    left = int(((one.grant_until or now) - now).total_seconds())
    return {"id": str(one.id), "code": code, "expires_in": max(0, left)}


def seconds_left(one: model.Authorization, now: datetime) -> int | None:
    """Return for how many seconds a token is good, None for always."""
    return None if one.expires_at is None else max(0, int((one.expires_at - now).total_seconds()))


def tokens(one: model.Authorization, access: str, refresh: str, now: datetime) -> wire.OAuthToken:
    """Return the tokens of a client."""
    left = seconds_left(one, now)
    return wire.OAuthToken(
        id=str(one.id),
        access_token={"id": str(one.id), "token": access, "expires_in": left},
        refresh_token={"id": str(one.id), "token": refresh, "expires_in": None},
        authorization={"id": str(one.id)},
        user={"id": str(one.account_id)},
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def client(one: model.OAuthClient, secret: str) -> wire.OAuthClient:
    """Return the client with its secret, for its owner."""
    return wire.OAuthClient(
        id=str(one.id),
        name=one.name,
        redirect_uri=one.redirect_uri,
        secret=secret,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def key(one: model.Key, owner: model.Account) -> wire.Key:
    """Return the key."""
    return wire.Key(
        id=str(one.id),
        comment=one.comment,
        email=owner.email,
        fingerprint=one.fingerprint,
        public_key=one.public_key,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def transfer(one: model.AppTransfer) -> wire.AppTransfer:
    """Return the offer of an app."""
    return wire.AppTransfer(
        id=str(one.id),
        app=wire.Named(str(one.app_id), one.app_name),
        owner=wire.User(str(one.owner_id), one.owner_email),
        recipient=wire.User(str(one.recipient_id), one.recipient_email),
        state=one.state,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def permissions(given: Iterable[Permission]) -> list[dict[str, str]]:
    """Return permissions with what they mean."""
    return [{"name": one.value, "description": ABOUT[one]} for one in given]


def collaborator(one: model.Collaborator, app: App) -> wire.Collaborator:
    """Return the collaborator."""
    return wire.Collaborator(
        id=str(one.id),
        app=wire.Named(str(app.id), app.name),
        user={"id": str(one.account_id), "email": one.email, "federated": False},
        role=one.role,
        permissions=permissions(one.permissions),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )
