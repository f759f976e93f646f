"""The listener that all requests come in by, and the front door's own route."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.listener.v3 import listener_pb2
from envoy.config.route.v3 import route_components_pb2, route_pb2
from envoy.extensions.access_loggers.file.v3 import file_pb2 as _file  # noqa: F401 by its name
from envoy.extensions.common.matching.v3 import (  # noqa: F401 by its name
    extension_matcher_pb2 as _matching,
)
from envoy.extensions.filters.common.matcher.action.v3 import (  # noqa: F401 by its name
    skip_action_pb2 as _skip,
)
from envoy.extensions.filters.http.header_mutation.v3 import (  # noqa: F401 by its name
    header_mutation_pb2 as _header_mutation,
)
from envoy.extensions.filters.http.router.v3 import router_pb2 as _router  # noqa: F401 by its name
from envoy.extensions.filters.http.stateful_session.v3 import (  # noqa: F401 by its name
    stateful_session_pb2 as _session,
)
from envoy.extensions.filters.listener.tls_inspector.v3 import (  # noqa: F401 by its name
    tls_inspector_pb2 as _tls_inspector,
)
from envoy.extensions.filters.network.http_connection_manager.v3 import (  # noqa: F401 by its name
    http_connection_manager_pb2 as _manager,
)
from envoy.extensions.filters.network.tcp_proxy.v3 import (  # noqa: F401 by its name
    tcp_proxy_pb2 as _tcp_proxy,
)
from envoy.extensions.transport_sockets.tls.v3 import secret_pb2, tls_pb2  # noqa: F401 by its name
from envoy.type.matcher.v3 import http_inputs_pb2 as _inputs  # noqa: F401 by its name
from google.protobuf import json_format

from hatoba.router.snapshot import apps, names
from hatoba.router.snapshot.pages import BROKEN, framed

IDLE_SECONDS = 55
# https://devcenter.heroku.com/articles/one-off-dynos: a session ends after an hour without a byte.
_SESSION_IDLE_SECONDS = 3600
_LOOPBACK = "127.0.0.1"
_EXT = "type.googleapis.com/envoy.extensions"
_FLAGS = ["UH", "UF", "UT", "UC", "UR", "URX", "UPE", "UO", "NC", "NR", "LR", "SI", "UMSDR"]
_AWAY = json.dumps(
    {
        "id": "service_unavailable",
        "message": "The platform is starting or being restarted. Try again in a few seconds.",
    }
)
# A request's own id counts when it looks like one; otherwise it gets a new one.
# https://devcenter.heroku.com/articles/http-request-id
_REQUEST_ID = "[A-Za-z0-9-]{20,200}"

# A header's value holds no control character but a tab, so this parts the fields for good. Text
# takes Envoy a fifth less time than JSON, and a route's name a tenth of its metadata's.
LOG_SEPARATOR = "\x1f"
# The order is that of ``accesslog.Entry``.
_LOG_FIELDS = (
    "%START_TIME(%s.%6f)%",
    "%DURATION%",
    "%COMMON_DURATION(US_CX_BEG:US_CX_END:ms)%",
    "%REQ(:METHOD)%",
    "%REQ(:PATH)%",
    "%REQ(:AUTHORITY)%",
    "%REQ(X-REQUEST-ID)%",
    "%REQ(X-FORWARDED-FOR)%",
    "%PROTOCOL%",
    "%DOWNSTREAM_TLS_VERSION%",
    "%RESPONSE_CODE%",
    "%BYTES_SENT%",
    "%RESPONSE_FLAGS%",
    "%RESPONSE_CODE_DETAILS%",
    "%ROUTE_NAME%",
    "%UPSTREAM_HOST_NAME_WITHOUT_PORT%",
)


@dataclass(frozen=True)
class FrontDoor:
    """Where requests come in. ``addresses`` are IP addresses; ``log`` is the access log's FIFO.

    ``domain`` is the platform's public name; ``certified`` tells that it has a certificate of
    its own beside the platform's.
    """

    addresses: tuple[str, ...]
    port: int
    log: Path
    domain: str | None = None
    certified: bool = False


@dataclass(frozen=True)
class Secured:
    """Hosts that TLS is answered to with a certificate of their own, named as its secret is."""

    certificate: str
    hosts: tuple[str, ...]


def listener(front: FrontDoor, secured: Sequence[Secured] = ()) -> bytes:
    """Return the one listener: plain HTTP and TLS on the same port, told apart by first bytes.

    Where only chains differ, Envoy lets the connections of the others go on.
    """
    first, *more = front.addresses
    made = {
        "name": "front",
        "address": _address(first, front.port),
        "additional_addresses": [{"address": _address(a, front.port)} for a in more],
        # Two platforms must not share a port without a word.
        "enable_reuse_port": False,
        "listener_filters": [
            _extension("tls_inspector", "filters.listener.tls_inspector.v3.TlsInspector")
        ],
        "filter_chains": [
            *_public(front),
            *(_secured(front, one) for one in secured),
            _chain("tls", front, {"transport_socket": _tls(names.CERTIFICATE)}),
            _chain("raw_buffer", front, {}),
        ],
    }
    return _bytes(json_format.ParseDict(made, listener_pb2.Listener()))


def listener_version(front: FrontDoor, secured: Sequence[Secured]) -> str:
    """Tell the listeners of this code apart without making them."""
    content = repr((_plain_digest(front), secured)).encode()
    return hashlib.blake2b(content, digest_size=12).hexdigest()


@functools.cache
def _plain_digest(front: FrontDoor) -> str:
    return hashlib.blake2b(listener(front), digest_size=12).hexdigest()


def front_host(hosts: Sequence[str]) -> bytes:
    """Return the piece of the route table that leads to the daemon, without any timeout."""
    # Requests are held while the daemon is being restarted.
    retry = route_components_pb2.RetryPolicy(retry_on="connect-failure")
    retry.num_retries.value = 15
    retry.retry_back_off.base_interval.nanos = 100_000_000
    retry.retry_back_off.max_interval.nanos = 500_000_000
    rule = apps.serving(names.FRONT_KEY, retry, target=names.DAEMON_CLUSTER)
    rule.route.idle_timeout.SetInParent()
    return apps.piece(names.FRONT_KEY, hosts, rule)


def terminals_cluster(port: int) -> bytes:
    """Return the cluster of run sessions: a port of this machine that speaks TLS."""
    kind = "transport_sockets.tls.v3.UpstreamTlsContext"
    made = {
        "name": names.TERMINALS_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "transport_socket": _extension("tls", kind),
        "load_assignment": {
            "cluster_name": names.TERMINALS_CLUSTER,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(_LOOPBACK, port)}}]}],
        },
    }
    return _bytes(json_format.ParseDict(made, cluster_pb2.Cluster()))


def table_head() -> bytes:
    """Return the beginning of the route table; the virtual hosts' pieces follow it."""
    head = route_pb2.RouteConfiguration(name=names.ROUTE_TABLE, ignore_port_in_host_matching=True)
    head.validate_clusters.value = False
    return _bytes(head)


