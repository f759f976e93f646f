"""Programs that act for accounts which let them (OAuth clients)."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.model.account import Account, OAuthClient
from hatoba.store import oauth_clients as rows

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


async def listed(p: Platform, account: Account) -> list[OAuthClient]:
    """Return the account's clients."""
    async with p.store.begin() as conn:
        return await rows.of_account(conn, account.id)


async def find(p: Platform, account: Account, identity: str) -> OAuthClient:
    """Return one of the account's clients by id. Raises NotFound."""
    for one in await listed(p, account):
        if identity == str(one.id):
            return one
    raise _unknown()


async def any_client(p: Platform, client_id: UUID) -> OAuthClient:
    """Return anybody's client: accounts let those of others act for them. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, client_id)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> errors.NotFound:
    return errors.NotFound("Couldn't find that OAuth client.", resource="oauth_client")


def _sealed(p: Platform, client_id: UUID) -> bytes:
    return p.vault.seal(secrets.token_urlsafe(32).encode(), f"oauth-client:{client_id}")


def secret_of(p: Platform, client: OAuthClient) -> str:
    """Return a client's secret, which only its owner may see."""
    return p.vault.unseal(client.sealed_secret, f"oauth-client:{client.id}").decode()


def proves(p: Platform, client: OAuthClient, secret: str) -> bool:
    """Tell whether this is the client's secret."""
    return hmac.compare_digest(secret_of(p, client).encode(), secret.encode())


async def create(p: Platform, account: Account, name: str, redirect_uri: str) -> OAuthClient:
    """Make a client. Raises InvalidParams for a name or an address that can't be."""
    _check(name, redirect_uri)
    client_id = uuid4()
    async with p.store.begin() as conn:
        return await rows.insert(
            conn,
            id=client_id,
            account_id=account.id,
            name=name,
            redirect_uri=redirect_uri,
            sealed_secret=_sealed(p, client_id),
        )


async def update(
    p: Platform, one: OAuthClient, *, name: str | None, redirect_uri: str | None
) -> OAuthClient:
    """Change what a client is called or where it is sent back to. Raises InvalidParams."""
    after = {"name": name or one.name, "redirect_uri": redirect_uri or one.redirect_uri}
    _check(**after)
    async with p.store.begin() as conn:
        return await rows.update(conn, one.id, **after)


def _check(name: str, redirect_uri: str) -> None:
    if not 0 < len(name.strip()) <= 100:
        raise errors.InvalidParams("Name must have 1 to 100 characters.")
    try:
        parts = urlsplit(redirect_uri)
        local = parts.hostname in _LOCAL
    except ValueError:
        raise errors.InvalidParams("redirect_uri is not an address.") from None
    # Codes travel in this address: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.1
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise errors.InvalidParams(
            "redirect_uri must be an https address; http is for localhost only."
        )


async def rotate(p: Platform, one: OAuthClient) -> OAuthClient:
    """Give a client a new secret; the old one is of no use from then on."""
    async with p.store.begin() as conn:
        return await rows.update(conn, one.id, sealed_secret=_sealed(p, one.id))


async def destroy(p: Platform, one: OAuthClient) -> None:
    """Remove a client and all tokens that it holds."""
    async with p.store.begin() as conn:
        await rows.delete(conn, one.id)
