"""One delta ADS stream: what Envoy has, and what to tell it next. Pure.

https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
"""

from __future__ import annotations

from dataclasses import dataclass

from envoy.service.discovery.v3 import discovery_pb2

from hatoba.router.snapshot import names
from hatoba.router.xds.resources import Resource, Resources, Wanted


@dataclass(frozen=True)
class _Told:
    nonce: str
    resources: dict[str, Resource]
    removed: tuple[str, ...]


class DeltaStream:
    """The state of one connection.

    Of each type at most one response awaits its acknowledgement, so that changes in quick
    succession become one response.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._asked: dict[str, set[str]] = {}
        self._known: dict[str, dict[str, str]] = {}
        self._told: dict[str, _Told] = {}
        self._accepted: dict[tuple[str, str], int] = {}
        self._refused: dict[tuple[str, str], tuple[int, str]] = {}
        self._greeted: set[str] = set()
        self._nonces = 0

    def heard(self, request: discovery_pb2.DeltaDiscoveryRequest) -> str | None:
        """Take in what Envoy says; return its reason when it refused something."""
        type = request.type_url
        if type not in self._resources.by_type:
            return None
        if type not in self._asked:
            self._begin(type, dict(request.initial_resource_versions))
        self._asked[type].update(request.resource_names_subscribe)
        for name in request.resource_names_subscribe:
            # What is asked for by name is told, also when it was told before.
            if name not in request.initial_resource_versions:
                self._known[type].pop(name, None)
        for name in request.resource_names_unsubscribe:
            self._asked[type].discard(name)
            self._known[type].pop(name, None)
        return self._answered(request)

    def responses(self) -> list[discovery_pb2.DeltaDiscoveryResponse]:
        """Return what to tell now, in the order of types."""
        made = (self._response(t) for t in names.TYPES if t in self._asked)
        return [response for response in made if response is not None]

    def accepted(self, wanted: Wanted) -> bool:
        """Tell whether a change, or one after it, is in force."""
        return self._accepted.get((wanted.type, wanted.name), 0) >= wanted.serial

    def refused(self, wanted: Wanted) -> str | None:
        """Return why Envoy refused a change, or None."""
        serial, reason = self._refused.get((wanted.type, wanted.name), (0, ""))
        return reason if serial >= wanted.serial else None

    def known(self, type: str, name: str) -> bool:
        """Tell whether Envoy was told of a resource and not yet of its end."""
        told = self._told.get(type)
        return name in self._known.get(type, {}) or (told is not None and name in told.removed)

    def _begin(self, type: str, versions: dict[str, str]) -> None:
        """On a new connection Envoy says what it has from the one before."""
        self._asked[type] = set()
        self._known[type] = versions
        for name, version in versions.items():
            present = self._resources.by_type[type].get(name)
            if present is not None and present.version == version:
                self._accepted[type, name] = present.serial

    def _answered(self, request: discovery_pb2.DeltaDiscoveryRequest) -> str | None:
        told = self._told.get(request.type_url)
        if told is None or request.response_nonce != told.nonce:
            return None
        del self._told[request.type_url]
        refused = request.HasField("error_detail")
        for name, resource in told.resources.items():
            place = (request.type_url, name)
            if refused:
                self._refused[place] = (resource.serial, request.error_detail.message)
            else:
                self._accepted[place] = resource.serial
        return request.error_detail.message if refused else None

    def _response(self, type: str) -> discovery_pb2.DeltaDiscoveryResponse | None:
        if type in self._told:
            return None
        present, known = self._resources.by_type[type], self._known[type]
        scope = present.keys() if type in names.WILDCARD else self._asked[type] & present.keys()
        changed = {n: present[n] for n in scope if known.get(n) != present[n].version}
        removed = tuple(n for n in known if n not in present) if type in names.WILDCARD else ()
        # Envoy waits for the first answer about a wildcard type also when there is nothing.
        if not changed and not removed and (type in self._greeted or type not in names.WILDCARD):
            return None
        self._greeted.add(type)
        for name in removed:
            del known[name]
        known.update({name: resource.version for name, resource in changed.items()})
        self._nonces += 1
        told = _Told(str(self._nonces), changed, removed)
        self._told[type] = told
        return _message(type, told)


def _message(type: str, told: _Told) -> discovery_pb2.DeltaDiscoveryResponse:
    response = discovery_pb2.DeltaDiscoveryResponse(
        type_url=type, nonce=told.nonce, removed_resources=told.removed
    )
    for name, resource in told.resources.items():
        added = response.resources.add(name=name, version=resource.version)
        added.resource.type_url = type
        added.resource.value = resource.body
    return response
