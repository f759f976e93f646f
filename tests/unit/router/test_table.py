"""Which app has which host."""

from __future__ import annotations

from dataclasses import replace

from envoy.config.route.v3 import route_pb2

from hatoba.model.route import AppRoute, RouteMode
from hatoba.router.snapshot import names
from hatoba.router.table import RouteTable

ONE = AppRoute("1", "one", ("one.localhost", "shared.example"), RouteMode.SERVING)
TWO = AppRoute("2", "two", ("two.localhost", "shared.example"), RouteMode.SERVING)


def hosts(table: RouteTable) -> dict[str, list[str]]:
    read = route_pb2.RouteConfiguration.FromString(table.body())
    return {host.name: list(host.domains) for host in read.virtual_hosts}


def test_a_host_is_in_the_table_once() -> None:
    table = RouteTable(names.front_hosts(None))
    table.put(ONE)
    table.put(TWO)
    assert hosts(table)["1"] == ["one.localhost"]
    assert hosts(table)["2"] == ["two.localhost", "shared.example"]


def test_the_front_door_can_not_be_taken() -> None:
    table = RouteTable(names.front_hosts(None))
    table.put(replace(ONE, hosts=("localhost", "one.localhost")))
    assert hosts(table)["1"] == ["one.localhost"]
    assert "localhost" in hosts(table)["front-door"]


def test_the_version_follows_the_content() -> None:
    table, other = RouteTable(names.front_hosts(None)), RouteTable(names.front_hosts(None))
    empty = table.version
    table.put(ONE)
    table.put(TWO)
    other.put(TWO)
    assert table.version not in (empty, other.version)
    table.drop("1")
    other.put(TWO)
    assert table.version == other.version
    table.drop("2")
    assert table.version == empty


def test_a_serving_app_has_no_limit_on_streaming() -> None:
    table = RouteTable(names.front_hosts(None))
    table.put(ONE)
    read = route_pb2.RouteConfiguration.FromString(table.body())
    rule = next(h.routes[0].route for h in read.virtual_hosts if h.name == "1")
    assert rule.timeout.ToSeconds() == 0
    assert rule.HasField("timeout")
    assert rule.retry_policy.per_try_timeout.ToSeconds() == 30
