"""Names that the resources, the access log and the xDS server agree on."""

from __future__ import annotations

_PREFIX = "type.googleapis.com/envoy.config"

CLUSTER = f"{_PREFIX}.cluster.v3.Cluster"
ENDPOINTS = f"{_PREFIX}.endpoint.v3.ClusterLoadAssignment"
LISTENER = f"{_PREFIX}.listener.v3.Listener"
ROUTES = f"{_PREFIX}.route.v3.RouteConfiguration"
SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 a type

TYPES = (CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET)
"""In the order in which a change is told: what is pointed at comes before what points at it."""

WILDCARD = frozenset({CLUSTER, LISTENER})
"""Types of which Envoy wants every resource; of the others it asks for names."""

ROUTE_TABLE = "apps"
CERTIFICATE = "leaf"
DOMAIN_CERTIFICATE = "domain"
DAEMON_CLUSTER = "hatobad"
XDS_CLUSTER = "xds"
FRONT_KEY = "front-door"
WAITING_ROOM = "-"
"""Where requests are held, in the place of a dyno's name."""
_LOCAL_FRONT_HOSTS = ("localhost", "127.0.0.1", "[::1]", "api.localhost", "registry.localhost")
# Where the official command line looks for metrics, favorites and notifications, whatever host it
# is pointed at; who leads these names to this machine means the platform.
_FIXED_FRONT_HOSTS = (
    "api.metrics.heroku.com",
    "api.metrics.herokai.com",
    "particleboard.heroku.com",
    "telex.heroku.com",
)
METADATA, OVER_PAGE_KEY = "hatoba", "over_page"
OVER_PAGE = f"%METADATA(ROUTE:{METADATA}:{OVER_PAGE_KEY})%"
"""What an app's route has to be put over the page that is shown when no dyno answers."""
SESSION_FILTER = "session_affinity"
TERMINALS_CLUSTER = "terminals"


def front_hosts(domain: str | None) -> tuple[str, ...]:
    """Return the hosts that lead to the daemon; ``domain`` is the platform's public name."""
    hosts = (*_LOCAL_FRONT_HOSTS, *_FIXED_FRONT_HOSTS)
    return (*hosts, *((domain, f"api.{domain}", f"registry.{domain}") if domain else ()))


def terminals_host(domain: str) -> str:
    """Return the name that TLS to run sessions asks for."""
    return f"rendezvous.{domain}"


def route(key: str, code: str = "", desc: str = "") -> str:
    """Return the name by which the access log knows a route: its app and, on a page, its code."""
    return f"{key}|{code}|{desc}" if code else key


def parts(route_name: str) -> tuple[str, str, str]:
    """Return what ``route`` was made from."""
    key, _, answer = route_name.partition("|")
    code, _, desc = answer.partition("|")
    return key, code, desc
