"""Sending lines to an OpenTelemetry collector, by OTLP over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import urllib3

from hatoba.logs.drains import otlp
from hatoba.logs.drains.otlp import Json
from hatoba.logs.drains.senders import Undelivered, said_by_http
from hatoba.model.telemetry import TelemetryDrain

_SECONDS = 10.0
# https://opentelemetry.io/docs/specs/otlp/#failures-1: these may be tried again.
_AGAIN = (408, 429, 502, 503, 504)


class OtlpSender:
    """Implements ``senders.Sender``. It has a thread of its own, which may hang."""

    def __init__(self, drain: TelemetryDrain, app: str) -> None:
        self._drain = drain
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="telemetry")
        self._pool = urllib3.PoolManager(maxsize=1, timeout=_SECONDS, retries=False)
        named = {"service.name": app, "heroku.app.id": str(drain.app_id), "heroku.app.name": app}
        self._resource: Json = {"attributes": otlp.attributes(named)}

    async def send(self, lines: Sequence[bytes]) -> None:
        """Post what the lines tell of each signal. Raises Undelivered."""
        loop = asyncio.get_running_loop()
        for signal, body in self._bodies(lines):
            status = await loop.run_in_executor(self._thread, self._post, signal, body)
            if not 200 <= status < 300:
                raise Undelivered(f"it answered {status}", final=status not in _AGAIN)

    def _bodies(self, lines: Sequence[bytes]) -> list[tuple[str, Json]]:
        read = [otlp.read(line) for line in lines]
        made = {
            "logs": otlp.logs(read, self._resource),
            "traces": otlp.traces(read, self._resource),
            "metrics": otlp.metrics(read, self._resource),
        }
        wanted = self._drain.signals
        return [(signal, body) for signal, body in made.items() if body and signal in wanted]

    def _post(self, signal: str, body: Json) -> int:
        url = f"{self._drain.endpoint.rstrip('/')}/v1/{signal}"
        headers = {"Content-Type": "application/json", **self._drain.headers}
        with said_by_http("it does not take lines"):
            answer = self._pool.request(
                "POST", url, body=json.dumps(body).encode(), headers=headers, redirect=False
            )
        return answer.status

    async def close(self) -> None:
        """Let go of the connection, without waiting for one that hangs."""
        self._pool.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)
