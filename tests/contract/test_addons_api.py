"""Add-ons and databases through the API, with a real Postgres behind them."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from hatoba.control import databases, databases_watch
from hatoba.store.tables import apps

from .api_platform import Api, deployed

PLAN = {"plan": {"name": "heroku-postgresql:essential-0"}}


async def config(api: Api, app: str) -> dict[str, str]:
    got: dict[str, str] = (await api("GET", f"/apps/{app}/config-vars")).json
    return got


async def ask(url: str, text: str) -> object:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await conn.execute(text.encode())
        row = await found.fetchone() if found.description else None
    return row[0] if row else None


async def test_an_app_gets_a_database_and_its_url_by_a_release(api: Api) -> None:
    app = await api.app()
    made = await api("POST", f"/apps/{app}/addons", PLAN)
    assert made.status == 201, made
    assert made.json["state"] == "provisioned"
    assert made.json["config_vars"] == ["DATABASE_URL"]
    assert await ask((await config(api, app))["DATABASE_URL"], "SELECT 1") == 1
    releases = (await api("GET", f"/apps/{app}/releases")).json
    assert releases[-1]["description"] == f"Attach DATABASE (@ref:{made.json['name']})"
    path = f"/apps/{app}/addon-attachments"
    (attached,) = (await api("GET", path, Accept_Inclusion="addon:plan,config_vars")).json
    assert attached["addon"]["plan"]["name"] == "heroku-postgresql:essential-0"
    second = await api("POST", f"/apps/{app}/addons", PLAN)
    (name,) = second.json["config_vars"]
    assert name.startswith("HEROKU_POSTGRESQL_")
    info = (await api("GET", f"/client/v11/databases/{made.json['id']}")).json
    assert {i["name"]: i["values"] for i in info["info"]}["Plan"] == ["essential-0"]
    assert "@" not in info["resource_url"]


async def test_a_database_has_a_page_that_gives_no_secret_away(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    resolve = {"addon_attachment": "DATABASE", "app": app}
    (attached,) = (await api("POST", "/actions/addon-attachments/resolve", resolve)).json
    page = await api("GET", attached["web_url"], Authorization="")
    assert page.status == 200
    assert f"heroku pg:info -a {app}".encode() in page.body
    assert b"postgres://" not in page.body
    unsigned = await api("GET", f"/addons-sso/{made['id']}", Authorization="")
    assert unsigned.status == 403


@pytest.mark.parametrize(
    ("plan", "status"), [("heroku-postgresql:gold", 422), ("kafka", 404), ("", 404)]
)
async def test_what_is_not_offered_is_refused_and_nothing_is_made(
    api: Api, plan: str, status: int
) -> None:
    app = await api.app()
    got = await api("POST", f"/apps/{app}/addons", {"plan": plan})
    assert got.status == status
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert await config(api, app) == {}


async def test_a_destroyed_database_is_gone_from_the_app_and_lets_nobody_in(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    url = (await config(api, app))["DATABASE_URL"]
    gone = await api("DELETE", f"/apps/{app}/addons/{made['name']}", {"force": False})
    assert gone.json["state"] == "deprovisioned"
    assert await config(api, app) == {}
    assert (await api("GET", f"/addons/{made['id']}")).status == 404
    assert (await api("GET", f"/client/v11/databases/{made['id']}")).status == 404
    with pytest.raises(psycopg.OperationalError):
        await ask(url, "SELECT 1")


async def test_a_database_is_attached_to_another_app_and_promoted_there(api: Api) -> None:
    one, two = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{one}/addons", PLAN)).json
    await api("POST", f"/apps/{two}/addons", PLAN)
    wanted = {"addon": {"name": made["name"]}, "app": {"name": two}, "name": "DATABASE"}
    refused = await api("POST", "/addon-attachments", wanted)
    assert (refused.status, refused.json["id"]) == (422, "confirmation_required")
    done = await api("POST", "/addon-attachments", {**wanted, "confirm": two})
    assert done.status == 201, done
    urls = [(await config(api, app))["DATABASE_URL"] for app in (one, two)]
    assert urls[0] == urls[1]
    gone = await api("DELETE", f"/addon-attachments/{done.json['id']}")
    assert gone.status == 200
    assert "DATABASE_URL" not in await config(api, two)


async def test_attaching_overwrites_no_config_var_of_the_apps_own(api: Api) -> None:
    one, two = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{one}/addons", PLAN)).json
    await api("PATCH", f"/apps/{two}/config-vars", {"LEDGER_URL": "mine"})
    wanted = {"addon": made["name"], "app": two, "name": "LEDGER"}
    refused = await api("POST", "/addon-attachments", wanted)
    assert (refused.status, refused.json["id"]) == (422, "invalid_params")
    assert await config(api, two) == {"LEDGER_URL": "mine"}


async def test_a_new_database_takes_the_place_of_another_once_that_is_confirmed(api: Api) -> None:
    app = await api.app()
    old = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    wanted = {**PLAN, "attachment": {"name": "DATABASE"}}
    refused = await api("POST", f"/apps/{app}/addons", wanted)
    assert (refused.status, refused.json["id"]) == (422, "confirmation_required")
    assert app in refused.json["message"]
    assert (await api("POST", f"/apps/{app}/addons", {**wanted, "confirm": "not-it"})).status == 422
    new = await api("POST", f"/apps/{app}/addons", {**wanted, "confirm": app})
    assert (new.status, new.json["config_vars"]) == (201, ["DATABASE_URL"]), new
    assert await ask((await config(api, app))["DATABASE_URL"], "SELECT 1") == 1
    attached = (await api("GET", f"/apps/{app}/addon-attachments")).json
    assert [(a["name"], a["addon"]["name"]) for a in attached] == [("DATABASE", new.json["name"])]
    assert (await api("GET", f"/addons/{old['id']}")).json["state"] == "provisioned"
    await api("PATCH", f"/apps/{app}/config-vars", {"LEDGER_URL": "mine"})
    ledger = {**PLAN, "attachment": {"name": "LEDGER"}}
    assert (await api("POST", f"/apps/{app}/addons", ledger)).json["id"] == "confirmation_required"
    assert (await api("POST", f"/apps/{app}/addons", {**ledger, "confirm": app})).status == 201
    assert (await config(api, app))["LEDGER_URL"].startswith("postgres://")


async def test_a_rotated_credential_reaches_every_app_that_has_it(api: Api) -> None:
    one, two = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{one}/addons", PLAN)).json
    await api("POST", "/addon-attachments", {"addon": made["name"], "app": two})
    before = (await config(api, one))["DATABASE_URL"]
    base = f"/postgres/v0/databases/{made['name']}"
    done = await api("POST", f"{base}/credentials/default/credentials_rotation", {"forced": True})
    assert done.status == 200, done
    after = [(await config(api, app))["DATABASE_URL"] for app in (one, two)]
    assert after[0] == after[1] != before
    assert await ask(after[0], "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        await ask(before, "SELECT 1")
    assert (await api("POST", f"{base}/credentials_rotation", {})).status == 200
    assert (await config(api, one))["DATABASE_URL"] != after[0]


async def test_a_credential_is_attached_by_its_namespace_and_can_not_go_while_it_is(
    api: Api,
) -> None:
    app = await api.app()
    plan = {"plan": "heroku-postgresql:standard-0"}
    made = (await api("POST", f"/apps/{app}/addons", plan)).json
    base = f"/postgres/v0/databases/{made['name']}/credentials"
    assert (await api("POST", base, {"name": "analyst"})).status == 201
    wanted = {"addon": made["name"], "app": app, "name": "READS"}
    attached = await api(
        "POST", "/addon-attachments", {**wanted, "namespace": "credential:analyst"}
    )
    assert attached.status == 201, attached
    values = await config(api, app)
    assert await ask(values["READS_URL"], "SELECT current_user") != await ask(
        values["DATABASE_URL"], "SELECT current_user"
    )
    assert (await api("DELETE", f"{base}/analyst")).status == 409
    await api("DELETE", f"/addon-attachments/{attached.json['id']}")
    assert (await api("DELETE", f"{base}/analyst")).status == 200
    assert [c["name"] for c in (await api("GET", base)).json] == ["default"]


async def test_a_database_is_emptied_and_gets_back_what_it_held(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    url = (await config(api, app))["DATABASE_URL"]
    await ask(url, "CREATE TABLE boats ()")
    path = f"/client/v11/databases/{made['id']}"
    assert (await api("PUT", f"{path}/reset")).status == 200
    assert await ask(url, "SELECT to_regclass('boats')") is None
    trash = f"/hatoba/databases/{made['id']}/trash"
    (entry,) = (await api("GET", trash)).json
    assert (await api("POST", f"{trash}/{entry['id']}/actions/restore")).status == 200
    assert await ask(url, "SELECT to_regclass('boats')") == "boats"
    assert (await api("GET", f"{path}/wait_status")).json["waiting?"] is False
    assert (await api("POST", f"{path}/connection_reset")).status == 200


async def test_nobody_else_gets_near_a_database(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    stranger = await api.stranger()
    for method, path in (
        ("GET", f"/client/v11/databases/{made['id']}"),
        ("PUT", f"/client/v11/databases/{made['name']}/reset"),
        ("GET", f"/postgres/v0/databases/{made['name']}/credentials"),
        ("GET", f"/addons/{made['name']}"),
        ("DELETE", f"/apps/{app}/addons/{made['name']}"),
    ):
        assert (await stranger(method, path)).status in (403, 404), path
    theirs = await stranger.app()
    body = {"addon": made["name"], "app": theirs}
    assert (await stranger("POST", "/addon-attachments", body)).status == 403
    fork = {"plan": "heroku-postgresql:standard-0", "config": {"fork": made["name"]}}
    assert (await stranger("POST", f"/apps/{theirs}/addons", fork)).status == 404
    fork["config"] = {"fork": f"{app}::DATABASE_URL"}
    assert (await stranger("POST", f"/apps/{theirs}/addons", fork)).status == 404


async def test_names_are_resolved_as_the_official_cli_wants(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    path = "/actions/addon-attachments/resolve"
    for name in ("DATABASE_URL", "DATABASE", made["name"]):
        (found,) = (await api("POST", path, {"addon_attachment": name, "app": app})).json
        assert found["addon"]["id"] == made["id"]
    missing = await api("POST", path, {"addon_attachment": "NOPE", "app": app})
    assert (missing.status, missing.json["id"]) == (404, "not_found")
    (found,) = (
        await api("POST", "/actions/addons/resolve", {"addon": "DATABASE", "app": app})
    ).json
    assert found["id"] == made["id"]


async def test_a_followers_url_changes_with_its_leaders_password(api: Api) -> None:
    app = await api.app()
    plan = {"plan": "heroku-postgresql:standard-0"}
    leader = (await api("POST", f"/apps/{app}/addons", plan)).json
    wanted = {**plan, "config": {"follow": "DATABASE_URL"}, "attachment": {"name": "READER"}}
    follower = (await api("POST", f"/apps/{app}/addons", wanted)).json
    rotated = "credentials/default/credentials_rotation"
    refused = await api("POST", f"/postgres/v0/databases/{follower['name']}/{rotated}")
    assert refused.status == 409
    await api("POST", f"/postgres/v0/databases/{leader['name']}/{rotated}")
    values = await config(api, app)
    assert await ask(values["DATABASE_URL"], "SELECT 1") == 1
    password = values["DATABASE_URL"].partition("@")[0]
    assert values["READER_URL"].partition("@")[0] == password
    info = (await api("GET", f"/client/v11/databases/{follower['id']}")).json
    assert info["following"].endswith(values["DATABASE_URL"].partition("@")[2])
    wanted = {**plan, "config": {"follow": f"{app}::DATABASE_URL"}}
    elsewhere = (await api("POST", f"/apps/{await api.app()}/addons", wanted)).json
    info = (await api("GET", f"/client/v11/databases/{elsewhere['id']}")).json
    assert info["following"].endswith(values["DATABASE_URL"].partition("@")[2])


async def test_a_config_var_of_an_add_on_can_not_be_changed_by_hand(api: Api) -> None:
    app = await api.app()
    await api("POST", f"/apps/{app}/addons", PLAN)
    before = await config(api, app)
    for value in (None, "postgres://elsewhere/x"):
        got = await api("PATCH", f"/apps/{app}/config-vars", {"DATABASE_URL": value})
        assert got.status == 422
        assert "addons:detach DATABASE" in got.json["message"]
        known = await api("POST", f"/hatoba/apps/{app}/checks/config-vars", {"DATABASE_URL": value})
        assert (known.status, known.json) == (422, got.json)
    assert await config(api, app) == before


async def test_going_back_to_an_earlier_release_keeps_the_rotated_password(api: Api) -> None:
    app = (await deployed(api))["app"]
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    attached = (await api("GET", f"/apps/{app}/releases")).json[-1]
    base = f"/postgres/v0/databases/{made['name']}/credentials/default/credentials_rotation"
    assert (await api("POST", base)).status == 200
    rotated = (await config(api, app))["DATABASE_URL"]
    done = await api("POST", f"/apps/{app}/releases", {"release": attached["id"]})
    assert done.status == 201, done
    assert (await config(api, app))["DATABASE_URL"] == rotated
    assert await ask(rotated, "SELECT 1") == 1


async def test_the_databases_of_an_app_that_is_gone_for_good_go_too(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    url = (await config(api, app))["DATABASE_URL"]
    async with api.platform.store.begin() as conn:
        await conn.execute(apps.delete().where(apps.c.name == app))
    await databases_watch.tidy(api.platform)
    with pytest.raises(psycopg.OperationalError):
        await ask(url, "SELECT 1")
    restored = await databases.restore(api.platform, UUID(made["id"]))
    assert restored.name in url


async def test_a_destroyed_database_comes_back_as_it_was(api: Api) -> None:
    app = (await deployed(api))["app"]
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    url = (await config(api, app))["DATABASE_URL"]
    await ask(url, "CREATE TABLE boats AS SELECT 7 AS length")
    trash = f"/hatoba/apps/{app}/addons/trash"
    early = await api("POST", f"{trash}/{made['name']}/actions/restore")
    assert (await api("GET", trash)).json == []
    assert (early.status, "addons:trash" in early.json["message"]) == (404, True)
    assert (await api("DELETE", f"/apps/{app}/addons/{made['id']}")).status == 200
    assert await config(api, app) == {}
    (kept,) = (await api("GET", trash)).json
    assert (kept["id"], kept["plan"]) == (made["id"], "heroku-postgresql:essential-0")
    changed = await api("PATCH", f"/apps/{app}/config-vars", {"BERTH_URL": "quay"})
    assert changed.status == 200
    for bad in ("BERTH", "1BAD"):
        refused = await api("POST", f"{trash}/{made['name']}/actions/restore", {"name": bad})
        assert (refused.status, len((await api("GET", trash)).json)) == (422, 1)
    back = await api("POST", f"{trash}/{made['name']}/actions/restore", {"name": "LEDGER"})
    assert (back.status, back.json["state"]) == (200, "provisioned"), back
    assert back.json["config_vars"] == ["LEDGER_URL"]
    assert (await config(api, app))["LEDGER_URL"] == url
    assert await ask(url, "SELECT length FROM boats") == 7
    assert (await api("GET", trash)).json == []
    other = await api.app()
    foreign = f"/hatoba/apps/{other}/addons/trash/{made['id']}/actions/restore"
    assert (await api("POST", foreign)).status == 404


async def test_a_return_from_the_trash_that_was_cut_off_goes_on(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", PLAN)).json
    assert (await api("DELETE", f"/apps/{app}/addons/{made['id']}")).status == 200
    await databases.restore(api.platform, UUID(made["id"]))
    path = f"/hatoba/apps/{app}/addons/trash/{made['id']}/actions/restore"
    assert (await api("POST", path)).status == 200
    assert await ask((await config(api, app))["DATABASE_URL"], "SELECT 1") == 1
