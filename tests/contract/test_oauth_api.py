"""OAuth clients, their grants and tokens, through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.api_platform import Api, Got

CLIENT = {"name": "Buoy", "redirect_uri": "https://buoy.example/back"}


async def client_of(api: Api) -> dict[str, Any]:
    made = await api("POST", "/oauth/clients", CLIENT)
    assert made.status == 201, made
    found: dict[str, Any] = made.json
    return found


async def granted(api: Api, client: dict[str, Any], *scope: str) -> str:
    """Let a client act for the account; return the code."""
    body = {"client": client["id"], "scope": list(scope) or ["read"]}
    made = await api("POST", "/oauth/authorizations", body)
    assert made.status == 201, made
    assert made.json["access_token"] is None
    return str(made.json["grant"]["code"])


async def exchange(api: Api, client: dict[str, Any], code: str) -> Got:
    body = {
        "client": {"secret": client["secret"]},
        "grant": {"type": "authorization_code", "code": code},
    }
    return await api("POST", "/oauth/tokens", body, Authorization="")


async def refresh(api: Api, client: dict[str, Any], token: str) -> Got:
    body = {
        "client": {"secret": client["secret"]},
        "grant": {"type": "refresh_token"},
        "refresh_token": {"token": token},
    }
    return await api("POST", "/oauth/tokens", body, Authorization="")


async def test_a_client_gets_tokens_for_a_code_once(api: Api) -> None:
    owner = await api.stranger()
    client = await client_of(owner)
    code = await granted(api, client)
    got = await exchange(api, client, code)
    assert got.status == 201, got
    assert got.json["access_token"]["expires_in"] == 8 * 3600
    bearer = f"Bearer {got.json['access_token']['token']}"
    assert (await api("GET", "/apps", Authorization=bearer)).status == 200
    assert (await api("POST", "/apps", {}, Authorization=bearer)).status == 403
    assert (await exchange(api, client, code)).status == 401
    again = await refresh(api, client, got.json["refresh_token"]["token"])
    assert again.status == 201, again
    assert (await api("GET", "/apps", Authorization=bearer)).status == 401
    newer = f"Bearer {again.json['access_token']['token']}"
    assert (await api("GET", "/apps", Authorization=newer)).status == 200
    shown = [one for one in (await api("GET", "/oauth/authorizations")).json if one["client"]]
    assert [one["client"]["name"] for one in shown] == ["Buoy"]
    assert (await owner("DELETE", f"/oauth/clients/{client['id']}")).status == 200
    assert (await api("GET", "/apps", Authorization=newer)).status == 401


async def test_codes_and_secrets_that_are_wrong_or_late(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await client_of(api)
    code = await granted(api, client)
    assert (await exchange(api, {**client, "secret": "x"}, code)).status == 401
    assert (await exchange(api, client, "x")).status == 401
    assert (await refresh(api, client, "x")).status == 401
    nothing: dict[str, Any] = {"client": {}, "grant": {}}
    assert (await api("POST", "/oauth/tokens", nothing, Authorization="")).status == 422
    later = api.platform.clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(type(api.platform.clock), "now", lambda _: later)
    assert (await exchange(api, client, code)).status == 401


async def test_a_token_of_a_client_ends_after_eight_hours(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await client_of(api)
    got = await exchange(api, client, await granted(api, client))
    bearer = f"Bearer {got.json['access_token']['token']}"
    later = api.platform.clock.now() + timedelta(hours=8, seconds=1)
    monkeypatch.setattr(type(api.platform.clock), "now", lambda _: later)
    assert (await api("GET", "/apps", Authorization=bearer)).status == 401
    assert (await refresh(api, client, got.json["refresh_token"]["token"])).status == 201


async def test_a_grant_is_no_token(api: Api) -> None:
    client = await client_of(api)
    code = await granted(api, client)
    assert (await api("GET", "/account", Authorization=f"Bearer {code}")).status == 401


async def test_clients_belong_to_their_account(api: Api) -> None:
    client = await client_of(api)
    other = await api.stranger()
    path = f"/oauth/clients/{client['id']}"
    for method in ("GET", "PATCH", "DELETE"):
        assert (await other(method, path)).status == 404
    rotated = (await api("POST", f"{path}/actions/rotate-credentials")).json
    assert rotated["secret"] != client["secret"]
    code = await granted(other, client)
    assert (await exchange(other, client, code)).status == 401
    assert (await exchange(other, rotated, code)).status == 201


@pytest.mark.parametrize(
    "uri", ["", "buoy", "http://buoy.example", "ftp://buoy.example", "https://", "https://[x"]
)
async def test_addresses_that_a_client_can_not_have(api: Api, uri: str) -> None:
    got = await api("POST", "/oauth/clients", {"name": "x", "redirect_uri": uri})
    assert (got.status, got.json["id"]) == (422, "invalid_params")


async def test_a_revoked_authorization_takes_the_refresh_token_with_it(api: Api) -> None:
    client = await client_of(api)
    got = await exchange(api, client, await granted(api, client))
    assert (await api("DELETE", f"/oauth/tokens/{got.json['id']}")).status == 200
    bearer = f"Bearer {got.json['access_token']['token']}"
    assert (await api("GET", "/apps", Authorization=bearer)).status == 401
    assert (await refresh(api, client, got.json["refresh_token"]["token"])).status == 401
