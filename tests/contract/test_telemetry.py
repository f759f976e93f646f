"""Telemetry drains through the API, and what a collector gets of them."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from uuid import UUID

import pytest

from tests.contract.api_platform import Api
from tests.contract.test_drains import listening

ROUTER = (
    'at=error code=H12 desc="Request timeout" method=GET path="/boats?key=1" host=pier.localhost '
    'request_id=0f7a6c1e-2b1d-4a5e-9c3f-1d2e3f4a5b6c fwd="127.0.0.1" dyno=web.1 connect=0ms '
    "service=120ms status=503 bytes=5 protocol=http1.1 tls=false"
)
USAGE = "source=web.1 dyno=heroku.0.x sample#memory_total=2.00MB sample#load_avg_1m=0.50"


class Collector:
    """Takes what is posted, by path; ``answer`` is its status."""

    def __init__(self) -> None:
        self.got: dict[str, list[Any]] = {}
        self.heads: list[str] = []
        self.answer = 200
        self.more = asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = int(re.search(r"content-length: (\d+)", head, re.I)[1])  # type: ignore[index]
                body = json.loads(await reader.readexactly(size))
                self.heads.append(head)
                if self.answer < 300:
                    self.got.setdefault(head.split()[1], []).append(body)
                self.more.set()
                writer.write(b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    async def until(self, *paths: str) -> None:
        async with asyncio.timeout(20):
            while not set(paths) <= self.got.keys():
                self.more.clear()
                await self.more.wait()


async def added(api: Api, app: str, endpoint: str, *signals: str, **exporter: Any) -> Any:
    info = (await api("GET", f"/apps/{app}")).json
    body = {
        "owner": {"id": info["id"], "type": "app"},
        "signals": list(signals) or ["traces", "metrics", "logs"],
        "exporter": {"type": "otlphttp", "endpoint": endpoint, **exporter},
    }
    return await api("POST", "/telemetry-drains", body)


async def test_a_collector_gets_logs_spans_and_usage(api: Api) -> None:
    app, collector = await api.app(), Collector()
    async with listening(collector.take) as port:
        made = await added(api, app, f"http://127.0.0.1:{port}/in/", headers={"api-key": "k"})
        assert made.status == 201, made
        app_id = UUID(made.json["owner"]["id"])
        api.logs.platform(app_id, "router", ROUTER)
        api.logs.platform(app_id, "web.1", USAGE)
        await collector.until("/in/v1/logs", "/in/v1/traces", "/in/v1/metrics")
        assert (await api("DELETE", f"/telemetry-drains/{made.json['id']}")).status == 200
    assert "api-key: k" in collector.heads[0]
    (span,) = collector.got["/in/v1/traces"][0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert span["traceId"] == "0f7a6c1e2b1d4a5e9c3f1d2e3f4a5b6c"
    assert int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) == 120_000_000
    about = {a["key"]: a["value"] for a in span["attributes"]}
    assert about["url.path"] == {"stringValue": "/boats"}
    assert about["http.response.status_code"] == {"intValue": "503"}
    records = [
        record["body"]["stringValue"]
        for request in collector.got["/in/v1/logs"]
        for record in request["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ]
    assert ROUTER in records
    measured = [
        metric
        for request in collector.got["/in/v1/metrics"]
        for metric in request["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    ]
    values = {m["name"]: m["gauge"]["dataPoints"][0]["asDouble"] for m in measured}
    assert values["heroku.dyno.memory_total"] == 2 * 1024 * 1024
    assert values["heroku.dyno.load_avg_1m"] == 0.5
    assert values["heroku.router.service"] == 120
    named = collector.got["/in/v1/logs"][0]["resourceLogs"][0]["resource"]["attributes"]
    assert {"key": "service.name", "value": {"stringValue": app}} in named


async def test_it_is_shown_changed_and_removed(api: Api) -> None:
    app = await api.app()
    made = (await added(api, app, "https://otel.example", "logs")).json
    assert (await api("GET", f"/apps/{app}/telemetry-drains")).json == [made]
    path = f"/telemetry-drains/{made['id']}"
    changed = await api("PATCH", path, {"exporter": {"endpoint": "http://127.0.0.1:9/x"}})
    assert (changed.json["exporter"]["endpoint"], changed.json["signals"]) == (
        "http://127.0.0.1:9/x",
        ["logs"],
    )
    assert (await (await api.stranger())("GET", path)).status == 403
    assert (await api("DELETE", path)).json["id"] == made["id"]
    assert (await api("GET", path)).status == 404


@pytest.mark.parametrize(
    ("signals", "exporter", "word"),
    [
        (["smoke"], {}, "signals"),
        (["logs"], {"type": "otlp"}, "gRPC"),
        (["logs"], {"type": "splunk"}, "otlphttp"),
        (["logs"], {"endpoint": "ftp://otel.example"}, "endpoint"),
        (["logs"], {"headers": {"a": "b\r\nc: d"}}, "headers"),
    ],
)
async def test_what_can_not_be(
    api: Api, signals: list[str], exporter: dict[str, Any], word: str
) -> None:
    app = await api.app()
    info = (await api("GET", f"/apps/{app}")).json
    body = {
        "owner": {"id": info["id"], "type": "app"},
        "signals": signals,
        "exporter": {"type": "otlphttp", "endpoint": "https://otel.example", **exporter},
    }
    got = await api("POST", "/telemetry-drains", body)
    assert (got.status, word in got.json["message"]) == (422, True), got
