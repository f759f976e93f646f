"""Who is let in to the API, and how it speaks HTTP."""

from __future__ import annotations

import base64
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from hatoba.auth import accounts, authorizations
from hatoba.control import apps
from tests.contract.api_platform import Api, served


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


async def test_account_is_told_to_its_token(api: Api) -> None:
    got = await api("GET", "/account")
    assert got.status == 200
    assert got.json["email"] == api.account.email
    assert got.headers["content-type"].startswith("application/json")
    assert got.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer nonsense", "Basic ???", "Basic YQ==", "Negotiate x", "Bearer \xe9"],
)
async def test_bad_credentials_are_refused(api: Api, header: str) -> None:
    got = await api("GET", "/account", Authorization=header)
    assert (got.status, got.json["id"]) == (401, "unauthorized")


async def test_token_is_taken_as_basic_password(api: Api) -> None:
    got = await api("GET", "/account", Authorization=_basic("", api.token))
    assert got.json["id"] == str(api.account.id)


async def test_apps_of_others_are_refused_and_unknown_ones_not_found(api: Api) -> None:
    name = await api.app()
    stranger = await api.stranger()
    foreign = await stranger("GET", f"/apps/{name}")
    assert (foreign.status, foreign.json["id"]) == (403, "forbidden")
    assert foreign.json["message"] == f"You do not have access to the app {name}."
    unknown = await api("GET", f"/apps/{uuid4()}")
    assert (unknown.status, unknown.json["message"]) == (404, "Couldn't find that app.")
    assert unknown.json["resource"] == "app"


async def test_collaborator_operates_and_does_not_manage(api: Api) -> None:
    name = await api.app()
    friend = await api.stranger()
    added = await api("POST", f"/apps/{name}/collaborators", {"user": friend.account.email})
    assert added.status == 201
    assert (await friend("GET", f"/apps/{name}/config-vars")).status == 200
    on = await friend("PATCH", f"/apps/{name}", {"maintenance": True})
    assert (on.status, on.json["maintenance"]) == (200, True)
    assert name in [a["name"] for a in (await friend("GET", "/apps")).json]
    for method, path, body in (
        ("DELETE", f"/apps/{name}", None),
        ("PATCH", f"/apps/{name}", {"name": f"b-{uuid4().hex[:8]}"}),
        ("POST", f"/apps/{name}/collaborators", {"user": friend.account.email}),
        ("DELETE", f"/apps/{name}/collaborators/{api.account.email}", None),
    ):
        got = await friend(method, path, body)
        assert got.status in (403, 422), (method, path, got)
    left = await friend("DELETE", f"/apps/{name}/collaborators/{friend.account.email}")
    assert left.status == 200
    assert (await friend("GET", f"/apps/{name}")).status == 403


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("identity", {"/account"}),
        ("read", {"/apps", "/apps/NAME"}),
        ("write", {"/apps", "/apps/NAME", "PATCH"}),
        ("read-protected", {"/apps", "/apps/NAME", "/apps/NAME/config-vars"}),
        ("write-protected", {"/apps", "/apps/NAME", "/apps/NAME/config-vars", "PATCH"}),
    ],
)
async def test_scopes_limit_a_token(api: Api, scope: str, allowed: set[str]) -> None:
    name = await api.app()
    made = await api("POST", "/oauth/authorizations", {"scope": [scope], "description": scope})
    bearer = f"Bearer {made.json['access_token']['token']}"
    for path in ("/account", "/apps", "/apps/NAME", "/apps/NAME/config-vars"):
        got = await api("GET", path.replace("NAME", name), Authorization=bearer)
        assert got.status == (200 if path in allowed else 403), path
    got = await api("PATCH", f"/apps/{name}", {"maintenance": True}, Authorization=bearer)
    assert got.status == (200 if "PATCH" in allowed else 403)
    assert (await api("GET", "/oauth/authorizations", Authorization=bearer)).status == 403


async def test_revoked_and_regenerated_tokens_are_refused_at_once(api: Api) -> None:
    made = (await api("POST", "/oauth/authorizations", {"description": "x"})).json
    bearer = f"Bearer {made['access_token']['token']}"
    assert (await api("GET", "/account", Authorization=bearer)).status == 200
    path = f"/oauth/authorizations/{made['id']}"
    fresh = await api("POST", f"{path}/actions/regenerate-tokens")
    assert (await api("GET", "/account", Authorization=bearer)).status == 401
    bearer = f"Bearer {fresh.json['access_token']['token']}"
    assert (await api("GET", "/account", Authorization=bearer)).status == 200
    assert (await api("DELETE", path)).status == 200
    assert (await api("GET", "/account", Authorization=bearer)).status == 401


