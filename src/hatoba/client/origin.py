"""Where requests go: scheme, host and port, and the address behind a .localhost name."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from hatoba.client.errors import ClientError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """The scheme, host and port that a connection is made to."""

    scheme: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """Return what to connect to: names below localhost are this machine (RFC 6761).

        Not every resolver knows that, so it is not left to them.
        """
        local = self.host == "localhost" or self.host.endswith(".localhost")
        return "127.0.0.1" if local else self.host

    @property
    def netloc(self) -> str:
        """Return the Host header's value."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


def parse(url: str) -> tuple[Origin, str]:
    """Split a URL into its origin and the rest. Raises ClientError when it is not http(s)."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ClientError(f"{url!r} is not an http or https URL.")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise ClientError(f"{url!r} has no valid port.") from error
    rest = parts.path or "/"
    if parts.query:
        rest += f"?{parts.query}"
    return Origin(parts.scheme, parts.hostname, port), rest
