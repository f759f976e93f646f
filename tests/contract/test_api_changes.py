"""What changes do: reviews, re-sent requests, masks, plans, receipts, the trash."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from hatoba import errors
from hatoba.control.replies import Replies, StoredReply
from hatoba.kit.secret import DOTS
from hatoba.store import accounts as account_rows
from tests.contract.api_platform import Api, deployed


async def test_change_of_an_unreviewed_state_is_refused(api: Api) -> None:
    name = await api.app()
    version = (await api("GET", f"/apps/{name}")).headers["hatoba-version"]
    first = await api("PATCH", f"/apps/{name}", {"maintenance": True}, Hatoba_If_Version=version)
    assert first.status == 200
    assert int(first.headers["hatoba-version"]) > int(version)
    stale = await api("PATCH", f"/apps/{name}/config-vars", {"A": "1"}, Hatoba_If_Version=version)
    assert (stale.status, stale.json["id"]) == (409, "stale_review")
    assert (await api("GET", f"/apps/{name}/config-vars")).json == {}
    nonsense = await api("PATCH", f"/apps/{name}", {}, Hatoba_If_Version="latest")
    assert nonsense.status == 400


async def test_config_vars_are_masked_on_request(api: Api) -> None:
    name = await api.app()
    path = f"/apps/{name}/config-vars"
    set_ = await api("PATCH", path, {"KEY": "sesame", "OTHER": "x"}, Hatoba_Mask="fingerprint")
    assert set_.headers["hatoba-masked"] == "fingerprint"
    assert b"sesame" not in set_.body
    masked = await api("GET", path, Hatoba_Mask="fingerprint")
    assert masked.json["KEY"].startswith(f"{DOTS} ")
    asked = await api("POST", f"/hatoba/apps/{name}/fingerprints", {"values": {"K": "sesame"}})
    assert masked.json["KEY"] == f"{DOTS} {asked.json['fingerprints']['K']}"
    plain = await api("GET", path)
    assert plain.json == {"KEY": "sesame", "OTHER": "x"}
    assert "hatoba-masked" not in plain.headers
    of_release = await api("GET", f"/apps/{name}/releases/2/config-vars", Hatoba_Mask="fingerprint")
    assert of_release.json == masked.json
    assert (await api("GET", path, Hatoba_Mask="loud")).status == 400


async def test_config_var_is_unset_by_null(api: Api) -> None:
    name = await api.app()
    path = f"/apps/{name}/config-vars"
    await api("PATCH", path, {"A": "1", "B": "2"})
    assert (await api("PATCH", path, {"A": None})).json == {"B": "2"}
    for bad in ({"A=B": "1"}, {"A B": "1"}, {"": "1"}, {"BIG": "x" * 70_000}):
        got = await api("PATCH", path, bad)
        assert (got.status, got.json["id"]) == (422, "invalid_params")
    assert (await api("GET", path)).json == {"B": "2"}


async def test_request_that_is_sent_again_is_not_carried_out_again(api: Api) -> None:
    own = str(uuid4())
    body = {"name": f"a-{uuid4().hex[:12]}"}
    first = await api("POST", "/apps", body, Request_Id=own)
    again = await api("POST", "/apps", body, Request_Id=f"{own},{uuid4()}")
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    # Another request, and another account with the same id, are carried out.
    fresh = await api("POST", "/apps", body, Request_Id=str(uuid4()))
    assert (fresh.status, fresh.json["message"]) == (422, f"Name {body['name']} is already taken")
    stranger = await api.stranger()
    assert (await stranger("POST", "/apps", body, Request_Id=own)).status == 422


async def test_same_request_twice_at_once_is_carried_out_once(api: Api) -> None:
    name = await api.app()
    own = str(uuid4())
    body: dict[str, Any] = {"updates": []}
    config = f"/apps/{name}/config-vars"
    both = [api("PATCH", config, {"A": "1"}, Request_Id=own) for _ in range(8)]
    answers = await asyncio.gather(*both)
    assert {a.status for a in answers} == {200}
    assert len((await api("GET", f"/apps/{name}/releases")).json) == 2
    assert (await api("PATCH", f"/apps/{name}/formation", body, Request_Id=own)).status == 200


async def test_refusal_is_given_again_too(api: Api) -> None:
    own = str(uuid4())
    first = await api("POST", "/apps", {"name": "X"}, Request_Id=own)
    again = await api("POST", "/apps", {"name": "X"}, Request_Id=own)
    assert first.status == again.status == 422
    assert first.json == again.json


async def test_kept_replies_hide_tokens(api: Api) -> None:
    made = await api("POST", "/oauth/authorizations", {}, Request_Id=str(uuid4()))
    token = made.json["access_token"]["token"].encode()
    async with api.platform.store.begin() as conn:
        rows = await conn.exec_driver_sql("SELECT body FROM replies WHERE body IS NOT NULL")
        bodies = [bytes(row[0]) for row in rows]
    assert bodies
    assert not any(token in body for body in bodies)


async def test_kept_reply_outlives_the_daemon(api: Api) -> None:
    platform, key = api.platform, uuid4().hex
    reply = StoredReply(201, {"A": "1"}, b"made")

    async def carry_out() -> StoredReply:
        return reply

    async def never() -> StoredReply:
        raise AssertionError("it must not be carried out")

    first = Replies(platform.store, platform.vault, platform.clock)
    assert await first.once(key, carry_out) == reply
    later = Replies(platform.store, platform.vault, platform.clock)
    assert await later.once(key, never) == reply


async def test_failed_request_may_be_tried_again(api: Api) -> None:
    platform, key = api.platform, uuid4().hex
    replies = Replies(platform.store, platform.vault, platform.clock)

    async def away() -> StoredReply:
        raise errors.Unavailable

    async def carry_out() -> StoredReply:
        return StoredReply(200, {}, b"done")

    with pytest.raises(errors.Unavailable):
        await replies.once(key, away)
    assert (await replies.once(key, carry_out)).body == b"done"


async def test_request_cut_off_by_a_kill_is_not_repeated_blindly(api: Api) -> None:
    platform = api.platform
    key = uuid4().hex
    async with platform.store.begin() as conn:
        await conn.exec_driver_sql("INSERT INTO replies (key) VALUES (%s)", (key,))

    async def never() -> StoredReply:
        raise AssertionError("it must not be carried out")

    replies = Replies(platform.store, platform.vault, platform.clock)
    with pytest.raises(errors.Conflict, match="outcome is not known"):
        await replies.once(key, never)


async def test_plan_is_used_once_and_only_for_its_state(api: Api) -> None:
    name = await api.app()
    version = int((await api("GET", f"/apps/{name}")).headers["hatoba-version"])
    body = {"operation": "ps:scale", "app_version": version, "digest": "d", "review": {"web": 2}}
    plans = f"/hatoba/apps/{name}/plans"
    made = await api("POST", plans, body)
    assert (made.status, made.json["used_at"]) == (201, None)
    path = f"{plans}/{made.json['id']}"
    assert (await api("GET", path)).json == made.json
    used = await api("POST", f"{path}/actions/use")
    assert used.json["used_at"] is not None
    assert (await api("POST", f"{path}/actions/use")).json["id"] == "conflict"
    other = await api("POST", plans, body)
    await api("PATCH", f"/apps/{name}", {"maintenance": True})
    stale = await api("POST", f"{plans}/{other.json['id']}/actions/use")
    assert (stale.status, stale.json["id"]) == (409, "stale_review")
    assert (await api("POST", plans, body)).json["id"] == "stale_review"
    assert (await api("GET", f"{plans}/none")).status == 404


async def test_what_is_no_apps_is_in_the_account_s_own_audit_trail(api: Api) -> None:
    mine, other = await api.stranger(), await api.stranger()
    body = {
        "operation": "teams:create",
        "about": "crew",
        "before": {"crew": None},
        "after": {"crew": "admin"},
        "checks": [],
        "verified": True,
    }
    kept = await mine("POST", "/hatoba/receipts", body)
    assert (kept.status, kept.json["user"]) == (201, mine.account.email)
    assert (kept.json["app"], kept.json["about"]) == (None, "crew")
    name = await mine.app()
    of_app = await mine("POST", f"/hatoba/apps/{name}/receipts", {**body, "about": "disguised"})
    assert (of_app.json["app"], of_app.json["about"]) == (name, name)
    assert (await mine("GET", "/hatoba/receipts")).json == [kept.json]
    path = f"/hatoba/receipts/{kept.json['id']}"
    assert (await mine("GET", path)).json == kept.json
    assert (await mine("GET", f"/hatoba/receipts/{of_app.json['id']}")).status == 404
    assert (await mine("GET", f"/hatoba/apps/{name}/receipts/{kept.json['id']}")).status == 404
    assert (await other("GET", "/hatoba/receipts")).json == []
    assert (await other("GET", path)).status == 404
    async with api.platform.store.begin() as conn:
        await account_rows.update(conn, other.account.id, admin=True)
    api.tokens.forget()
    assert kept.json in (await other("GET", "/hatoba/receipts")).json
    assert (await other("GET", path)).json == kept.json
    async with api.platform.store.begin() as conn:
        await account_rows.update(conn, other.account.id, admin=False)
    api.tokens.forget()


async def test_receipts_outlive_their_app_and_the_app_comes_back(api: Api) -> None:
    name = await api.app()
    info = (await api("GET", f"/apps/{name}")).json
    assert (await api("DELETE", f"/apps/{name}")).status == 200
    assert (await api("GET", f"/apps/{name}")).status == 404
    body = {
        "operation": "apps:destroy",
        "before": {"name": name},
        "after": {},
        "checks": [{"what": "gone", "ok": True, "seen": "404"}],
        "verified": True,
        "undo": "heroku apps:restore",
    }
    kept = await api("POST", f"/hatoba/apps/{name}/receipts", body)
    assert (kept.status, kept.json["user"]) == (201, api.account.email)
    listed = await api("GET", f"/hatoba/apps/{info['id']}/receipts")
    assert listed.json == [kept.json]
    one = await api("GET", f"/hatoba/apps/{name}/receipts/{kept.json['id']}")
    assert one.json == kept.json
    stranger = await api.stranger()
    assert (await stranger("GET", f"/hatoba/apps/{info['id']}/receipts")).status == 404
    entry = next(t for t in (await api("GET", "/hatoba/trash")).json if t["id"] == info["id"])
    assert entry["until"] > entry["destroyed_at"]
    restore = f"/hatoba/trash/{info['id']}/actions/restore"
    assert (await stranger("POST", restore)).status == 404
    assert (await api("POST", restore)).json["name"] == name
    assert (await api("GET", f"/apps/{name}")).status == 200


async def test_status_names_the_parts(api: Api) -> None:
    got = await api("GET", "/hatoba/status")
    assert got.json["ready"] is True
    assert got.json["components"][0]["name"] == "router"
    assert got.json["apps"] >= 0


async def test_formation_takes_what_the_cli_sends(api: Api) -> None:
    name = await api.app()
    unknown = await api(
        "PATCH", f"/apps/{name}/formation", {"updates": [{"type": "web", "quantity": "2"}]}
    )
    assert (unknown.status, unknown.json["resource"]) == (404, "formation")


async def test_run_needs_an_attach_url_only_when_attached(api: Api) -> None:
    name = await api.app()
    body = {"command": "bash", "attach": True, "env": {"COLUMNS": 80, "LINES": 24, "TERM": "x"}}
    attached = await api("POST", f"/apps/{name}/dynos", body)
    assert attached.json["attach_url"].startswith("rendezvous://")
    started = api.engine.dyno(attached.json["name"]).spec
    assert started.terminal is not None
    assert (started.terminal.columns, started.terminal.rows) == (80, 24)
    assert started.env["TERM"] == "x"
    piped = await api("POST", f"/apps/{name}/dynos", {**body, "env": {}})
    assert piped.status == 201
    assert api.engine.dyno(piped.json["name"]).spec.terminal is None
    detached = await api("POST", f"/apps/{name}/dynos", {"command": "bash", "attach": False})
    assert detached.json["attach_url"] is None
    assert attached.json["name"] in [
        d["name"] for d in (await api("GET", f"/apps/{name}/dynos")).json
    ]


async def test_a_one_off_dyno_may_have_a_time_to_live(api: Api) -> None:
    path = f"/apps/{await api.app()}/dynos"
    started = await api("POST", path, {"command": "bash", "time_to_live": 1800})
    assert api.engine.dyno(started.json["name"]).spec.lifetime == 1800
    for wrong in (0, -1, 86_401):
        refused = await api("POST", path, {"command": "bash", "time_to_live": wrong})
        assert (refused.status, refused.json["id"]) == (422, "invalid_params")
        assert refused.json["message"] == "time_to_live must be between 1 and 86400 seconds."


async def test_slug_of_another_app_is_not_released(api: Api) -> None:
    names = await deployed(api)
    other = await api.app()
    got = await api("POST", f"/apps/{other}/releases", {"slug": names["slug"]})
    assert (got.status, got.json["message"]) == (404, "Couldn't find that slug.")
    assert (await api("POST", f"/apps/{other}/releases", {})).status == 422


async def test_drains_are_found_by_url_and_by_token(api: Api) -> None:
    name = await api.app()
    path = f"/apps/{name}/log-drains"
    url = "https://user:secret@logs.example/in?key=1"
    made = await api("POST", path, {"url": url})
    assert (made.status, made.json["url"]) == (201, url)
    assert made.json["token"] == f"d.{made.json['id']}"
    again = await api("POST", path, {"url": url})
    assert (again.status, again.json["message"]) == (422, "Url has already been taken.")
    for bad in ("ftp://x/", "https://", "syslog://host:0", "https://a b/", "logs.example"):
        assert (await api("POST", path, {"url": bad})).status == 422
    assert (await api("GET", f"{path}/{made.json['token']}")).json == made.json
    stranger = await api.stranger()
    assert (await stranger("GET", path)).status == 403
    gone = await api("DELETE", f"{path}/{quote(url, safe='')}")
    assert (gone.status, gone.json) == (200, made.json)
    assert (await api("GET", path)).json == []
    assert (await api("DELETE", f"{path}/{quote(url, safe='')}")).status == 404


async def test_a_destroyed_app_has_no_couriers_until_it_is_restored(api: Api) -> None:
    name = await api.app()
    made = await api("POST", f"/apps/{name}/log-drains", {"url": "syslog://127.0.0.1:9"})
    drain_id = UUID(made.json["id"])
    couriers = api.platform.couriers
    assert couriers.of(drain_id) is not None
    app = (await api("DELETE", f"/apps/{name}")).json
    assert couriers.of(drain_id) is None
    await api("POST", f"/hatoba/trash/{app['id']}/actions/restore")
    assert couriers.of(drain_id) is not None