def secret(certificate: bytes, key: bytes, name: str = names.CERTIFICATE) -> bytes:
    """Return a certificate that TLS is answered with; both are PEM."""
    made = secret_pb2.Secret(name=name)
    made.tls_certificate.certificate_chain.inline_bytes = certificate
    made.tls_certificate.private_key.inline_bytes = key
    return _bytes(made)


def _chain(protocol: str, front: FrontDoor, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": protocol,
        "filter_chain_match": {"transport_protocol": protocol},
        "filters": [
            _extension(
                "http_connection_manager",
                "filters.network.http_connection_manager.v3.HttpConnectionManager",
                _connections(protocol, front),
            )
        ],
        **more,
    }


def _secured(front: FrontDoor, one: Secured) -> dict[str, Any]:
    chain = _chain("tls", front, {"transport_socket": _tls(one.certificate)})
    match = {"transport_protocol": "tls", "server_names": list(one.hosts)}
    return {**chain, "name": one.certificate, "filter_chain_match": match}


def _public(front: FrontDoor) -> list[dict[str, Any]]:
    """Return the chains of the platform's own domain: its apps and API, and run sessions."""
    if front.domain is None:
        return []
    certificate = names.DOMAIN_CERTIFICATE if front.certified else names.CERTIFICATE
    hosts = (front.domain, f"*.{front.domain}")
    carried = {
        "stat_prefix": names.TERMINALS_CLUSTER,
        "cluster": names.TERMINALS_CLUSTER,
        "idle_timeout": f"{_SESSION_IDLE_SECONDS}s",
    }
    sessions = {
        "name": names.TERMINALS_CLUSTER,
        "filter_chain_match": {
            "transport_protocol": "tls",
            "server_names": [names.terminals_host(front.domain)],
        },
        "filters": [_extension("tcp_proxy", "filters.network.tcp_proxy.v3.TcpProxy", carried)],
        "transport_socket": _tls(certificate, alpn=False),
    }
    return [sessions, *([_secured(front, Secured(certificate, hosts))] if front.certified else [])]


def _connections(protocol: str, front: FrontDoor) -> dict[str, Any]:
    return {
        "stat_prefix": protocol,
        "rds": {"route_config_name": names.ROUTE_TABLE, "config_source": _ads()},
        "use_remote_address": True,
        # Envoy would write a loopback client's address as the machine's own.
        "skip_xff_append": True,
        "append_x_forwarded_port": True,
        "preserve_external_request_id": True,
        "via": "1.1 hatoba",
        "server_header_transformation": "PASS_THROUGH",
        "stream_idle_timeout": f"{IDLE_SECONDS}s",
        "request_headers_timeout": "30s",
        "max_request_headers_kb": 96,
        "common_http_protocol_options": {"max_headers_count": 1000, "idle_timeout": "90s"},
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "http_filters": [_request_id(), _mutation(), _session_filter(), _router_filter()],
        "access_log": [_access_log(front.log)],
        "local_reply_config": _local_replies(front),
    }


