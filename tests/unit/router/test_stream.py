"""What Envoy is told over one connection."""

from __future__ import annotations

from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest

from hatoba.router.snapshot import names
from hatoba.router.xds.resources import Resources
from hatoba.router.xds.stream import DeltaStream


def test_envoy_waits_for_the_first_answer_also_when_there_is_nothing() -> None:
    stream = DeltaStream(Resources())
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER))
    assert [r.type_url for r in stream.responses()] == [names.CLUSTER]
    assert stream.responses() == []


def test_a_change_is_in_force_when_acknowledged() -> None:
    resources = Resources()
    wanted = resources.put(names.CLUSTER, "a", b"one")
    stream = DeltaStream(resources)
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER))
    (told,) = stream.responses()
    assert not stream.accepted(wanted)
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER, response_nonce=told.nonce))
    assert stream.accepted(wanted)


def test_a_refusal_has_its_reason_and_is_not_told_again() -> None:
    resources = Resources()
    wanted = resources.put(names.CLUSTER, "a", b"one")
    stream = DeltaStream(resources)
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER))
    (told,) = stream.responses()
    refusal = DeltaDiscoveryRequest(type_url=names.CLUSTER, response_nonce=told.nonce)
    refusal.error_detail.message = "bad cluster"
    assert stream.heard(refusal) == "bad cluster"
    assert stream.refused(wanted) == "bad cluster"
    assert stream.responses() == []


def test_changes_in_quick_succession_become_one() -> None:
    resources = Resources()
    resources.put(names.CLUSTER, "a", b"one")
    stream = DeltaStream(resources)
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER))
    (told,) = stream.responses()
    for n in range(5):
        resources.put(names.CLUSTER, "a", b"%d" % n)
    resources.put(names.CLUSTER, "b", b"other")
    assert stream.responses() == []
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER, response_nonce=told.nonce))
    (following,) = stream.responses()
    assert {r.name: r.resource.value for r in following.resources} == {"a": b"4", "b": b"other"}


def test_an_envoy_that_has_it_already_is_told_the_difference_only() -> None:
    resources = Resources()
    wanted = resources.put(names.ENDPOINTS, "a", b"one")
    version = resources.by_type[names.ENDPOINTS]["a"].version
    stream = DeltaStream(resources)
    stream.heard(
        DeltaDiscoveryRequest(
            type_url=names.ENDPOINTS,
            resource_names_subscribe=["a"],
            initial_resource_versions={"a": version},
        )
    )
    assert stream.responses() == []
    assert stream.accepted(wanted)


def test_what_is_gone_is_removed_from_an_envoy_that_kept_it() -> None:
    stream = DeltaStream(Resources())
    stream.heard(
        DeltaDiscoveryRequest(type_url=names.CLUSTER, initial_resource_versions={"old": "v"})
    )
    (told,) = stream.responses()
    assert list(told.removed_resources) == ["old"]
    assert stream.known(names.CLUSTER, "old")
    stream.heard(DeltaDiscoveryRequest(type_url=names.CLUSTER, response_nonce=told.nonce))
    assert not stream.known(names.CLUSTER, "old")
