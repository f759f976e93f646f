"""Errors, autoscaling, favorites and the status page through the API, with a real Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hatoba.control import autoscale
from hatoba.control.traffic import Traffic
from hatoba.kit.clock import SystemClock
from hatoba.logs.base import LogFilter
from hatoba.router.base import RouterLine
from tests.contract.api_platform import Api, deployed

ANY = LogFilter()
BODY = {
    "action_type": "scale",
    "is_active": True,
    "min_quantity": 2,
    "max_quantity": 4,
    "value": 500,
    "notification_channels": [],
    "notification_period": 1440,
    "op": "GREATER_OR_EQUAL",
    "period": 1,
    "name": "LATENCY_SCALE",
}


class Ahead(SystemClock):
    """The machine's clock, as far ahead as a test wants it."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


class Pier:
    """An app with code, a clock of its own, and requests as the router tells them."""

    def __init__(self, api: Api, app: str, app_id: str) -> None:
        self.api, self.app, self.app_id = api, app, UUID(app_id)
        self.clock = Ahead()
        traffic = Traffic(api.platform.store, self.clock)
        self.platform = replace(api.platform, clock=self.clock, traffic=traffic)

    def requests(self, millis: int, count: int = 30, status: int = 200, code: str = "") -> None:
        line = RouterLine(str(self.app_id), self.clock.now(), "", status, code, millis)
        self.platform.traffic.requests([line] * count)

    async def look(self, seconds: float = 70) -> int:
        """Let time pass and autoscaling look; return the number of web dynos."""
        await autoscale.look(self.platform)
        self.clock.ahead += timedelta(seconds=seconds)
        return await self.quantity()

    async def quantity(self) -> int:
        found = (await self.api("GET", f"/apps/{self.app}/formation/web")).json
        return int(found["quantity"])


@pytest.fixture
async def pier(api: Api) -> Pier:
    names = await deployed(api)
    info = (await api("GET", f"/apps/{names['app']}")).json
    return Pier(api, names["app"], info["id"])


async def monitor(pier: Pier, **more: Any) -> Any:
    path = f"/apps/{pier.app_id}/formation/web/monitors"
    return await pier.api("POST", path, {**BODY, **more})


async def test_web_is_scaled_by_response_times_within_its_bounds(pier: Pier) -> None:
    made = await monitor(pier)
    assert made.status == 201, made
    # From one, as it was deployed with, to the fewest.
    assert await pier.look() == 2
    quantities = []
    for _ in range(4):
        pier.requests(900)
        quantities.append(await pier.look())
    assert quantities == [3, 4, 4, 4]
    pier.clock.ahead += timedelta(minutes=6)
    quantities = [await pier.look(310) for _ in range(4)]
    assert quantities == [3, 2, 2, 2]
    receipts = (await pier.api("GET", f"/hatoba/apps/{pier.app}/receipts")).json
    mine = [one for one in receipts if one["operation"] == "ps:autoscale"]
    assert [(one["before"], one["after"]) for one in mine][-2:] == [
        ({"web": 2}, {"web": 3}),
        ({"web": 1}, {"web": 2}),
    ]
    lines = [x.text.decode() for x in pier.api.logs.recent(pier.app_id, 50, ANY)]
    assert any("Autoscaling scaled web from 2 to 3: p95 was 9" in line for line in lines)


async def test_what_is_scaled_by_hand_stays(pier: Pier) -> None:
    await monitor(pier)
    assert await pier.look() == 2
    for quantity in (9, 0):
        body = {"quantity": quantity}
        await pier.api("PATCH", f"/apps/{pier.app}/formation/web", body)
        for _ in range(3):
            pier.requests(5000)
            assert await pier.look(400) == quantity


