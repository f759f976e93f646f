"""The routes of accounts: tokens, keys, clients, transfers."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import (
    ACCOUNT,
    ADMINISTER,
    EVERYBODY,
    IDENTITY,
    LOGIN,
    READ,
    WRITE,
)
from hatoba.api.endpoint import Route
from hatoba.api.resources import (
    absent,
    account,
    app_transfers,
    apps,
    keys,
    login,
    oauth,
    oauth_clients,
    oauth_tokens,
    password_resets,
    two_factor,
    users,
)

_AUTHORIZATION = "/oauth/authorizations/{authorization}"
_CLIENT = "/oauth/clients/{client}"
_TRANSFER = "/account/app-transfers/{transfer}"
_FACTOR = "/hatoba/account/two-factor"

ACCOUNTS: tuple[Route[Any], ...] = (
    Route("GET", "/account", IDENTITY, account.info, "auth:whoami, ps, run"),
    Route("PATCH", "/account", ACCOUNT, account.update),
    Route("DELETE", "/account", ACCOUNT, account.remove),
    Route("GET", "/account/rate-limits", IDENTITY, account.rate_limits),
    Route("GET", "/account/delinquency", IDENTITY, absent.no_debts),
    Route("POST", "/auth", EVERYBODY, login.begin, "auth:login"),
    Route("GET", "/auth/browser/{login}", EVERYBODY, login.page, "auth:login"),
    Route("POST", "/auth/browser/{login}", EVERYBODY, login.submit, "auth:login"),
    Route("GET", "/auth/cli/{login}", EVERYBODY, login.wait, "auth:login"),
    Route("GET", "/account/keys", IDENTITY, keys.listed, "keys"),
    Route("POST", "/account/keys", ACCOUNT, keys.add, "keys:add"),
    Route("GET", "/account/keys/{key}", IDENTITY, keys.info),
    Route("DELETE", "/account/keys/{key}", ACCOUNT, keys.remove, "keys:remove, keys:clear"),
    Route("GET", "/account/app-transfers", READ, app_transfers.listed, "apps:transfers"),
    Route("POST", "/account/app-transfers", WRITE, app_transfers.create, "apps:transfer"),
    Route("GET", _TRANSFER, READ, app_transfers.info),
    Route("PATCH", _TRANSFER, WRITE, app_transfers.answer, "apps:transfers:accept"),
    Route("DELETE", _TRANSFER, WRITE, app_transfers.withdraw, "apps:transfers:cancel"),
    Route("GET", "/accounts/{id}/actions/get-quota", IDENTITY, absent.no_quota, "ps"),
    Route("GET", "/users/{user}", IDENTITY, users.info, "pipelines:create"),
    Route("PATCH", "/users/{user}", ACCOUNT, users.update),
    Route("DELETE", "/users/{user}", ACCOUNT, users.remove, "users:remove"),
    Route("GET", "/users/{user}/apps", READ, apps.of_user, "apps"),
    Route("GET", "/users/{user}/preferences", IDENTITY, users.preferences),
    Route("PATCH", "/users/{user}/preferences", ACCOUNT, users.prefer),
    Route("POST", "/password-resets", EVERYBODY, password_resets.create),
    Route(
        "POST",
        "/password-resets/{token}/actions/finalize",
        EVERYBODY,
        password_resets.finalize,
        "users:password",
    ),
    Route("GET", "/oauth/authorizations", ACCOUNT, oauth.listed, "authorizations, auth:token"),
    Route("POST", "/oauth/authorizations", LOGIN, oauth.create, "auth:login -i"),
    Route("GET", _AUTHORIZATION, ACCOUNT, oauth.info, "authorizations:info"),
    Route("PATCH", _AUTHORIZATION, ACCOUNT, oauth.update, "authorizations:update"),
    Route("DELETE", _AUTHORIZATION, ACCOUNT, oauth.revoke, "authorizations:revoke, auth:logout"),
    Route(
        "POST",
        f"{_AUTHORIZATION}/actions/regenerate-tokens",
        ACCOUNT,
        oauth.regenerate,
        "authorizations:rotate",
    ),
    Route("POST", "/oauth/tokens", EVERYBODY, oauth_tokens.create),
    Route("DELETE", "/oauth/tokens/{token}", ACCOUNT, oauth_tokens.revoke),
    Route("GET", "/oauth/clients", ACCOUNT, oauth_clients.listed, "clients"),
    Route("POST", "/oauth/clients", ACCOUNT, oauth_clients.create, "clients:create"),
    Route("GET", _CLIENT, ACCOUNT, oauth_clients.info, "clients:info"),
    Route("PATCH", _CLIENT, ACCOUNT, oauth_clients.update, "clients:update"),
    Route("DELETE", _CLIENT, ACCOUNT, oauth_clients.destroy, "clients:destroy"),
    Route(
        "POST",
        f"{_CLIENT}/actions/rotate-credentials",
        ACCOUNT,
        oauth_clients.rotate,
        "clients:rotate",
    ),
    Route("GET", "/oauth/sessions", ACCOUNT, absent.none, "sessions"),
    Route("DELETE", "/oauth/sessions/{session}", ACCOUNT, absent.no_session, "auth:logout"),
    Route("GET", "/hatoba/accounts", ADMINISTER, users.listed, "users"),
    Route("POST", "/hatoba/accounts", ADMINISTER, users.create, "users:add"),
    Route("PATCH", "/hatoba/accounts/{user}", ADMINISTER, users.appoint, "users:set"),
    Route(
        "POST",
        "/hatoba/accounts/{user}/actions/reset-password",
        ADMINISTER,
        users.reset_password,
        "users:reset",
    ),
    Route("POST", f"{_FACTOR}/actions/propose", ACCOUNT, two_factor.propose, "auth:2fa:enable"),
    Route("PUT", _FACTOR, ACCOUNT, two_factor.enable, "auth:2fa:enable"),
    Route("DELETE", _FACTOR, ACCOUNT, two_factor.disable, "auth:2fa:disable"),
    Route(
        "DELETE",
        "/hatoba/accounts/{user}/two-factor",
        ADMINISTER,
        two_factor.take_away,
        "users:reset",
    ),
)
