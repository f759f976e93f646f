"""The router, against the same Envoy with a fixed configuration and against nginx."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bench.table import Row, middle, show
from hatoba.model.route import Endpoint
from hatoba.router import envoy
from tests.contract.router_rig import Rig, answer, dyno, free_port, rig, route

ROUNDS = 3
SECONDS = 2
CHANGES = 10
HOST = "wharf.localhost"
BODY = "x" * 200
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """What wrk measured: requests a second, and the 99th percentile in ms."""

    rate: float
    p99: float


def nginx_text(folder: Path, port: int, action: str) -> str:
    """Return a configuration of one worker that answers, or passes on to ``up``."""
    return f"""
daemon off; worker_processes 1; pid {folder}/{port}.pid; error_log {folder}/{port}.err;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000; {action.partition("|")[0]}
  server {{ listen 127.0.0.1:{port}; location / {{ {action.partition("|")[2]} }} }}
}}"""


def passing_on(upstream: int) -> str:
    return (
        f"upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000; }}|"
        'proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";'
    )


def envoy_config(port: int, upstream: int) -> dict[str, Any]:
    """Return the least that passes every request on."""
    kinds = "type.googleapis.com/envoy.extensions.filters"
    manager = {
        "@type": f"{kinds}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "up"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "router", "typed_config": {"@type": f"{kinds}.http.router.v3.Router"}}
        ],
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    return {
        "static_resources": {
            "listeners": [{"name": "l", "address": _address(port), "filter_chains": [chain]}],
            "clusters": [
                {
                    "name": "up",
                    "type": "STATIC",
                    "load_assignment": {
                        "cluster_name": "up",
                        "endpoints": [
                            {"lb_endpoints": [{"endpoint": {"address": _address(upstream)}}]}
                        ],
                    },
                }
            ],
        }
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@asynccontextmanager
async def running(port: int, *argv: str) -> AsyncIterator[int]:
    """Run a server until the block ends; it accepts connections when the block begins."""
    process = await asyncio.create_subprocess_exec(*argv, stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(20):
            while not await _accepts(port):
                await asyncio.sleep(0.02)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _accepts(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


def nginx(folder: Path, action: str) -> tuple[int, list[str]]:
    port = free_port()
    config = folder / f"{port}.conf"
    config.write_text(nginx_text(folder, port, action))
    return port, ["nginx", "-e", str(folder / "err"), "-c", str(config)]


async def wrk(port: int) -> Load:
    """Load a server for some seconds; an answer that is no success stops the benchmark."""
    argv = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "--latency", "-H", f"Host: {HOST}"]
    process = await asyncio.create_subprocess_exec(
        *argv, f"http://127.0.0.1:{port}/", stdout=subprocess.PIPE
    )
    text = (await process.communicate())[0].decode()
    assert "Non-2xx" not in text, text
    rate, p99 = (
        re.search(r"Requests/sec:\s+([\d.]+)", text),
        re.search(r"99%\s+([\d.]+)(\w+)", text),
    )
    assert rate is not None, text
    assert p99 is not None, text
    return Load(float(rate[1]), float(p99[1]) * _UNITS[p99[2]])


async def until_in_force(made: Rig) -> float:
    """Return the ms from a changed route to the first answer of the new dyno."""
    async with dyno(answer(b"old"), "web.1") as old, dyno(answer(b"new"), "web.2") as new:
        await made.router.publish(route(old))
        while (await made.get()).body != b"old":
            pass
        started = monotonic()
        await made.router.publish(route(new))
        while (await made.get()).body != b"new":
            pass
        return (monotonic() - started) * 1000


async def measure() -> tuple[dict[str, list[Load]], list[float]]:
    loads: dict[str, list[Load]] = {"ours": [], "envoy": [], "nginx": []}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hatoba-bench-")))
        port, argv = nginx(folder, f'|return 200 "{BODY}";')
        upstream = await stack.enter_async_context(running(port, *argv))
        port, argv = nginx(folder, passing_on(upstream))
        ports = {"nginx": await stack.enter_async_context(running(port, *argv))}
        port, config = free_port(), folder / "envoy.json"
        config.write_text(json.dumps(envoy_config(port, upstream)))
        fixed = [str(envoy.binary()), "-c", str(config), "--concurrency", "1"]
        fixed += ["--disable-hot-restart", "--log-level", "off"]
        ports["envoy"] = await stack.enter_async_context(running(port, *fixed))
        made = await stack.enter_async_context(rig())
        await made.router.load([route(Endpoint("id", "web.1", "127.0.0.1", upstream))])
        while (await made.get()).status != 200:
            pass
        ports["ours"] = made.place.port
        for _ in range(ROUNDS):
            for name, found in loads.items():
                found.append(await wrk(ports[name]))
        return loads, [await until_in_force(made) for _ in range(CHANGES)]


def rows(loads: dict[str, list[Load]]) -> list[Row]:
    mine_rate, mine_p99 = _middle(loads["ours"])
    found = []
    for name in ("envoy", "nginx"):
        rate, p99 = _middle(loads[name])
        found += [
            Row(f"requests/s ({name})", f"{mine_rate:,.0f}", f"{rate:,.0f}", mine_rate / rate, ""),
            Row(f"p99 ({name})", f"{mine_p99:.1f} ms", f"{p99:.1f} ms", mine_p99 / p99, ""),
        ]
    return found


def _middle(loads: list[Load]) -> tuple[float, float]:
    return middle([load.rate for load in loads]), middle([load.p99 for load in loads])


def main() -> None:
    loads, changes = asyncio.run(measure())
    change = Row("a route's change in force", f"{middle(changes):.0f} ms", "", None, "")
    show(f"Router, median of {ROUNDS} interleaved rounds, one worker each", [*rows(loads), change])


if __name__ == "__main__":
    main()
