"""Accounts, logging in, second factors and SSH keys through the API."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from hatoba.control import two_factor
from hatoba.store import accounts as rows
from hatoba.store.tables import pre_authorizations
from tests.contract.api_platform import Api, Got
from tests.contract.crew import crew, public_key

PASSWORD = "anchor and chain"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest_asyncio.fixture
async def admin(api: Api) -> AsyncIterator[Api]:
    """A client of an administrator, the only one of the platform."""
    async with api.platform.store.begin() as conn:
        for one in await rows.people(conn):
            await rows.update(conn, one.id, admin=False)
        await rows.update(conn, api.account.id, admin=True)
    api.tokens.forget()
    yield api


def address() -> str:
    return f"{uuid4().hex[:10]}@quay.example"


async def log_in(api: Api, email: str, password: str, code: str | None = None) -> Got:
    body = {"scope": ["global"]}
    pair = basic(email, password)
    if code is None:
        return await api("POST", "/oauth/authorizations", body, Authorization=pair)
    return await api(
        "POST", "/oauth/authorizations", body, Authorization=pair, Heroku_Two_Factor_Code=code
    )


async def test_an_administrator_makes_lists_and_removes_accounts(admin: Api) -> None:
    email = address()
    made = await admin("POST", "/hatoba/accounts", {"email": email.upper(), "name": "Ada"})
    assert (made.status, made.json["email"], made.json["admin"]) == (201, email, False)
    again = await admin("POST", "/hatoba/accounts", {"email": email})
    assert (again.status, again.json["id"]) == (422, "invalid_params")
    assert email in [one["email"] for one in (await admin("GET", "/hatoba/accounts")).json]
    assert (await admin("DELETE", f"/users/{email}")).status == 200
    assert email not in [one["email"] for one in (await admin("GET", "/hatoba/accounts")).json]
    assert (await admin("POST", "/hatoba/accounts", {"email": email})).status == 201


async def test_a_platform_keeps_an_administrator(admin: Api) -> None:
    other, own = await admin.stranger(), f"/hatoba/accounts/{admin.account.email}"
    path = f"/hatoba/accounts/{other.account.email}"
    assert (await other("PATCH", path, {"admin": True})).status == 403
    last = await admin("PATCH", own, {"admin": False})
    assert (last.status, "last administrator" in last.json["message"]) == (422, True)
    assert (await admin("PATCH", path, {"admin": True})).json["admin"] is True
    assert (await other("PATCH", own, {"admin": False})).json["admin"] is False
    assert (await admin("GET", "/hatoba/accounts")).status == 403


@pytest.mark.parametrize("email", ["", "ada", "@b", "x@herokumanager.com", "a b@c.de"])
async def test_addresses_that_can_not_be(admin: Api, email: str) -> None:
    assert (await admin("POST", "/hatoba/accounts", {"email": email})).status == 422


async def test_others_neither_see_nor_make_accounts(admin: Api) -> None:
    other = await admin.stranger()
    assert (await other("GET", "/hatoba/accounts")).status == 403
    assert (await other("POST", "/hatoba/accounts", {"email": address()})).status == 403
    for method in ("GET", "DELETE"):
        assert (await other(method, f"/users/{admin.account.email}")).status == 404


async def test_a_password_is_set_by_a_token_once(admin: Api) -> None:
    other = await admin.stranger()
    email = other.account.email
    reset = f"/hatoba/accounts/{email}/actions/reset-password"
    assert (await log_in(admin, email, PASSWORD)).status == 401
    token = (await admin("POST", reset)).json["token"]
    path = f"/password-resets/{token}/actions/finalize"
    weak = {"password": "password", "password_confirmation": "password"}
    assert (await admin("POST", path, weak)).status == 422
    unlike = {"password": PASSWORD, "password_confirmation": "x"}
    assert (await admin("POST", path, unlike)).status == 422
    right = {"password": PASSWORD, "password_confirmation": PASSWORD}
    assert (await admin("POST", path, right)).json["user"]["email"] == email
    assert (await admin("POST", path, right)).status == 404
    assert (await log_in(admin, email, PASSWORD)).status == 201
    refused = await other("POST", "/password-resets", {"email": email})
    assert (refused.status, refused.json["id"]) == (422, "invalid_params")


async def test_a_reset_is_over_after_a_day(admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await admin.stranger()
    path = f"/hatoba/accounts/{other.account.email}/actions/reset-password"
    token = (await admin("POST", path)).json["token"]
    later = admin.platform.clock.now() + timedelta(hours=25)
    monkeypatch.setattr(type(admin.platform.clock), "now", lambda _: later)
    right = {"password": PASSWORD, "password_confirmation": PASSWORD}
    assert (await admin("POST", f"/password-resets/{token}/actions/finalize", right)).status == 404


async def test_an_account_that_others_need_is_not_removed(admin: Api) -> None:
    last = await admin("DELETE", "/account")
    assert last.status == 422
    assert "last administrator" in last.json["message"]
    made = await crew(await admin.stranger())
    leader = made.by["admin"]
    alone = await admin("DELETE", f"/users/{leader.account.email}")
    assert (alone.status, made.team in alone.json["message"]) == (422, True)
    owner = await admin.stranger()
    app = await owner.app()
    owns = await admin("DELETE", f"/users/{owner.account.email}")
    assert (owns.status, app in owns.json["message"]) == (422, True)
    assert (await owner("DELETE", f"/apps/{app}")).status == 200
    assert (await owner("DELETE", "/account")).status == 422, "the app is in the trash"


async def test_what_a_removed_account_did_stays(admin: Api) -> None:
    app = await admin.app()
    other = await admin.stranger()
    share = {"user": other.account.email}
    assert (await admin("POST", f"/apps/{app}/collaborators", share)).status == 201
    assert (await other("PATCH", f"/apps/{app}/config-vars", {"A": "1"})).status == 200
    assert (await other("DELETE", "/account")).status == 200
    assert (await other("GET", "/account")).status == 401
    releases = (await admin("GET", f"/apps/{app}/releases")).json
    assert [one["user"]["email"] for one in releases][-1] == other.account.email
    assert (await admin("GET", f"/apps/{app}/config-vars")).json == {"A": "1"}
    there = (await admin("GET", f"/apps/{app}/collaborators")).json
    assert [one["role"] for one in there] == ["owner"]


class Device:
    """An authenticator app."""

    def __init__(self, uri: str) -> None:
        found = parse_qs(urlsplit(uri).query)["secret"][0]
        self.secret = found
        self.totp = TOTP(base64.b32decode(found), 6, SHA1(), 30)  # noqa: S303

    def code(self, api: Api, steps: int = 0) -> str:
        at = api.platform.clock.now().timestamp() + 30 * steps
        return self.totp.generate(int(at)).decode()


async def with_factor(api: Api) -> tuple[Device, list[str]]:
    """Give the client's account a password and a second factor."""
    assert (await api("PATCH", "/account", {"new_password": PASSWORD})).status == 200
    proposed = (await api("POST", "/hatoba/account/two-factor/actions/propose")).json
    device = Device(proposed["uri"])
    # A step early, so that the code of now is still good for a login.
    body = {"secret": device.secret, "code": device.code(api, -1)}
    enabled = await api("PUT", "/hatoba/account/two-factor", body)
    assert enabled.status == 200, enabled
    return device, enabled.json["recovery_codes"]


