"""Webhooks on a real platform, by the own CLI and the official one, and through a kill."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.e2e.platform import Platform, wait_for

APP = "lighthouse"


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted; answers with ``status``."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.signed: list[str] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/in?key=hidden"

    def saw(self, resource: str, action: str) -> bool:
        return any((t["resource"], t["action"]) == (resource, action) for t in self.told)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if server.status < 300:
            server.told.append(json.loads(body))
            server.signed.append(self.headers["Heroku-Webhook-Hmac-SHA256"])
        self.send_response(server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 the base has it


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_receiver_is_told(platform: Platform, receiver: Receiver, official_cli: Path) -> None:
    del official_cli
    platform.heroku("apps:create", APP, "--no-remote").ok()
    kinds = "api:release,api:app,api:dyno"
    wanted = ("webhooks:add", "-i", kinds, "-l", "sync", "-u", receiver.url, "-a", APP)
    added = platform.heroku(*wanted).ok()
    assert "hidden" not in added.all
    hook = platform.json("webhooks", "-a", APP)[0]["id"]
    assert receiver.url in platform.official("webhooks", "-a", APP).ok().out

    receiver.status = 500
    platform.heroku("config:set", "KEY=secret-value", "-a", APP).ok()
    wait_for(
        "the delivery is tried again",
        lambda: "retrying" in platform.heroku("webhooks:deliveries", "-a", APP).ok().out,
    )
    # What was changed while the daemon is killed and started again is told too.
    os.kill(platform.pid("hatobad"), signal.SIGKILL)
    receiver.status = 204
    platform.heroku("maintenance:on", "-a", APP, "--yes").ok()
    wait_for("both are told", lambda: receiver.saw("release", "create"), seconds=60)
    wait_for("both are told", lambda: receiver.saw("app", "update"), seconds=60)
    assert "secret-value" not in json.dumps(receiver.told)

    listed = platform.official("webhooks:deliveries", "-a", APP).ok().out
    assert "succeeded" in listed
    delivery = platform.json("webhooks:deliveries", "-a", APP)[0]["id"]
    shown = platform.official("webhooks:deliveries:info", delivery, "-a", APP).ok().out
    assert "Event Payload" in shown
    refused = platform.heroku("webhooks:remove", hook, "-a", APP)
    assert refused.status == 3
    platform.official("webhooks:remove", hook, "-a", APP).ok()
    official = platform.official("webhooks:add", *wanted[1:])
    assert "Webhooks Signing Secret" in official.ok().out
    platform.heroku("apps:destroy", "-a", APP, "--confirm", APP).ok()
    wait_for("its end is told", lambda: receiver.saw("app", "destroy"))