async def test_it_can_be_changed_and_switched_off(pier: Pier) -> None:
    path = f"/apps/{pier.app_id}/formation/web/monitors"
    assert (await pier.api("GET", path)).json == []
    made = (await monitor(pier)).json
    assert (await pier.api("GET", path)).json == [made]
    off = await pier.api("PATCH", f"{path}/{made['id']}", {"is_active": False})
    assert (off.status, off.json["is_active"], off.json["value"]) == (200, False, 500)
    pier.requests(5000)
    assert await pier.look() == 1
    assert (await pier.api("PATCH", f"{path}/x", {"is_active": True})).status == 404


@pytest.mark.parametrize(
    "change",
    [
        {"min_quantity": 5},
        {"max_quantity": 1000},
        {"value": -1},
        {"action_type": "alert"},
        {"notification_channels": ["app"]},
    ],
)
async def test_monitors_that_can_not_be(pier: Pier, change: dict[str, Any]) -> None:
    got = await monitor(pier, **change)
    assert (got.status, got.json["id"]) == (422, "invalid_params")


async def test_errors_are_counted_by_hour(pier: Pier) -> None:
    traffic = pier.api.platform.traffic
    for count, code, status in ((3, "H12", 503), (1, "H13", 503), (5, "", 200)):
        line = RouterLine(str(pier.app_id), pier.clock.now(), "", status, code, 40)
        traffic.requests([line] * count)
    pier.api.logs.told = traffic.said
    pier.api.logs.platform(pier.app_id, "web.1", "Error R14 (Memory quota exceeded)")
    pier.api.logs.platform(pier.app_id, "logplex", "Error L10 (output buffer overflow) -> …")
    app = f"/apps/{pier.app}"
    for _ in range(2):
        found = (await pier.api("GET", f"{app}/router-metrics/errors?process_type=web")).json
        assert {name: sum(values) for name, values in found["data"].items()} == {"H12": 3, "H13": 1}
        assert (found["step"], len(found["data"]["H12"])) == ("1h", 25)
    found = (await pier.api("GET", f"{app}/router-metrics/status")).json["data"]
    assert {name: sum(values) for name, values in found.items()} == {"200": 5, "503": 4}
    found = (await pier.api("GET", f"{app}/router-metrics/latency")).json["data"]
    assert 36 <= max(filter(None, found["latency.ms.p50"])) <= 44
    dynos = (await pier.api("GET", f"{app}/formation/web/metrics/errors")).json["data"]
    assert {name: sum(values) for name, values in dynos.items()} == {"R14": 1}
    unknown = await pier.api("GET", f"{app}/formation/moon/metrics/errors")
    assert (unknown.status, unknown.json["message"]) == (400, "invalid process_type provided: moon")
    for query in (
        "start_time=x",
        "start_time=2026-01-01T00:00:00",
        "start_time=2999-01-01T00:00:00Z",
    ):
        assert (await pier.api("GET", f"{app}/router-metrics/errors?{query}")).status == 400


async def test_favorites(api: Api) -> None:
    app = await api.app()
    for _ in range(2):
        added = await api("POST", "/favorites", {"resource_id": app, "type": "app"})
        assert (added.status, added.json["resource_name"]) == (201, app)
    assert (await api("GET", "/favorites?type=app")).json == [added.json]
    stranger = await api.stranger()
    assert (await stranger("GET", "/favorites?type=app")).json == []
    assert (await stranger("DELETE", f"/favorites/{added.json['id']}")).status == 404
    assert (await stranger("POST", "/favorites", {"resource_id": app})).status == 403
    assert (await api("DELETE", f"/favorites/{added.json['id']}")).status == 200
    assert (await api("GET", "/favorites?type=app")).json == []


async def test_the_status_page_is_for_everybody(api: Api) -> None:
    got = await api("GET", "/api/v4/current-status", Authorization="")
    assert got.status == 200
    assert [one["system"] for one in got.json["status"]] == ["Apps", "Data", "Tools"]
    assert {one["status"] for one in got.json["status"]} <= {"green", "yellow", "red"}
    assert got.json["incidents"] == []
    assert (await api("GET", "/user/notifications")).json == []
