"""Who may do what: each standing against each kind of route, and that nothing leaks."""

from __future__ import annotations

import json
import re

import pytest

from hatoba.api.routes import TABLE
from tests.contract.api_platform import Api, deployed
from tests.contract.crew import EVERYBODY, Crew, crew

INSIDE = frozenset(EVERYBODY) - {"outsider"}
IN_TEAM = frozenset({"admin", "member", "viewer"})
CODE = frozenset({"admin", "deploy"})
EITHER = CODE | {"operate"}

# A body that no handler takes shows who is let in, and changes nothing.
KINDS: list[tuple[str, str, frozenset[str]]] = [
    ("GET", "/apps/{app}", INSIDE),
    ("GET", "/apps/{app}/releases", INSIDE),
    ("GET", "/apps/{app}/collaborators", INSIDE),
    ("GET", "/apps/{app}/config-vars", EITHER),
    ("GET", "/apps/{app}/log-drains", EITHER),
    ("PATCH", "/apps/{app}/config-vars", EITHER),
    ("PATCH", "/apps/{app}/formation", EITHER),
    ("POST", "/apps/{app}/dynos", EITHER),
    ("POST", "/apps/{app}/releases", EITHER),
    ("POST", "/apps/{app}/addons", EITHER),
    ("POST", "/apps/{app}/builds", CODE),
    ("DELETE", "/apps/{app}/build-cache", CODE),
    ("POST", "/apps/{app}/log-drains", frozenset({"admin", "operate"})),
    ("POST", "/apps/{app}/domains", frozenset({"admin", "operate"})),
    ("POST", "/apps/{app}/collaborators", frozenset({"admin", "manage"})),
    ("PATCH", "/teams/apps/{app}", frozenset({"admin", "manage"})),
    ("PATCH", "/teams/apps/{app}/collaborators/x", frozenset({"admin", "manage"})),
    ("GET", "/teams/{team}", INSIDE),
    ("GET", "/teams/{team}/apps", INSIDE),
    ("GET", "/teams/{team}/members", IN_TEAM),
    ("GET", "/teams/{team}/permissions", IN_TEAM),
    ("PUT", "/teams/{team}/members", frozenset({"admin"})),
    ("PATCH", "/teams/{team}/members", frozenset({"admin"})),
    ("PUT", "/teams/{team}/invitations", frozenset({"admin"})),
    ("PATCH", "/teams/{team}/preferences", frozenset({"admin"})),
    ("POST", "/teams/{team}/allowed-addon-services", frozenset({"admin"})),
    ("GET", "/teams/{team}/invoices", frozenset({"admin"})),
]


async def allowed(made: Crew, method: str, path: str) -> set[str]:
    """Return who is let in."""
    found = set()
    for name, client in made.by.items():
        raw = b"7" if method in ("POST", "PUT", "PATCH") else None
        got = await client(method, path.format(app=made.app, team=made.team), raw=raw)
        assert got.status < 500, (name, method, path, got)
        unseen = got.status == 404 and got.json.get("resource") == "team"
        if got.status != 403 and not unseen:
            found.add(name)
    return found


async def test_each_standing_against_each_kind_of_route(api: Api) -> None:
    made = await crew(api)
    for method, path, expected in KINDS:
        assert await allowed(made, method, path) == expected, (method, path)


async def test_only_who_manages_an_app_renames_or_destroys_it(api: Api) -> None:
    made = await crew(api)
    for name in sorted(set(EVERYBODY) - {"admin", "manage"}):
        renamed = await made.by[name]("PATCH", f"/apps/{made.app}", {"name": "stolen-app"})
        assert renamed.status == 403, (name, renamed)
        assert (await made.by[name]("DELETE", f"/apps/{made.app}")).status == 403
    other = f"{made.app}x"
    got = await made.by["manage"]("PATCH", f"/apps/{made.app}", {"name": other})
    assert (got.status, got.json["name"]) == (200, other)
    assert (await made.by["manage"]("DELETE", f"/apps/{other}")).status == 200
    trash = (await api("GET", "/hatoba/trash")).json
    assert [one["name"] for one in trash if one["name"] == other] == [other]
    theirs = (await made.by["outsider"]("GET", "/hatoba/trash")).json
    assert other not in json.dumps(theirs)


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("identity", {"account"}),
        ("read", {"app"}),
        ("write", {"app", "change"}),
        ("read-protected", {"app", "config"}),
        ("write-protected", {"app", "config", "change", "configure"}),
        ("global", {"account", "app", "config", "change", "configure", "keys", "team"}),
    ],
)
async def test_scopes_are_enforced(api: Api, scope: str, may: set[str]) -> None:
    made = await crew(api)
    asked = {"scope": [scope], "description": scope}
    token = (await api("POST", "/oauth/authorizations", asked)).json["access_token"]["token"]
    kinds = {
        "account": ("GET", "/account"),
        "app": ("GET", f"/apps/{made.app}"),
        "config": ("GET", f"/apps/{made.app}/config-vars"),
        "change": ("PATCH", f"/apps/{made.app}"),
        "configure": ("PATCH", f"/apps/{made.app}/config-vars"),
        "keys": ("POST", "/account/keys"),
        "team": ("PUT", f"/teams/{made.team}/members"),
    }
    for kind, (method, path) in kinds.items():
        raw = b"7" if method != "GET" else None
        got = await api(method, path, raw=raw, Authorization=f"Bearer {token}")
        assert (got.status != 403) == (kind in may), (scope, kind, got)


async def test_no_read_tells_an_outsider_anything(api: Api) -> None:
    made = await crew(api)
    names = {**await deployed(api), "team": made.team, "member": api.account.email}
    config = {"SECRET": "sunken-treasure"}
    assert (await api("PATCH", f"/apps/{names['app']}/config-vars", config)).status == 200
    plan = {"plan": "heroku-postgresql:essential-0"}
    names["addon"] = (await api("POST", f"/apps/{names['app']}/addons", plan)).json["name"]
    key = {"name": "Mine", "redirect_uri": "https://mine.example/back"}
    names["client"] = (await api("POST", "/oauth/clients", key)).json["id"]
    names["authorization"] = (await api("GET", "/oauth/authorizations")).json[0]["id"]
    outsider = made.by["outsider"]
    offered = {"app": names["app"], "recipient": made.by["member"].account.email}
    names["transfer"] = (await api("POST", "/account/app-transfers", offered)).json["id"]
    names["user"] = api.account.email
    secrets = (names["app"], made.app, made.team, "sunken-treasure", str(api.account.id))
    for route in TABLE:
        if route.method != "GET" or route.streams:
            continue
        path = route.path.replace(":path}", "}")
        wanted = {**dict.fromkeys(re.findall(r"\{(\w+)\}", path), "x"), **names}
        got = await outsider("GET", path.format(**wanted))
        assert got.status < 500, (path, got)
        if got.status == 200:
            assert not [one for one in secrets if one.encode() in got.body], (path, got)
