"""Where the platform is, and by which names and addresses it is reached. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOCAL_SUFFIX = "localhost"
_LOCAL_HOSTS = frozenset(
    {LOCAL_SUFFIX, "127.0.0.1", "::1", f"api.{LOCAL_SUFFIX}", f"registry.{LOCAL_SUFFIX}"}
)
# The router carries TLS to this name below the domain on to the port of run sessions.
TERMINAL_LABEL = "rendezvous"


@dataclass(frozen=True)
class Place:
    """How clients reach this platform. ``domain`` is its public name, None on one machine."""

    port: int
    rendezvous_port: int
    domain: str | None = None

    @property
    def api_url(self) -> str:
        """The API over plain HTTP, from this machine."""
        return f"http://{LOCAL_SUFFIX}:{self.port}"

    @property
    def public_api_url(self) -> str:
        """The API as those elsewhere reach it: over TLS where the platform has a domain."""
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{self.domain}{port}" if self.domain else self.api_url

    def host(self, app_name: str) -> str:
        """The host name under which the router knows an app, and others are told of it."""
        return f"{app_name}.{self.domain or LOCAL_SUFFIX}"

    def hosts(self, app_name: str) -> tuple[str, ...]:
        """All names of the platform's own that lead to an app."""
        return tuple(dict.fromkeys((self.host(app_name), f"{app_name}.{LOCAL_SUFFIX}")))

    def web_url(self, app_name: str) -> str:
        """An app's own address: over TLS where the platform has a domain."""
        scheme, usual = ("https", 443) if self.domain else ("http", 80)
        port = "" if self.port == usual else f":{self.port}"
        return f"{scheme}://{self.host(app_name)}{port}/"

    def git_url(self, app_name: str) -> str:
        """An app's git remote."""
        host = self.domain or LOCAL_SUFFIX
        port = "" if self.domain and self.port == 443 else f":{self.port}"
        return f"https://{host}{port}/{app_name}.git"

    def is_front(self, hostname: str) -> bool:
        """Tell whether a host name leads to the API."""
        doors = ("api", "registry")
        public = (self.domain, *(f"{name}.{self.domain}" for name in doors)) if self.domain else ()
        return hostname in _LOCAL_HOSTS or hostname in public


@dataclass(frozen=True)
class Reach:
    """How one caller reaches the API; ``netloc`` is host and port as the caller wrote them.

    A caller behind ``hatoba connect``, or any other way of forwarding a port, must be answered
    with addresses that lead through it too.
    """

    place: Place
    scheme: str
    netloc: str

    @classmethod
    def of(cls, place: Place, headers: Mapping[str, str]) -> Reach:
        """Read it from a request's headers; a host that is not the platform's counts as none."""
        netloc = headers.get("host", "").lower()
        scheme = "https" if headers.get("x-forwarded-proto") == "https" else "http"
        if not place.is_front(_hostname(netloc)):
            return cls(place, "http", f"{LOCAL_SUFFIX}:{place.port}")
        return cls(place, scheme, netloc)

    @property
    def url(self) -> str:
        """What the addresses begin with that this caller is given."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def secure_url(self) -> str:
        """The same over TLS: it is answered on the same port."""
        return f"https://{self.netloc}"

    def owns(self, hostname: str | None, port: int | None) -> bool:
        """Tell whether an address, as the caller may have got it from here, is this platform's."""
        known = {(LOCAL_SUFFIX, self.place.port), (_hostname(self.netloc), self._port)}
        return (hostname, port) in known

    def terminal(self, secret: str) -> str:
        """Return the address of a run session."""
        hostname = _hostname(self.netloc)
        if hostname not in _LOCAL_HOSTS:
            host, port = f"{TERMINAL_LABEL}.{self.place.domain}", self._port or 443
        elif self._port == self.place.port:
            host, port = LOCAL_SUFFIX, self.place.rendezvous_port
        else:
            # Whoever forwards another port tells a session from a request by its first line.
            host, port = hostname, self._port or 443
        return f"rendezvous://{host}:{port}/{secret}"

    @property
    def _port(self) -> int | None:
        port = self.netloc.removeprefix(_bracketed(self.netloc)).rpartition(":")[2]
        return int(port) if port.isdecimal() else None


def _hostname(netloc: str) -> str:
    literal = _bracketed(netloc)
    return literal[1:-1] if literal else netloc.partition(":")[0]


def _bracketed(netloc: str) -> str:
    return netloc[: netloc.index("]") + 1] if netloc.startswith("[") and "]" in netloc else ""
