"""The data API of databases over HTTP: settings, upgrades, reports, and the younger one."""

from __future__ import annotations

import pytest

from .api_platform import Api


@pytest.fixture
async def made(api: Api) -> tuple[str, str]:
    """The names of an app and of its database on a standard plan."""
    app = await api.app()
    body = {"plan": {"name": "heroku-postgresql:standard-0"}, "attachment": {"name": "DATABASE"}}
    answer = await api("POST", f"/apps/{app}/addons", body)
    assert answer.status == 201, answer.body
    return app, str(answer.json["name"])


async def test_what_the_younger_api_tells_of_a_database(api: Api, made: tuple[str, str]) -> None:
    _, database = made
    one = f"/data/postgres/v1/{database}"
    info = (await api("GET", f"{one}/info")).json
    assert (info["addon"]["name"], info["status"], info["tier"]) == (
        database,
        "available",
        "standard",
    )
    assert info["features"]["rollback"]["enabled"] is True
    assert {limit["name"] for limit in info["plan_limits"]} >= {"storage-limit-in-gb"}
    assert (await api("GET", f"{one}/wait_status")).json["waiting"] is False
    changed = await api(
        "PUT", f"{one}/settings", {"settings": "log_statement:all, auto_explain:on"}
    )
    assert {c["name"]: c["current"] for c in changed.json["changes"]} == {
        "log_statement": "all",
        "auto_explain": "on",
    }
    assert (await api("PUT", f"{one}/settings", {"settings": "log_statement:all"})).json == {
        "changes": []
    }
    now = {s["name"]: s["current"] for s in (await api("GET", f"{one}/settings")).json["items"]}
    assert now["log_statement"] == "all"
    refused = await api("PUT", f"{one}/settings", {"settings": "shared_buffers:9GB"})
    assert (refused.status, refused.json["id"]) == (422, "invalid_params")
    (owner,) = (await api("GET", f"{one}/credentials")).json["items"]
    assert owner == {"name": "default", "type": "owner", "state": "active"}
    full = (await api("GET", f"{one}/credentials/default")).json
    assert full["roles"][0]["password"]
    for method, path in (
        ("POST", "pools"),
        ("POST", "migrations"),
        ("DELETE", "pools/leader"),
    ):
        answer = await api(method, f"{one}/{path}", {} if method != "DELETE" else None)
        assert (answer.status, answer.json["id"]) == (422, "invalid_params"), path
        assert "Advanced" in answer.json["message"]
    (quota,) = (await api("GET", f"{one}/quotas")).json["items"]
    assert (quota["type"], quota["enforcement_action"]) == ("storage", "restrict")
    assert 0 < quota["current_gb"] < quota["critical_gb"]
    assert (await api("GET", f"{one}/quotas/connections")).status == 404
    raised = await api("PATCH", f"{one}/quotas/storage", {"critical_gb": 9000})
    assert (raised.status, "addons:upgrade" in raised.json["message"]) == (422, True)
    assert [pool["name"] for pool in info["pools"]] == ["leader"]


async def test_a_report_leaves_the_url_unread_and_strangers_get_nothing(
    api: Api, made: tuple[str, str]
) -> None:
    app, database = made
    body = {"app": app, "database": "DATABASE_URL", "url": "postgres://u:secret@h/d"}
    report = await api("POST", "/reports", body)
    assert report.status == 201
    assert {check["status"] for check in report.json["checks"]} <= {"green", "yellow"}
    assert (await api("GET", f"/reports/{report.json['id']}")).json == report.json
    assert b"secret" not in report.body
    assert (await api("GET", "/reports/none")).status == 404
    assert (await api("POST", "/reports", {**body, "database": "NONE_URL"})).status == 404
    stranger = await api.stranger()
    for method, path in (
        ("GET", f"/reports/{report.json['id']}"),
        ("POST", "/reports"),
        ("GET", f"/postgres/v0/databases/{database}/config"),
        ("PATCH", f"/postgres/v0/databases/{database}/config"),
        ("POST", f"/client/v11/databases/{database}/upgrade/prepare"),
        ("GET", f"/client/v11/databases/{database}/upgrade/wait_status"),
        ("GET", f"/data/postgres/v1/{database}/credentials/default"),
    ):
        sent = body if path == "/reports" else {}
        assert (await stranger(method, path, sent)).status in (403, 404), path