def _request_id() -> dict[str, Any]:
    """Return the filter that replaces an id which does not look like one."""
    header = "type.matcher.v3.HttpRequestHeaderMatchInput"
    valid = {
        "input": _typed("id", f"type.googleapis.com/envoy.{header}", header_name="x-request-id"),
        "value_match": {"safe_regex": {"google_re2": {}, "regex": _REQUEST_ID}},
    }
    skip = f"{_EXT}.filters.common.matcher.action.v3.SkipFilter"
    matcher = {
        "predicate": {"single_predicate": valid},
        "on_match": {"action": _typed("skip", skip)},
    }
    mutations = [_set("x-request-id", "%UNIQUE_ID%")]
    return _typed(
        "request_id",
        f"{_EXT}.common.matching.v3.ExtensionWithMatcher",
        extension_config=_headers_changed(mutations),
        xds_matcher={"matcher_list": {"matchers": [matcher]}},
    )


def _mutation() -> dict[str, Any]:
    client = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"
    known = "%REQ(X-FORWARDED-FOR)%"
    mutations = [
        {"remove": "x-envoy-external-address"},
        {"remove": "x-envoy-internal"},
        _set("x-request-start", "%START_TIME(%s%3f)%"),
        # Envoy's own way of appending leaves out the space that Heroku writes.
        _set("x-forwarded-for", f"{known}, {client}", "OVERWRITE_IF_EXISTS"),
        _set("x-forwarded-for", client, "ADD_IF_ABSENT"),
    ]
    return _headers_changed(mutations)


def _headers_changed(mutations: list[dict[str, Any]]) -> dict[str, Any]:
    kind = "filters.http.header_mutation.v3.HeaderMutation"
    return _extension("header_mutation", kind, {"mutations": {"request_mutations": mutations}})


def _session_filter() -> dict[str, Any]:
    """Return the filter that does nothing but for apps whose route says what a session is."""
    kind = "filters.http.stateful_session.v3.StatefulSession"
    return _extension(names.SESSION_FILTER, kind)


def _router_filter() -> dict[str, Any]:
    return _extension("router", "filters.http.router.v3.Router", {"suppress_envoy_headers": True})


def _access_log(path: Path) -> dict[str, Any]:
    line = LOG_SEPARATOR.join(_LOG_FIELDS) + "\n"
    written = {"text_format_source": {"inline_string": line}, "omit_empty_values": True}
    said = {"path": str(path), "log_format": written}
    return _extension("file", "access_loggers.file.v3.FileAccessLog", said)


def _local_replies(front: FrontDoor) -> dict[str, Any]:
    failed = {"response_flag_filter": {"flags": _FLAGS}}
    # One expression for all hosts would be larger than Envoy takes.
    hosts = [_host_filter(host) for host in names.front_hosts(front.domain)]
    host = {"or_filter": {"filters": hosts}}
    # Envoy's word for a body that was too long to be kept until the daemon is back; ours means
    # a full disk.
    overflow = {"comparison": {"value": {"default_value": 507, "runtime_key": "hatoba.overflow"}}}
    lost = {"or_filter": {"filters": [failed, {"status_code_filter": overflow}]}}
    at_front = {"and_filter": {"filters": [lost, host]}}
    broken = framed(_plain(BROKEN), names.OVER_PAGE)
    return {
        "mappers": [
            {"filter": at_front, "status_code": 503, **_body(_plain(_AWAY), "application/json")},
            {"filter": failed, "status_code": 503, **_body(broken, "text/html; charset=utf-8")},
        ]
    }


def _host_filter(host: str) -> dict[str, Any]:
    matched = {"safe_regex": {"regex": rf"(?i){re.escape(host)}(:\d+)?"}}
    return {"header_filter": {"header": {"name": ":authority", "string_match": matched}}}


def _plain(text: str) -> str:
    """Return text as a format that says just this."""
    return text.replace("%", "%%")


def _body(text: str, content_type: str) -> dict[str, Any]:
    written = {"text_format_source": {"inline_string": text}, "omit_empty_values": True}
    return {"body_format_override": {**written, "content_type": content_type}}


def _tls(certificate: str, *, alpn: bool = True) -> dict[str, Any]:
    context = {
        "alpn_protocols": ["h2", "http/1.1"] if alpn else [],
        "tls_certificate_sds_secret_configs": [
            {"name": certificate, "sds_config": _ads()},
        ],
    }
    kind = "transport_sockets.tls.v3.DownstreamTlsContext"
    return _extension("tls", kind, {"common_tls_context": context})


def _set(key: str, value: str, action: str = "OVERWRITE_IF_EXISTS_OR_ADD") -> dict[str, Any]:
    return {"append": {"append_action": action, "header": {"key": key, "value": value}}}


def _extension(name: str, kind: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
    return _typed(name, f"{_EXT}.{kind}", **(config or {}))


def _typed(name: str, kind: str, **config: object) -> dict[str, Any]:
    return {"name": name, "typed_config": {"@type": kind, **config}}


def _ads() -> dict[str, Any]:
    return {"ads": {}, "resource_api_version": "V3"}


def _address(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}


def _bytes(message: Any) -> bytes:  # noqa: ANN401 generated protobuf classes share no typed base
    return bytes(message.SerializeToString(deterministic=True))
