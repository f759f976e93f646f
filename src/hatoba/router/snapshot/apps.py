"""One app's cluster, endpoints and virtual host."""

from __future__ import annotations

from collections.abc import Sequence

from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.core.v3 import health_check_pb2
from envoy.config.endpoint.v3 import endpoint_components_pb2, endpoint_pb2
from envoy.config.route.v3 import route_components_pb2, route_pb2
from envoy.extensions.filters.http.stateful_session.v3 import stateful_session_pb2
from envoy.extensions.http.stateful_session.cookie.v3 import cookie_pb2
from envoy.extensions.upstreams.http.v3 import (  # noqa: F401 found by its name
    http_protocol_options_pb2 as _options,
)
from google.protobuf import json_format

from hatoba.model.route import AppRoute, Challenge, Endpoint, RouteMode
from hatoba.router.snapshot import names
from hatoba.router.snapshot.pages import UNKNOWN, Answer, answer, frame

# Heroku's numbers: devcenter.heroku.com/articles/http-routing.
CONNECT_SECONDS = 5
FIRST_BYTE_SECONDS = 30
# Servers close idle connections after 2 s (gunicorn), 5 s (Node) or more; a request sent on a
# connection that is just being closed would be lost, so the router closes before they do.
_REUSE_SECONDS = "1.5s"
_MANY = 100_000
# Requests wait at most 75 s for an app's first dyno: devcenter.heroku.com/articles/error-codes#h20
_HOLD_SECONDS = 75
_HOLD_INTERVAL_MS = 500
# Each held request has its body in memory; more of one app are turned away at once (H11).
_HELD = 1_000
# Nobody can listen on port 0, so a request for it is tried again until a dyno takes its place.
_WAITING_ROOM = Endpoint("", names.WAITING_ROOM, "127.0.0.1", 0)

_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
# Protobuf messages that are written one after the other read as one merged message: what all
# clusters share is written once.
_SHARED_CLUSTER = json_format.ParseDict(
    {
        "type": "EDS",
        "eds_cluster_config": {"eds_config": {"ads": {}, "resource_api_version": "V3"}},
        "connect_timeout": f"{CONNECT_SECONDS}s",
        "lb_policy": "RANDOM",
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_connections": _MANY,
                    "max_pending_requests": _MANY,
                    "max_requests": _MANY,
                    "max_retries": _HELD,
                }
            ]
        },
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                "common_http_protocol_options": {
                    "idle_timeout": _REUSE_SECONDS,
                    "max_headers_count": 1000,
                },
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
    },
    cluster_pb2.Cluster(),
).SerializeToString(deterministic=True)

_RETRY = route_components_pb2.RetryPolicy(
    retry_on="connect-failure,reset-before-request,refused-stream",
    # Envoy draws at random and draws again when it has tried that dyno; after so many draws it
    # takes it all the same, which with five and two dynos was one request in sixty.
    host_selection_retry_max_attempts=50,
)
_RETRY.num_retries.value = 3
_RETRY.per_try_timeout.seconds = FIRST_BYTE_SECONDS
_RETRY.retry_host_predicate.add(name="envoy.retry_host_predicates.previous_hosts")
_RETRY.retry_host_predicate[
    0
].typed_config.type_url = (
    "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
)
_RETRY.retry_back_off.base_interval.nanos = 10_000_000

_HOLD = route_components_pb2.RetryPolicy(retry_on="connect-failure")
# Envoy waits a random part of the interval before each try, on average half of it.
_HOLD.num_retries.value = _HOLD_SECONDS * 1000 * 2 // _HOLD_INTERVAL_MS
_HOLD.per_try_timeout.seconds = FIRST_BYTE_SECONDS
_HOLD.retry_back_off.base_interval.FromMilliseconds(_HOLD_INTERVAL_MS)
_HOLD.retry_back_off.max_interval.FromMilliseconds(_HOLD_INTERVAL_MS)

# The cookie names the dyno; when that one is gone, another takes over and is named.
# https://devcenter.heroku.com/articles/session-affinity
_COOKIE = cookie_pb2.CookieBasedSessionState()
_COOKIE.cookie.name, _COOKIE.cookie.path = "heroku-session-affinity", "/"
_SESSION = stateful_session_pb2.StatefulSessionPerRoute()
_SESSION.stateful_session.session_state.name = "envoy.http.stateful_session.cookie"
_SESSION.stateful_session.session_state.typed_config.Pack(_COOKIE)


