"""The API, with few and with many apps in the store, and against a bare server of its answers."""

from __future__ import annotations

import asyncio
import http.client
import multiprocessing
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

import psycopg
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.table import Row, middle, show
from tests.contract.api_platform import database, served

REQUESTS = 200
ROUNDS = 3
SECONDS = 2
OWN_APPS = 50
FEW, MANY = 10, 10_000
# Other people's apps, each with a release, as a busy platform has them.
FILL = """
WITH more AS (
  INSERT INTO apps (name, owner_id, stack, region)
  SELECT 'other-' || n, %(owner)s, 'heroku-24', 'us'
  FROM generate_series(%(first)s::int, %(last)s::int) n
  RETURNING id)
INSERT INTO collaborators (app_id, account_id) SELECT id, %(owner)s FROM more
"""


@dataclass(frozen=True)
class Served:
    """A server in a process of its own, and how to be let in."""

    port: int
    token: str
    app: str = ""
    other: str = ""
    account: str = ""


@contextmanager
def in_process(target: object, *args: object) -> Iterator[Served]:
    """Run a server in a process of its own until the block ends."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=target, args=(*args, theirs))  # type: ignore[arg-type]
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def serve_api(url: str, pipe: Connection) -> None:
    """Serve the API with an account that has 50 apps."""
    uvloop.run(_serve_api(url, pipe))


async def _serve_api(url: str, pipe: Connection) -> None:
    ended = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="hatoba-bench-") as folder:
        async with served(url, Path(folder), requests_an_hour=10**9) as api:
            apps = [await api.app() for _ in range(OWN_APPS)]
            other = (await api.stranger()).account.id
            port = int(api.url.rpartition(":")[2])
            pipe.send(Served(port, api.token, apps[0], apps[1], str(other)))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
            await ended.wait()


def serve_bare(body: bytes, pipe: Connection) -> None:
    """Serve the same bytes with nothing but Starlette."""

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    pipe.send(Served(listener.getsockname()[1], ""))
    app = Starlette(routes=[Route("/{path:path}", answer)])
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none")
    uvloop.run(uvicorn.Server(config).serve(sockets=[listener]))


def median_ms(at: Served, path: str, *, after_change: bool) -> float:
    """Return the median ms of a request on a connection that is kept.

    What was asked before is answered at once until something changes, so that each request
    ``after_change`` follows one that changes another app.
    """
    connection = http.client.HTTPConnection("127.0.0.1", at.port)
    took = []
    for number in range(REQUESTS):
        if after_change:
            ask(
                connection, at, "PATCH", f"/apps/{at.other}", f'{{"maintenance":{number % 2 == 0}}}'
            )
        started = perf_counter()
        ask(connection, at, "GET", path)
        took.append(perf_counter() - started)
    return middle(took) * 1000


def ask(
    connection: http.client.HTTPConnection, at: Served, method: str, path: str, body: str = ""
) -> bytes:
    headers = {"Authorization": f"Bearer {at.token}"}
    connection.request(method, path, body.lower() or None, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, (path, text)
    return text


def rate(at: Served, path: str) -> float:
    """Return the requests a second that wrk gets through."""
    argv = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "-H", f"Authorization: Bearer {at.token}"]
    argv.append(f"http://127.0.0.1:{at.port}{path}")
    text = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert "Non-2xx" not in text, text
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert found is not None, text
    return float(found[1])


def fill(url: str, owner: str, first: int, last: int) -> None:
    """Give another account more apps."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute(FILL, {"owner": owner, "first": first, "last": last})
        conn.execute("ANALYZE")


def latencies(url: str, at: Served, paths: dict[str, str]) -> list[Row]:
    """Return the medians with few and with many apps of others in the store."""
    wanted = [(name, path, after) for name, path in paths.items() for after in (True, False)]
    fill(url, at.account, 1, FEW)
    few = [median_ms(at, path, after_change=after) for _, path, after in wanted]
    fill(url, at.account, FEW + 1, MANY)
    many = [median_ms(at, path, after_change=after) for _, path, after in wanted]
    return [
        Row(
            f"{name}{' after a change' if after else ''}, {MANY:,} apps against {FEW}",
            f"{ours:.2f} ms",
            f"{theirs:.2f} ms",
            ours / theirs,
            "<= 1.50",
        )
        for (name, _, after), ours, theirs in zip(wanted, many, few, strict=True)
    ]


def rates(at: Served, paths: dict[str, str]) -> list[Row]:
    """Return the requests a second against a bare server of the same bytes."""
    found = []
    for name, path in paths.items():
        connection = http.client.HTTPConnection("127.0.0.1", at.port)
        with in_process(serve_bare, ask(connection, at, "GET", path)) as bare:
            pairs = [(rate(at, path), rate(bare, path)) for _ in range(ROUNDS)]
        mine, theirs = middle([p[0] for p in pairs]), middle([p[1] for p in pairs])
        ratio = mine / theirs
        found.append(Row(f"{name}, requests/s", f"{mine:,.0f}", f"{theirs:,.0f}", ratio, ">= 0.40"))
    return found


async def measure() -> list[Row]:
    async with database() as url:
        return await asyncio.to_thread(_measured, url)


def _measured(url: str) -> list[Row]:
    with in_process(serve_api, url) as at:
        paths = {"GET /apps/x": f"/apps/{at.app}", f"GET /apps of {OWN_APPS}": "/apps"}
        return [*latencies(url, at, paths), *rates(at, paths)]


def main() -> None:
    show("API, median; rates against a bare Starlette app", asyncio.run(measure()))


if __name__ == "__main__":
    main()