async def test_a_second_factor_is_asked_for_and_a_code_is_good_once(api: Api) -> None:
    device, recovery = await with_factor(api)
    email = api.account.email
    assert (await api("GET", "/account")).json["two_factor_authentication"] is True
    missing = await log_in(api, email, PASSWORD)
    assert (missing.status, missing.json["id"]) == (403, "two_factor")
    assert "app" not in missing.json
    assert (await log_in(api, email, "wrong password", device.code(api))).status == 401
    code = device.code(api)
    assert (await log_in(api, email, PASSWORD, code)).status == 201
    for wrong in (code, device.code(api, 3)):
        assert (await log_in(api, email, PASSWORD, wrong)).json["id"] == "two_factor"
    assert (await log_in(api, email, PASSWORD, recovery[0].upper())).status == 201
    assert (await log_in(api, email, PASSWORD, recovery[0])).status == 403
    path = "/hatoba/account/two-factor"
    for body in ({}, {"password": PASSWORD, "code": "1"}):
        assert (await api("DELETE", path, body)).status in (403, 422)
    right = {"password": PASSWORD, "code": recovery[1]}
    assert (await api("DELETE", path, right)).status == 200
    assert (await log_in(api, email, PASSWORD)).status == 201


async def test_an_administrator_helps_who_lost_their_device(admin: Api) -> None:
    other = await admin.stranger()
    await with_factor(other)
    path = f"/hatoba/accounts/{other.account.email}/two-factor"
    assert (await other("DELETE", path)).status == 403
    assert (await admin("DELETE", path)).status == 200
    assert (await log_in(admin, other.account.email, PASSWORD)).status == 201


