"""Accounts, authorizations and collaborators as the API shows them."""

from __future__ import annotations

from datetime import datetime

from hatoba.api.encode.basics import moment
from hatoba.model import account as model
from hatoba.model.app import App
from hatoba.schema import platform as wire


def account(one: model.Account) -> wire.Account:
    """Return the account."""
    return wire.Account(
        id=str(one.id),
        email=one.email,
        name=one.name,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def authorization(
    one: model.Authorization, owner: model.Account, *, now: datetime, token: str | None = None
) -> wire.Authorization:
    """Return the authorization; its token is whole only when it was just made."""
    expires = (
        None if one.expires_at is None else max(0, int((one.expires_at - now).total_seconds()))
    )
    shown = token or f"HRKU**********{one.token_hint}"
    return wire.Authorization(
        id=str(one.id),
        description=one.description,
        scope=list(one.scopes),
        access_token={"id": str(one.id), "token": shown, "expires_in": expires},
        user={"id": str(owner.id), "email": owner.email, "full_name": owner.name},
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def collaborator(one: model.Collaborator, app: App) -> wire.Collaborator:
    """Return the collaborator."""
    names = (
        ("view", "deploy", "operate", "manage")
        if one.role == "owner"
        else ("view", "deploy", "operate")
    )
    about = {
        "view": "View the app",
        "deploy": "Deploy code",
        "operate": "Operate the app",
        "manage": "Manage the app",
    }
    return wire.Collaborator(
        id=str(one.id),
        app=wire.Named(str(app.id), app.name),
        user={"id": str(one.account_id), "email": one.email, "federated": False},
        role=one.role,
        permissions=[{"name": name, "description": about[name]} for name in names],
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )
