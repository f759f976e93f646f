"""Every answer against the Platform API's own JSON schema."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance import absent
from hatoba.api.routes import TABLE
from tests.contract.api_platform import Api, deployed
from tests.contract.crew import crew, public_key
from tests.contract.webhook_world import told
from tests.unit.model.certificates import Issuer

ROOT = Path(__file__).parents[2]
SCHEMA = Path(
    os.environ.get("HATOBA_API_SCHEMA")
    or ROOT.parent / "shared/reference/heroku-platform-api-schema.json"
)
pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(), reason=f"The Platform API's schema is not at {SCHEMA}."
)
# Patterns and values that name Heroku's own hosts can't hold on another platform.
HEROKU_ONLY = (("app", "git_url"), ("app", "web_url"))
# Deprecated, or only for spaces.
OPTIONAL = {"slug": {"deleted_at"}}


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text())
    for noun, field in HEROKU_ONLY:
        loaded["definitions"][noun]["definitions"][field].pop("pattern", None)
    # The team preferences in the schema, and the official command line, know viewers too.
    roles = loaded["definitions"]["team-member"]["definitions"]
    role = roles.get("role") or loaded["definitions"]["team"]["definitions"]["role"]
    role["enum"].append("viewer")
    return loaded


def links() -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for definition in schema()["definitions"].values():
        for link in definition.get("links", ()):
            path = re.sub(r"\{\([^)]*\)\}", "{}", link["href"])
            found.setdefault((link["method"], path), []).append(link)
    return found


def check(method: str, path: str, body: Any) -> None:
    """Hold the body to the target schema of the link, and to having all of its properties."""
    target = links()[method, path][0].get("targetSchema")
    if target is None:
        return
    whole = {"definitions": schema()["definitions"], **target}
    validator = jsonschema.Draft4Validator(whole, format_checker=jsonschema.FormatChecker())
    problems = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(body)]
    assert problems == []
    reference = (target.get("items") or target).get("$ref", "")
    noun = reference.rpartition("/")[2]
    expected = set(schema()["definitions"].get(noun, {}).get("properties", {}))
    items: list[dict[str, Any]] = body if isinstance(body, list) else [body]
    for item in items:
        assert expected - OPTIONAL.get(noun, set()) <= set(item), noun


def reads() -> list[str]:
    """Return the paths of the table that the schema knows and that lead somewhere, for GET."""
    known = {key for key in links() if absent.reason(key[1]) is None}
    plain = [r.path.replace(":path}", "}") for r in TABLE if r.method == "GET"]
    return sorted(path for path in plain if ("GET", re.sub(r"\{\w+\}", "{}", path)) in known)


async def test_every_read_has_the_schemas_shape(api: Api) -> None:
    names = await with_pipeline(api, await with_certificate(api, await with_addon(api)))
    names = await with_team(api, names)
    for noun, identity in (await told(api, names["app"])).items():
        names[noun.removeprefix("app-webhook-").removeprefix("app-")] = identity
    for path in reads():
        wanted = {**dict.fromkeys(re.findall(r"\{(\w+)\}", path), "x"), **names}
        if path.startswith("/teams"):
            wanted["feature"] = "org-access-controls"
        got = await api("GET", path.format(**wanted))
        if path in NONE_HERE:
            assert (got.status, got.json["id"]) == (404, "not_found"), path
        else:
            assert got.status == 200, (path, got)
            check("GET", re.sub(r"\{\w+\}", "{}", path), got.json)


async def with_addon(api: Api) -> dict[str, str]:
    """Create what ``deployed`` does, and a database; name them."""
    names = await deployed(api)
    plan = {"plan": "heroku-postgresql:essential-0"}
    made = (await api("POST", f"/apps/{names['app']}/addons", plan)).json
    (attached,) = (await api("GET", f"/apps/{names['app']}/addon-attachments")).json
    return {
        **names,
        "addon": made["name"],
        "attachment": attached["id"],
        "service": "heroku-postgresql",
        "plan": "heroku-postgresql:essential-0",
    }


# What this platform has none of.
NONE_HERE = {
    "/account/features/{feature}",
    "/teams/{team}/invoices/{invoice}",
    # Only a provider's own add-on has them.
    "/addons/{addon}/webhooks/{webhook}",
    "/addons/{addon}/webhook-deliveries/{delivery}",
    "/addons/{addon}/webhook-events/{event}",
}

CHANGES: list[tuple[str, str, object, int]] = [
    ("PATCH", "/account", {"name": "Ada"}, 200),
    ("POST", "/apps", {}, 201),
    ("PATCH", "/apps/{app}", {"maintenance": True}, 200),
    ("POST", "/apps/{app}/collaborators", {"user": "FRIEND"}, 201),
    ("PATCH", "/apps/{app}/config-vars", {"A": "1", "B": None}, 200),
    ("PATCH", "/apps/{app}/features/{feature}", {"enabled": True}, 200),
    ("PATCH", "/apps/{app}/formation", {"updates": [{"type": "web", "quantity": "+1"}]}, 200),
    ("PATCH", "/apps/{app}/formation/{formation}", {"quantity": 2, "size": "eco"}, 200),
    ("POST", "/apps/{app}/dynos", {"command": "echo"}, 201),
    ("DELETE", "/apps/{app}/dynos", None, 202),
    ("DELETE", "/apps/{app}/dynos/{dyno}", None, 202),
    ("DELETE", "/apps/{app}/formations/{type}", None, 202),
    ("POST", "/apps/{app}/dynos/{dyno}/actions/stop", None, 202),
    ("POST", "/apps/{app}/formations/{type}/actions/stop", None, 202),
    ("POST", "/apps/{app}/releases", {"release": "RELEASE"}, 201),
    ("POST", "/apps/{app}/log-sessions", {"lines": 5, "tail": True}, 201),
    ("POST", "/apps/{app}/log-drains", {"url": "https://logs.example/in"}, 201),
    ("DELETE", "/apps/{app}/log-drains/{drain}", None, 200),
    ("POST", "/sources", None, 201),
    ("POST", "/apps/{app}/sources", None, 201),
    ("DELETE", "/apps/{app}/builds/{build}", None, 200),
    ("DELETE", "/apps/{app}/build-cache", None, 202),
    (
        "PUT",
        "/apps/{app}/buildpack-installations",
        {"updates": [{"buildpack": "https://buildpacks.example/python.git"}]},
        200,
    ),
    ("POST", "/oauth/authorizations", {"scope": ["global"]}, 201),
    ("PATCH", "/oauth/authorizations/{authorization}", {"description": "x"}, 200),
    ("POST", "/oauth/authorizations/{authorization}/actions/regenerate-tokens", None, 200),
    ("DELETE", "/oauth/authorizations/{authorization}", None, 200),
    ("DELETE", "/apps/{app}", None, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), CHANGES)
async def test_every_change_has_the_schemas_shape(
    api: Api, method: str, path: str, body: object, status: int
) -> None:
    names = await deployed(api)
    friend = await api.stranger()
    text = json.dumps(body).replace("FRIEND", friend.account.email)
    text = text.replace("RELEASE", names["release"])
    got = await api(method, path.format(**names), json.loads(text))
    assert got.status == status, got
    check(method, re.sub(r"\{\w+\}", "{}", path), got.json)


ADDON_CHANGES: list[tuple[str, str, object, int]] = [
    ("POST", "/apps/{app}/addons", {"plan": "heroku-postgresql", "attachment": {}}, 201),
    ("PATCH", "/apps/{app}/addons/{addon}", {"plan": "heroku-postgresql:essential-1"}, 200),
    ("POST", "/addon-attachments", {"addon": "ADDON", "app": "APP", "name": "MORE"}, 201),
    ("POST", "/actions/addons/resolve", {"addon": "ADDON", "app": "APP"}, 200),
    (
        "POST",
        "/actions/addon-attachments/resolve",
        {"addon_attachment": "DATABASE_URL", "app": "APP"},
        200,
    ),
    ("DELETE", "/apps/{app}/addons/{addon}", {"force": False}, 200),
]


async def test_every_change_of_add_ons_has_the_schemas_shape(api: Api) -> None:
    names = await with_addon(api)
    for method, path, body, status in ADDON_CHANGES:
        text = json.dumps(body).replace("ADDON", names["addon"]).replace("APP", names["app"])
        got = await api(method, path.format(**names), json.loads(text))
        assert got.status == status, got
        check(method, re.sub(r"\{\w+\}", "{}", path), got.json)
        if path == "/addon-attachments":
            gone = await api("DELETE", f"{path}/{got.json['id']}")
            check("DELETE", f"{path}/{{}}", gone.json)


PAIR = {"certificate_chain": "CHAIN", "private_key": "KEY"}
DOMAIN_CHANGES: list[tuple[str, str, object, int]] = [
    ("POST", "/apps/{app}/domains", {"hostname": "x.schema.example", "sni_endpoint": None}, 201),
    ("POST", "/apps/{app}/sni-endpoints", PAIR, 201),
    ("PATCH", "/apps/{app}/sni-endpoints/{endpoint}", PAIR, 200),
    ("PATCH", "/apps/{app}/domains/{domain}", {"sni_endpoint": None}, 200),
    ("POST", "/apps/{app}/acm", {}, 200),
    ("PATCH", "/apps/{app}/acm", {"acm_refresh": True}, 200),
    ("DELETE", "/apps/{app}/acm", None, 200),
    ("DELETE", "/apps/{app}/domains/{domain}", None, 200),
    ("DELETE", "/apps/{app}/sni-endpoints/{endpoint}", None, 200),
]


async def with_certificate(api: Api, names: dict[str, str]) -> dict[str, str]:
    """Give the named app a custom domain and a certificate; name them too."""
    host = f"{names['app']}.example"
    app = f"/apps/{names['app']}"
    domain = (await api("POST", f"{app}/domains", {"hostname": host, "sni_endpoint": None})).json
    chain, key = Issuer("Harbour Authority", datetime.now(UTC)).leaf(host)
    pair = {"certificate_chain": chain, "private_key": key}
    made = (await api("POST", f"{app}/sni-endpoints", pair)).json
    return {**names, "domain": domain["hostname"], "endpoint": made["name"]}


async def test_every_change_of_domains_has_the_schemas_shape(api: Api) -> None:
    names = await with_certificate(api, await deployed(api))
    chain, key = Issuer("Harbour Authority", datetime.now(UTC)).leaf("schema.example")
    for method, path, body, status in DOMAIN_CHANGES:
        sent = {"certificate_chain": chain, "private_key": key} if body is PAIR else body
        got = await api(method, path.format(**names), sent)
        assert got.status == status, got
        check(method, re.sub(r"\{\w+\}", "{}", path), got.json)


async def with_pipeline(api: Api, names: dict[str, str]) -> dict[str, str]:
    """Put the named app into a pipeline and promote it to another app; name all of that."""
    target = await api.app()
    made = (await api("POST", "/pipelines", {"name": f"p-{target}"[:30]})).json
    for app, stage in ((names["app"], "staging"), (target, "production")):
        body = {"app": app, "pipeline": made["id"], "stage": stage}
        assert (await api("POST", "/pipeline-couplings", body)).status == 201
    place = (await api("GET", f"/apps/{names['app']}/pipeline-couplings")).json
    ends = [(await api("GET", f"/apps/{app}")).json["id"] for app in (names["app"], target)]
    body = {
        "pipeline": {"id": made["id"]},
        "source": {"app": {"id": ends[0]}},
        "targets": [{"app": {"id": ends[1]}}],
    }
    promoted = await api("POST", "/pipeline-promotions", body)
    assert promoted.status == 201, promoted
    check("POST", "/pipeline-promotions", promoted.json)
    more = {"pipeline": made["id"], "coupling": place["id"], "promotion": promoted.json["id"]}
    return {**names, **more}


PIPELINE_CHANGES: list[tuple[str, str, object, int]] = [
    ("POST", "/pipelines", {"name": "schema-shape", "owner": None}, 201),
    ("PATCH", "/pipelines/{pipeline}", {"name": "schema-shapes"}, 200),
    ("PATCH", "/pipeline-couplings/{coupling}", {"stage": "development"}, 200),
    ("DELETE", "/pipeline-couplings/{coupling}", None, 200),
    (
        "POST",
        "/pipeline-couplings",
        {"app": "APP", "pipeline": "PIPELINE", "stage": "review"},
        201,
    ),
    (
        "POST",
        "/pipeline-transfers",
        {"pipeline": {"id": "PIPELINE"}, "new_owner": {"id": "SELF", "type": "user"}},
        201,
    ),
    ("POST", "/filters/apps", {"in": {"id": []}}, 200),
    ("DELETE", "/pipelines/{pipeline}", None, 200),
]


async def test_every_change_of_pipelines_has_the_schemas_shape(api: Api) -> None:
    names = await with_pipeline(api, await deployed(api))
    for method, path, body, status in PIPELINE_CHANGES:
        text = json.dumps(body).replace("APP", names["app"]).replace("PIPELINE", names["pipeline"])
        text = text.replace("SELF", str(api.account.id))
        got = await api(method, path.format(**names), json.loads(text))
        assert got.status == status, got
        check(method, re.sub(r"\{\w+\}", "{}", path), got.json)


async def with_team(api: Api, names: dict[str, str]) -> dict[str, str]:
    """Make a team with an app, a key, a client and an offer of the named app; name them too."""
    made = await crew(api)
    friend = await api.stranger()
    client = {"name": "Buoy", "redirect_uri": "https://buoy.example/back"}
    offer = {"app": names["app"], "recipient": friend.account.email}
    invited = {"email": friend.account.email, "role": "viewer"}
    service = {"addon_service": "heroku-postgresql"}
    paths = {
        "key": ("POST", "/account/keys", {"public_key": public_key()}),
        "client": ("POST", "/oauth/clients", client),
        "transfer": ("POST", "/account/app-transfers", offer),
        "invitation": ("PUT", f"/teams/{made.team}/invitations", invited),
        "allowed": ("POST", f"/teams/{made.team}/allowed-addon-services", service),
    }
    more = {"team": made.team, "team_app": made.app, "friend": friend.account.email}
    for name, (method, path, body) in paths.items():
        got = await api(method, path, body)
        assert got.status == 201, got
        found = got.json[0] if isinstance(got.json, list) else got.json
        more[name] = found["id"]
    more["member"] = made.by["member"].account.email
    more["token"] = more["invitation"]
    return {**names, **more}


TEAM = "/teams/{team}"
TEAM_CHANGES: list[tuple[str, str, object, int]] = [
    ("POST", "/teams", {"name": "schema-shape"}, 201),
    ("PATCH", TEAM, {"default": True}, 200),
    ("PATCH", f"{TEAM}/preferences", {"addons-controls": True}, 200),
    ("PUT", f"{TEAM}/members", {"email": "FRIEND", "role": "member"}, 201),
    ("POST", f"{TEAM}/members", {"email": "FRIEND", "role": "member"}, 201),
    ("PATCH", f"{TEAM}/members", {"email": "FRIEND", "role": "admin"}, 200),
    ("DELETE", f"{TEAM}/members/{{member}}", None, 200),
    ("PUT", f"{TEAM}/invitations", {"email": "new@harbour.example", "role": "member"}, 201),
    ("DELETE", f"{TEAM}/invitations/{{invitation}}", None, 200),
    ("POST", f"{TEAM}/allowed-addon-services", {"addon_service": "heroku-redis"}, 201),
    ("DELETE", f"{TEAM}/allowed-addon-services/{{allowed}}", None, 200),
    ("POST", "/teams/apps", {"team": "TEAM"}, 201),
    ("POST", "/teams/apps/{team_app}/collaborators", {"user": "FRIEND"}, 201),
    ("PATCH", "/teams/apps/{team_app}/collaborators/{friend}", {"permissions": ["view"]}, 200),
    ("DELETE", "/teams/apps/{team_app}/collaborators/{friend}", None, 200),
    ("PATCH", "/teams/apps/{team_app}", {"locked": True}, 200),
    ("DELETE", "/apps/{team_app}", None, 200),
]
ACCESS_CHANGES: list[tuple[str, str, object, int]] = [
    ("PATCH", "/users/{user}", {"name": "Ada"}, 200),
    ("PATCH", "/users/{user}/preferences", {"timezone": "Europe/Berlin"}, 200),
    ("PATCH", "/oauth/clients/{client}", {"name": "Bell buoy"}, 200),
    ("POST", "/oauth/clients/{client}/actions/rotate-credentials", None, 200),
    ("DELETE", "/oauth/clients/{client}", None, 200),
    ("DELETE", "/account/app-transfers/{transfer}", None, 200),
]


async def test_every_change_of_teams_and_access_has_the_schemas_shape(api: Api) -> None:
    names = await with_team(api, await deployed(api))
    for method, path, body, status in (*TEAM_CHANGES, *ACCESS_CHANGES):
        text = json.dumps(body).replace("FRIEND", names["friend"]).replace("TEAM", names["team"])
        got = await api(method, path.format(**names), json.loads(text))
        assert got.status == status, (path, got)
        check(method, re.sub(r"\{\w+\}", "{}", path), got.json)


# Answers that are no resource: errors, by design.
REFUSED = {("PATCH", "/account/features/{}"), ("POST", "/password-resets")}
# Checked where they can be: by themselves, or in the tests of what they do.
ELSEWHERE = {
    ("POST", "/telemetry-drains"),
    ("PATCH", "/telemetry-drains/{}"),
    ("DELETE", "/telemetry-drains/{}"),
    ("POST", "/apps/{}/webhooks"),
    ("PATCH", "/apps/{}/webhooks/{}"),
    ("DELETE", "/apps/{}/webhooks/{}"),
    ("POST", "/apps/{}/builds"),
    ("DELETE", "/apps/{}/collaborators/{}"),
    ("DELETE", "/addon-attachments/{}"),
    ("PATCH", "/addons/{}/config"),
    ("POST", "/addons/{}/webhooks"),
    ("PATCH", "/addons/{}/webhooks/{}"),
    ("DELETE", "/addons/{}/webhooks/{}"),
    ("PUT", "/addons/{}/log-drains/{}"),
    ("POST", "/addons/{}/actions/provision"),
    ("POST", "/addons/{}/actions/deprovision"),
    ("POST", "/pipeline-promotions"),
    ("DELETE", "/account"),
    ("DELETE", "/users/{}"),
    ("PATCH", "/account/app-transfers/{}"),
    ("POST", "/account/app-transfers"),
    ("POST", "/oauth/clients"),
    ("POST", "/oauth/tokens"),
    ("DELETE", "/oauth/tokens/{}"),
    ("POST", "/password-resets/{}/actions/finalize"),
    ("POST", "/teams/invitations/{}/accept"),
    ("DELETE", "/teams/{}"),
}


def test_every_route_is_served_once_and_every_change_is_checked() -> None:
    served = [(r.method, r.path.replace(":path}", "}")) for r in TABLE]
    assert len(served) == len(set(served))
    changes = (
        *CHANGES,
        *ADDON_CHANGES,
        *DOMAIN_CHANGES,
        *PIPELINE_CHANGES,
        *TEAM_CHANGES,
        *ACCESS_CHANGES,
    )
    known = {(m, re.sub(r"\{\w+\}", "{}", p)) for m, p, _, _ in changes}
    for method, path in served:
        shape = re.sub(r"\{\w+\}", "{}", path)
        if method != "GET" and (method, shape) in links() and absent.reason(shape) is None:
            assert (method, shape) in known | ELSEWHERE | REFUSED