async def test_tokens_are_shown_once(api: Api) -> None:
    made = (await api("POST", "/oauth/authorizations", {"description": "x"})).json
    token = made["access_token"]["token"]
    listed = await api("GET", "/oauth/authorizations")
    assert made["id"] in [a["id"] for a in listed.json]
    assert token.encode() not in listed.body
    assert token.encode() not in (await api("GET", f"/oauth/authorizations/{made['id']}")).body
    own = await api("GET", "/oauth/authorizations/~")
    assert own.json["access_token"]["token"].endswith(api.token[-4:])


async def test_expired_token_is_refused(api: Api) -> None:
    made = await api("POST", "/oauth/authorizations", {"expires_in": "3600"})
    assert 0 < made.json["access_token"]["expires_in"] <= 3600
    past = api.platform.clock.now().replace(year=2020)
    _, token = await authorizations.issue(api.platform.store, api.account, expires_at=past)
    assert (await api("GET", "/account", Authorization=f"Bearer {token}")).status == 401


async def test_log_in_by_password(api: Api) -> None:
    await accounts.update(api.platform.store, api.account, password="anchor and chain")
    body = {"description": "Heroku CLI login", "scope": ["global"], "expires_in": 2592000}
    right = _basic(api.account.email, "anchor and chain")
    made = await api("POST", "/oauth/authorizations", body, Authorization=right)
    assert made.status == 201
    assert made.json["user"]["email"] == api.account.email
    bearer = f"Bearer {made.json['access_token']['token']}"
    assert (await api("GET", "/account", Authorization=bearer)).status == 200
    for user in (api.account.email, "nobody@harbour.example"):
        wrong = await api("POST", "/oauth/authorizations", body, Authorization=_basic(user, "x"))
        assert (wrong.status, wrong.json["id"]) == (401, "unauthorized")


async def test_unknown_paths_and_methods(api: Api) -> None:
    for method in ("GET", "POST", "DELETE"):
        got = await api(method, "/no/such/path")
        assert (got.status, got.json["id"]) == (404, "not_found")
        assert got.json["message"].startswith("The requested API endpoint was not found.")
    assert (await api("GET", "/apps/%00")).status == 404
    got = await api("PUT", "/account")
    assert (got.status, got.json["id"]) == (405, "method_not_allowed")
    assert got.headers["allow"] == "DELETE, GET, HEAD, PATCH"


async def test_preflight_and_head(api: Api) -> None:
    preflight = await api("OPTIONS", "/apps")
    assert preflight.status == 200
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    head = await api("HEAD", "/account")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("variant", ["", ".sdk", ".pipelines", ".docker-releases", ".filters"])
async def test_variants_of_version_3_are_accepted(api: Api, variant: str) -> None:
    accept = f"application/vnd.heroku+json; version=3{variant}"
    assert (await api("GET", "/account", Accept=accept)).status == 200


@pytest.mark.parametrize("version", ["2", "4", "30"])
async def test_other_versions_are_not(api: Api, version: str) -> None:
    got = await api("GET", "/account", Accept=f"application/vnd.heroku+json; version={version}")
    assert (got.status, got.json["id"]) == (406, "not_acceptable")


async def test_request_id_is_given_back_and_added_to(api: Api) -> None:
    own = str(uuid4())
    got = await api("GET", "/account", Request_Id=f"{own},{uuid4()}")
    first, second = got.headers["request-id"].split(",")
    assert first == own
    assert second not in (own, "")
    assert "," not in (await api("GET", "/account", Request_Id="nonsense")).headers["request-id"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"name": 5}', 422),
        (b'{"name": "a\\u0000b"}', 422),
        (b'{"name": "' + b"x" * 2_000_000 + b'"}', 413),
    ],
)
async def test_bad_bodies_are_told_apart(api: Api, raw: bytes, status: int) -> None:
    got = await api("POST", "/apps", raw=raw)
    assert got.status == status
    assert set(got.json) >= {"id", "message"}


async def test_wrong_field_is_named(api: Api) -> None:
    name = await api.app()
    got = await api("PATCH", f"/apps/{name}", {"maintenance": "perhaps"})
    assert got.status == 422
    assert got.json["message"].startswith("maintenance is invalid: expected boolean")


async def test_failure_inside_is_logged_and_not_shown(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> list[object]:
        raise RuntimeError("sesame")

    monkeypatch.setattr(apps, "listed", broken)
    with capture_logs() as logged:
        got = await api("GET", "/apps")
    assert (got.status, got.json["id"]) == (500, "internal_server_error")
    (entry,) = [e for e in logged if e["event"] == "request failed"]
    assert entry["error"] == "RuntimeError"
    assert "in broken" in entry["traceback"]
    assert b"sesame" not in got.body
    assert entry["ids"] == got.headers["request-id"]


async def test_rate_limit(api_database: str, tmp_path: Path) -> None:
    async with served(api_database, tmp_path, requests_an_hour=3) as api:
        left = [(await api("GET", "/account")).headers["ratelimit-remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        over = await api("GET", "/account")
        assert (over.status, over.json["id"]) == (429, "rate_limit")
        assert (await (await api.stranger())("GET", "/account")).status == 200