async def test_a_second_factor_needs_its_first_code(api: Api) -> None:
    uri = (await api("POST", "/hatoba/account/two-factor/actions/propose")).json["uri"]
    device = Device(uri)
    path = "/hatoba/account/two-factor"
    early = {"secret": device.secret, "code": device.code(api)}
    assert (await api("PUT", path, early)).json["message"].startswith("Set a password first")
    assert (await api("PATCH", "/account", {"new_password": PASSWORD})).status == 200
    for body in (
        {"secret": device.secret, "code": device.code(api, 5)},
        {"secret": "AAAA", "code": device.code(api)},
        {"secret": "not base 32!", "code": "1"},
    ):
        assert (await api("PUT", path, body)).status in (403, 422)
    assert (await api("GET", "/account")).json["two_factor_authentication"] is False
    good = {"secret": device.secret, "code": device.code(api)}
    assert (await api("PUT", path, good)).status == 200
    assert (await api("PUT", path, good)).status == 422


def test_a_code_is_good_for_its_step_and_the_next() -> None:
    from datetime import UTC, datetime

    # https://www.rfc-editor.org/rfc/rfc6238#appendix-B: at 59 s, cut to six digits.
    secret, at = b"12345678901234567890", datetime.fromtimestamp(59, UTC)
    assert two_factor.step_of(secret, "287082", at, after=0) == 1
    assert two_factor.step_of(secret, "287082", at + timedelta(seconds=30), after=0) == 1
    assert two_factor.step_of(secret, "287082", at + timedelta(seconds=60), after=0) is None
    assert two_factor.step_of(secret, "287082", at, after=1) is None


async def begun(api: Api) -> dict[str, str]:
    found: dict[str, str] = (await api("POST", "/auth", {"description": "CLI on <buoy>"})).json
    return found


async def fill_in(api: Api, login: dict[str, str], **fields: str) -> Got:
    body = urlencode({"answer": "allow", **fields}).encode()
    kind = "application/x-www-form-urlencoded"
    return await api("POST", login["browser_url"], raw=body, Authorization="", Content_Type=kind)


async def test_logging_in_by_a_browser(api: Api) -> None:
    assert (await api("PATCH", "/account", {"new_password": PASSWORD})).status == 200
    login = await begun(api)
    page = await api("GET", login["browser_url"], Authorization="")
    assert page.status == 200
    assert b"CLI on &lt;buoy&gt;" in page.body
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    held = f"Bearer {login['token']}"
    waiting = asyncio.create_task(api("GET", login["cli_url"], Authorization=held))
    assert (await api("GET", login["cli_url"], Authorization="Bearer x")).status == 401
    wrong = await fill_in(api, login, email=api.account.email, password="x")
    assert (wrong.status, b"There was a problem with your login." in wrong.body) == (403, True)
    done = await fill_in(api, login, email=api.account.email, password=PASSWORD)
    assert (done.status, b"You can close this window" in done.body) == (200, True)
    token = (await waiting).json["access_token"]
    own = await api("GET", "/account", Authorization=f"Bearer {token}")
    assert own.json["email"] == api.account.email
    assert (await api("GET", login["browser_url"], Authorization="")).status == 404


async def test_a_browser_asks_for_the_second_factor_too_and_may_refuse(api: Api) -> None:
    device, _ = await with_factor(api)
    login = await begun(api)
    asked = await fill_in(api, login, email=api.account.email, password=PASSWORD)
    assert b"Enter the code" in asked.body
    code = device.code(api)
    done = await fill_in(api, login, email=api.account.email, password=PASSWORD, code=code)
    assert done.status == 200
    other = await begun(api)
    held = f"Bearer {other['token']}"
    waiting = asyncio.create_task(api("GET", other["cli_url"], Authorization=held))
    # The page is asked for until the command line waits for sure.
    await api("GET", other["browser_url"])
    refused = await fill_in(api, other, answer="refuse")
    assert refused.status == 200
    answer = await waiting
    assert "error" in answer.json if answer.status == 200 else answer.status == 404


