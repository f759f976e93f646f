"""Asks Envoy's administration interface, over its unix socket."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
from pathlib import Path
from urllib.parse import quote

import msgspec

_SECONDS = 5.0


class _Address(msgspec.Struct):
    address: str = ""
    port_value: int = 0


class _Socket(msgspec.Struct):
    socket_address: _Address = msgspec.field(default_factory=_Address)


class _Stat(msgspec.Struct):
    name: str
    value: str = "0"


class _Host(msgspec.Struct):
    address: _Socket = msgspec.field(default_factory=_Socket)
    stats: list[_Stat] = []


class _Cluster(msgspec.Struct):
    host_statuses: list[_Host] = []


class _Clusters(msgspec.Struct):
    cluster_statuses: list[_Cluster] = []


async def active_requests(admin: Path, cluster: str, host: str, port: int) -> int:
    """Return how many requests are in flight to one endpoint; 0 when Envoy does not know it.

    Raises OSError when Envoy does not answer.
    """
    pattern = quote(f"^{re.escape(cluster)}$", safe="")
    body = await get(admin, f"/clusters?format=json&filter={pattern}")
    found = msgspec.json.decode(body, type=_Clusters)
    return active(found, host, port)


def active(found: _Clusters, host: str, port: int) -> int:
    """Add up the requests in flight to one address; pure."""
    return sum(
        int(stat.value)
        for cluster in found.cluster_statuses
        for status in cluster.host_statuses
        if status.address.socket_address == _Address(host, port)
        for stat in status.stats
        if stat.name == "rq_active"
    )


async def ready(admin: Path) -> bool:
    """Tell whether Envoy serves."""
    try:
        return (await get(admin, "/ready")).strip() == b"LIVE"
    except OSError:
        return False


async def get(admin: Path, path: str) -> bytes:
    """Return the body of an answer. Raises OSError when Envoy does not answer."""
    try:
        return await asyncio.to_thread(_get, admin, path)
    except http.client.HTTPException as error:
        raise ConnectionError(f"Envoy's answer broke off: {error}") from error


def _get(admin: Path, path: str) -> bytes:
    connection = http.client.HTTPConnection("admin")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(_SECONDS)
    try:
        connection.sock.connect(str(admin))
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().read()
    finally:
        connection.close()