def cluster(key: str) -> bytes:
    """Return an app's cluster."""
    return bytes(cluster_pb2.Cluster(name=key).SerializeToString() + _SHARED_CLUSTER)


def endpoints(route: AppRoute) -> bytes:
    """Return where an app's dynos listen; a draining one gets no new requests."""
    waiting = (_WAITING_ROOM,) if route.mode is RouteMode.STARTING else ()
    group = endpoint_components_pb2.LocalityLbEndpoints(
        lb_endpoints=[_endpoint(e) for e in (*route.endpoints, *waiting)]
    )
    assignment = endpoint_pb2.ClusterLoadAssignment(cluster_name=route.key, endpoints=[group])
    return bytes(assignment.SerializeToString(deterministic=True))


def _endpoint(endpoint: Endpoint) -> endpoint_components_pb2.LbEndpoint:
    made = endpoint_components_pb2.LbEndpoint(
        health_status=health_check_pb2.DRAINING if endpoint.draining else health_check_pb2.HEALTHY
    )
    address = made.endpoint.address.socket_address
    address.address, address.port_value = endpoint.host, endpoint.port
    made.endpoint.hostname = endpoint.name
    return made


def virtual_host(route: AppRoute, hosts: Sequence[str]) -> bytes:
    """Return a piece of the route table: how requests to these hosts of the app are answered."""
    if route.mode is RouteMode.SERVING:
        rule = serving(route.key, _RETRY)
        if route.sticky:
            rule.typed_per_filter_config[names.SESSION_FILTER].Pack(_SESSION)
    elif route.mode is RouteMode.STARTING:
        rule = _holding(route.key)
    else:
        rule = fixed(route.key, answer(route.mode, route.pages))
    if route.pages.error:
        # Read when no dyno answers: ``names.OVER_PAGE``.
        own = {names.OVER_PAGE_KEY: frame(route.pages.error)}
        rule.metadata.filter_metadata[names.METADATA].update(own)
    return piece(route.key, hosts, *(_proof(route.key, one) for one in route.challenges), rule)


def unknown_host() -> bytes:
    """Return the piece of the route table for hosts that no app has."""
    return piece("unknown", ["*"], fixed("", UNKNOWN))


def piece(name: str, hosts: Sequence[str], *rules: route_components_pb2.Route) -> bytes:
    """Return a route table with one virtual host; written one after the other they add up."""
    host = route_components_pb2.VirtualHost(name=name, domains=hosts, routes=rules)
    table = route_pb2.RouteConfiguration(virtual_hosts=[host])
    return bytes(table.SerializeToString(deterministic=True))


def serving(
    name: str, retry: route_components_pb2.RetryPolicy, *, target: str | None = None
) -> route_components_pb2.Route:
    """Return a rule that hands requests on, without limiting how long an answer may stream.

    The target is the cluster; without one, that of the rule's name.
    """
    rule = _rule(name)
    rule.route.cluster = target or name
    rule.route.timeout.SetInParent()
    rule.route.retry_policy.CopyFrom(retry)
    return rule


def _holding(key: str) -> route_components_pb2.Route:
    """Return a rule that holds requests until the app's first dyno takes them."""
    rule = serving(names.route(key, "H20", "App boot timeout"), _HOLD, target=key)
    # A held request is idle for longer than a stream may be.
    rule.route.idle_timeout.seconds = _HOLD_SECONDS + 15
    return rule


def fixed(key: str, said: Answer) -> route_components_pb2.Route:
    """Return a rule that answers with a page."""
    rule = _rule(names.route(key, said.code, said.desc))
    rule.direct_response.status = said.status
    rule.direct_response.body.inline_string = said.page
    for name, value in (
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
    ):
        header = rule.response_headers_to_add.add(append_action="OVERWRITE_IF_EXISTS_OR_ADD")
        header.header.key, header.header.value = name, value
    return rule


def _proof(key: str, challenge: Challenge) -> route_components_pb2.Route:
    """Return a rule that shows a certificate authority whose host it is."""
    rule = route_components_pb2.Route(name=key)
    rule.match.path = challenge.path
    rule.direct_response.status = 200
    rule.direct_response.body.inline_string = challenge.answer
    return rule


def _rule(name: str) -> route_components_pb2.Route:
    rule = route_components_pb2.Route(name=name)
    rule.match.prefix = "/"
    return rule
