"""The resources that Envoy is told, by type and name, each with a version. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from hatoba.router.snapshot import names


@dataclass(frozen=True)
class Resource:
    """``version`` depends on the content alone, so that it is the same after a restart;
    ``serial`` grows with every change of any resource.
    """

    body: bytes = field(repr=False)
    version: str
    serial: int


@dataclass(frozen=True)
class Wanted:
    """A change that somebody waits for."""

    type: str
    name: str
    serial: int


class Resources:
    """The wanted state of the data plane."""

    def __init__(self) -> None:
        self._serial = 0
        self.by_type: dict[str, dict[str, Resource]] = {t: {} for t in names.TYPES}

    def put(self, type: str, name: str, body: bytes) -> Wanted:
        """Set a resource; the same content again is no change."""
        version = hashlib.blake2b(body, digest_size=12).hexdigest()
        return self.put_versioned(type, name, version, lambda: body)

    def put_versioned(
        self, type: str, name: str, version: str, make: Callable[[], bytes]
    ) -> Wanted:
        """Set a resource that is costly to make; it is made only if its version is new."""
        present = self.by_type[type].get(name)
        if present is None or present.version != version:
            self._serial += 1
            present = Resource(make(), version, self._serial)
            self.by_type[type][name] = present
        return Wanted(type, name, present.serial)

    def drop(self, type: str, name: str) -> None:
        """Forget a resource."""
        self.by_type[type].pop(name, None)

    def names(self, type: str) -> set[str]:
        """Return the names of a type's resources."""
        return set(self.by_type[type])
