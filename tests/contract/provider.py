"""A provider of add-ons on a port of its own, which misbehaves as it is told to."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Behaviour = Callable[[dict[str, Any]], Awaitable[Response]]
PASSWORD = "s3cret-of-acme"
SALT = "salt-of-acme"


@dataclass
class Provider:
    """``next`` are the behaviours of the next requests; without any, all goes well.

    ``holds`` is what it has by now, with the plan; ``seen`` each request: method, id, body.
    """

    port: int
    holds: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    next: list[Behaviour] = field(default_factory=list)

    @property
    def manifest(self) -> dict[str, Any]:
        base = f"http://127.0.0.1:{self.port}"
        return {
            "id": "acme",
            "name": "Acme Search",
            "api": {
                "config_vars_prefix": "ACME",
                "config_vars": ["ACME_URL", "ACME_TOKEN"],
                "regions": ["us"],
                "requires": ["syslog_drain"],
                "password": PASSWORD,
                "sso_salt": SALT,
                "production": {
                    "base_url": f"{base}/heroku/resources",
                    "sso_url": f"{base}/sso/login",
                },
                "version": "3",
            },
            "plans": [{"name": "test"}, {"name": "premium", "cents": 2000}],
        }

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [body for m, _, body in self.seen if m == method]

    async def answer(self, request: Request) -> Response:
        expected = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        assert request.headers["authorization"] == f"Basic {expected}"
        assert "version=3" in request.headers["accept"]
        raw = await request.body()
        body: dict[str, Any] = json.loads(raw) if raw else {}
        identity = request.path_params.get("id") or body["uuid"]
        self.seen.append((request.method, identity, body))
        if self.next:
            return await self.next.pop(0)({**body, "id": identity})
        return self.well(request.method, identity, body)

    def well(self, method: str, identity: str, body: dict[str, Any]) -> Response:
        if method == "DELETE":
            there = self.holds.pop(identity, None)
            return Response(status_code=204 if there else 410)
        if method == "PUT" and identity not in self.holds:
            return JSONResponse({"message": "no such thing"}, 404)
        self.holds[identity] = body["plan"]
        config = {"ACME_URL": f"https://acme.example/{identity}", "ACME_TOKEN": body["plan"]}
        return JSONResponse({"id": identity, "config": config, "message": "Welcome to Acme"})


def says(status: int, body: object = None, *, holds: Provider | None = None) -> Behaviour:
    """Answer that; with ``holds`` the provider has the thing all the same."""

    async def behave(asked: dict[str, Any]) -> Response:
        if holds is not None:
            holds.holds[asked["id"]] = asked.get("plan", "test")
        return JSONResponse(body if body is not None else {}, status)

    return behave


def hangs(provider: Provider) -> Behaviour:
    """Make the thing and never answer."""

    async def behave(asked: dict[str, Any]) -> Response:
        provider.holds[asked["id"]] = asked.get("plan", "test")
        await asyncio.sleep(30)
        return Response(status_code=500)

    return behave


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    """Run one; yield it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    provider = Provider(listener.getsockname()[1])
    routes = [
        Route("/heroku/resources", provider.answer, methods=["POST"]),
        Route("/heroku/resources/{id}", provider.answer, methods=["PUT", "DELETE"]),
    ]
    config = uvicorn.Config(Starlette(routes=routes), lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield provider
    finally:
        server.should_exit = server.force_exit = True
        with suppress(asyncio.CancelledError):
            await serving
        listener.close()


@contextmanager
def in_thread() -> Iterator[Provider]:
    """Run one beside a test that does not await; yield it."""
    ready: Queue[Provider] = Queue()
    over = threading.Event()

    async def serve() -> None:
        async with running() as provider:
            ready.put(provider)
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield ready.get(timeout=10)
    finally:
        over.set()
        thread.join()
