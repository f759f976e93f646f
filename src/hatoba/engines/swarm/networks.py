"""A network for each app: its dynos reach each other and the internet, and no other app's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import IPv4Network
from uuid import UUID

from hatoba import errors
from hatoba.engines.swarm.docker import DockerHost

# Of addresses for each app: up to 61 dynos.
PREFIX_LENGTH = 26
APP = "hatoba.app"
_TRIES = 64


class Networks:
    """The networks of one platform; ``prefix`` begins their names.

    ``pool`` is the range that they are cut from, beginning with the one that ``first`` numbers.
    """

    def __init__(self, docker: DockerHost, prefix: str, pool: IPv4Network, first: int) -> None:
        self._docker = docker
        self._prefix = prefix
        self._pool = pool
        self._first = first
        self._known: set[str] = set()
        self._making = asyncio.Lock()

    def name(self, app_id: UUID) -> str:
        """Return the name of an app's network."""
        return f"{self._prefix}-{app_id}"

    async def of(self, app_id: UUID, number: int) -> str:
        """Return the name of an app's network; make it if there is none."""
        name = self.name(app_id)
        async with self._making:
            if name not in self._known:
                present = {network["Name"] for network in await self._docker.networks()}
                if name not in present:
                    await self._make(name, app_id, number)
                self._known.add(name)
        return name

    async def _make(self, name: str, app_id: UUID, number: int) -> None:
        for attempt in range(_TRIES):
            subnet = _subnet(self._pool, self._first + number + attempt * attempt)
            config = {
                "Name": name,
                "CheckDuplicate": True,
                "Driver": "bridge",
                "Labels": {**self._docker.labels, APP: str(app_id)},
                "IPAM": {"Driver": "default", "Config": [{"Subnet": subnet}]},
            }
            try:
                await self._docker.create_network(config)
            except errors.Conflict:
                continue
            return
        raise errors.Unavailable(f"No addresses are left for a network of its own in {self._pool}.")

    def forget(self, app_id: UUID) -> None:
        """Look again whether it is there: Docker said that it is not."""
        self._known.discard(self.name(app_id))

    async def tidy(self, kept: Callable[[], set[UUID]]) -> int:
        """Delete the networks of apps that are not kept just then; say how many."""
        gone = 0
        async with self._making:
            for network in await self._docker.networks():
                if (network.get("Labels") or {}).get(APP) not in {str(app) for app in kept()}:
                    self._known.discard(network["Name"])
                    await self._docker.remove_network(network["Name"])
                    gone += 1
        return gone


def _subnet(pool: IPv4Network, index: int) -> str:
    size = 2 ** (32 - PREFIX_LENGTH)
    count = pool.num_addresses // size
    return f"{pool.network_address + (index % count) * size}/{PREFIX_LENGTH}"
