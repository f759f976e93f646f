"""Which app has which host: the route table as pieces that are written once an app. Pure."""

from __future__ import annotations

from hatoba.model.route import AppRoute
from hatoba.router.snapshot import apps, front, names


class RouteTable:
    """The virtual hosts of all apps.

    A host belongs to one app: Envoy would refuse a whole table in which one occurs twice. The
    app that was published last has it, and it falls back to nobody when that app goes.
    """

    def __init__(self) -> None:
        self._routes: dict[str, AppRoute] = {}
        self._owners: dict[str, str] = {}
        self._pieces: dict[str, bytes] = {}
        self._head = front.table_head() + front.front_host() + apps.unknown_host()

    def __contains__(self, key: str) -> bool:
        return key in self._routes

    def put(self, route: AppRoute) -> None:
        """Take an app's route in place of the one before."""
        self.drop(route.key)
        losers = {self._owners[h] for h in route.hosts if h in self._owners}
        for host in route.hosts:
            if host not in names.FRONT_HOSTS:
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
        self._pieces.pop(key, None)

    def body(self) -> bytes:
        """Return the whole table as one resource."""
        return self._head + b"".join(self._pieces.values())

    def _write(self, key: str) -> None:
        route = self._routes[key]
        # Host names compare without regard to case, and each may be said once only.
        hosts = [h for h in dict.fromkeys(route.hosts) if self._owners.get(h) == key]
        if hosts:
            self._pieces[key] = apps.virtual_host(route, hosts)
        else:
            self._pieces.pop(key, None)
