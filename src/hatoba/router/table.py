"""Which app has which host: the route table as pieces that are written once an app. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hatoba.model.route import AppRoute
from hatoba.router.snapshot import apps, front

_MODULUS = 1 << 128


class RouteTable:
    """The virtual hosts of all apps.

    A host belongs to one app: Envoy would refuse a whole table in which one occurs twice. The
    app that was published last has it, and nobody has it when that app goes.
    """

    def __init__(self, front_hosts: Sequence[str]) -> None:
        """``front_hosts`` lead to the daemon, whatever an app says."""
        self._front_hosts = frozenset(front_hosts)
        self._routes: dict[str, AppRoute] = {}
        self._owners: dict[str, str] = {}
        self._pieces: dict[str, bytes] = {}
        self._head = front.table_head() + front.front_host(front_hosts) + apps.unknown_host()
        # The sum of all pieces' digests tells tables apart without reading ten thousand pieces.
        self._digest = _digest(self._head)

    def __contains__(self, key: str) -> bool:
        return key in self._routes

    @property
    def version(self) -> str:
        """What tells this table from one with other content."""
        return f"{self._digest:032x}"

    def put(self, route: AppRoute) -> None:
        """Take an app's route in place of the one before."""
        self.drop(route.key)
        losers = {self._owners[h] for h in route.hosts if h in self._owners}
        for host in route.hosts:
            if host not in self._front_hosts:
                self._owners[host] = route.key
        self._routes[route.key] = route
        for key in (*losers, route.key):
            self._write(key)

    def drop(self, key: str) -> None:
        """Forget an app."""
        gone = self._routes.pop(key, None)
        for host in gone.hosts if gone else ():
            if self._owners.get(host) == key:
                del self._owners[host]
        self._set(key, b"")

    def body(self) -> bytes:
        """Return the whole table as one resource."""
        return self._head + b"".join(self._pieces.values())

    def _write(self, key: str) -> None:
        route = self._routes[key]
        # Host names compare without regard to case, and each may be said once only.
        hosts = [h for h in dict.fromkeys(route.hosts) if self._owners.get(h) == key]
        self._set(key, apps.virtual_host(route, hosts) if hosts else b"")

    def _set(self, key: str, piece: bytes) -> None:
        before = self._pieces.pop(key, b"")
        if piece:
            self._pieces[key] = piece
        self._digest = (self._digest - _digest(before) + _digest(piece)) % _MODULUS


def _digest(piece: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(piece, digest_size=16).digest(), "big") if piece else 0
