"""Which certificate answers TLS to which host. Pure."""

from __future__ import annotations

from hatoba.model.route import AppRoute
from hatoba.router.snapshot.front import Secured


class ServedTable:
    """The certificates of all apps.

    A host has one certificate: Envoy would refuse a listener in which one occurs twice. The app
    that was published last has it.
    """

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._certificates: dict[str, dict[str, tuple[str, ...]]] = {}

    def put(self, route: AppRoute) -> None:
        """Take an app's certificates in place of those before."""
        self.drop(route.key)
        if not route.certificates:
            return
        self._certificates[route.key] = {c.id: c.hosts for c in route.certificates}
        for hosts in self._certificates[route.key].values():
            self._owners.update(dict.fromkeys(hosts, route.key))

    def drop(self, key: str) -> None:
        """Forget an app."""
        for hosts in self._certificates.pop(key, {}).values():
            for host in hosts:
                if self._owners.get(host) == key:
                    del self._owners[host]

    def names(self) -> set[str]:
        """Return the names of all certificates."""
        return {name for there in self._certificates.values() for name in there}

    def secured(self) -> tuple[Secured, ...]:
        """Return what the listener must tell apart, in the same order after a restart."""
        made = [
            Secured(name, mine)
            for key, there in self._certificates.items()
            for name, hosts in there.items()
            if (mine := tuple(h for h in hosts if self._owners.get(h) == key))
        ]
        return tuple(sorted(made, key=lambda one: one.certificate))