async def test_keys(api: Api) -> None:
    line = public_key()
    made = await api("POST", "/account/keys", {"public_key": line + "\n"})
    assert made.status == 201, made
    assert made.json["comment"] == "ada@buoy"
    assert re.fullmatch(r"([0-9a-f]{2}:){15}[0-9a-f]{2}", made.json["fingerprint"])
    other = await api.stranger()
    for client in (api, other):
        assert (await client("POST", "/account/keys", {"public_key": line})).status == 422
    assert (await other("GET", f"/account/keys/{made.json['id']}")).status == 404
    assert (await other("DELETE", f"/account/keys/{made.json['id']}")).status == 404
    assert [one["id"] for one in (await api("GET", "/account/keys")).json] == [made.json["id"]]
    assert (await api("DELETE", f"/account/keys/{made.json['fingerprint']}")).status == 200
    assert (await api("GET", "/account/keys")).json == []


@pytest.mark.parametrize(
    "text",
    ["", "x", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa " + public_key().split()[1], "\n\n"],
    ids=["empty", "a word", "a kind alone", "too short", "of another kind", "blank lines"],
)
async def test_keys_that_are_none(api: Api, text: str) -> None:
    got = await api("POST", "/account/keys", {"public_key": text})
    assert (got.status, got.json["id"]) == (422, "invalid_params")


async def test_a_private_key_is_refused_without_being_repeated(api: Api) -> None:
    text = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
    got = await api("POST", "/account/keys", {"public_key": text})
    assert (got.status, b"b3BlbnNz" in got.body) == (422, False)


async def test_preferences_are_kept(api: Api) -> None:
    path = "/users/~/preferences"
    assert (await api("GET", path)).json["timezone"] is None
    assert (await api("PATCH", path, {"timezone": "Europe/Berlin"})).json["timezone"] == (
        "Europe/Berlin"
    )
    assert (await api("GET", path)).json["timezone"] == "Europe/Berlin"
    assert (await api("PATCH", path, {"nonsense": 1})).status == 422


async def test_a_team_can_not_log_in(admin: Api) -> None:
    made = await crew(admin)
    email = f"{made.team}@herokumanager.com"
    assert (await admin("POST", f"/hatoba/accounts/{email}/actions/reset-password")).status == 404
    assert (await admin("DELETE", f"/users/{email}")).status == 404


async def test_a_guarded_app_takes_a_second_factor(api: Api) -> None:
    app, device = await api.app(), (await with_factor(api))[0]
    guard, vars_ = f"/hatoba/apps/{app}/guard", f"/apps/{app}/config-vars"
    other = await api.stranger()
    share = {"user": other.account.email}
    assert (await api("POST", f"/apps/{app}/collaborators", share)).status == 201
    assert (await other("PUT", guard)).status == 403
    assert (await api("PUT", guard)).json == {"guarded": True}
    addon = {"plan": "heroku-postgresql:essential-0"}
    changes: list[tuple[str, str, object]] = [
        ("GET", vars_, None),
        ("PATCH", vars_, {"A": "1"}),
        ("PATCH", f"/apps/{app}", {"maintenance": True}),
        ("POST", f"/apps/{app}/dynos", {"command": "true"}),
        ("POST", f"/apps/{app}/addons", addon),
        ("POST", f"/teams/apps/{app}/collaborators", share),
        ("POST", "/account/app-transfers", {"app": app, "recipient": other.account.email}),
        ("DELETE", f"/apps/{app}", None),
        ("DELETE", guard, None),
    ]
    for method, path, body in changes:
        got = await api(method, path, body)
        assert (got.status, got.json["id"]) == (403, "two_factor"), (method, path, got)
        assert got.json["app"] == {"name": app}
    assert (await api("GET", f"/apps/{app}")).status == 200
    shown = f"/apps/{app}/pre-authorizations"
    assert (await api("PUT", shown)).json["id"] == "two_factor"
    assert (await api("PUT", shown, Heroku_Two_Factor_Code="000000")).status == 403
    assert (await api("PUT", shown, Heroku_Two_Factor_Code=device.code(api))).status == 200
    assert (await api("PATCH", vars_, {"A": "1"})).status == 200
    assert (await other("PATCH", vars_, {"A": "2"})).status == 403
    without = await other("PUT", shown, Heroku_Two_Factor_Code="000000")
    assert (without.status, without.json["id"]) == (422, "invalid_params")
    async with api.platform.store.begin() as conn:
        await conn.execute(sa.update(pre_authorizations).values(until=sa.func.now()))
    assert (await api("PATCH", vars_, {"A": "3"})).status == 403
