"""Which platform a client talks to, and with whose token."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hatoba.client import credentials, origin
from hatoba.client.errors import ClientError
from hatoba.client.origin import Origin
from hatoba.settings import DEFAULT_PORT, ClientSettings

_HEROKU = ("heroku.com", "herokai.com", "herokuspace.com", "herokudev.com")


@dataclass(frozen=True)
class Target:
    """An API, the token for it, and the authority that signed its certificates."""

    origin: Origin
    token: str | None = field(repr=False)
    ca: Path | None

    @property
    def api_url(self) -> str:
        """Return the API's URL, without a slash at its end."""
        return str(self.origin)

    @property
    def is_heroku(self) -> bool:
        """Tell whether this is Heroku itself, which has nothing of Hatoba's own."""
        return any(self.origin.host == d or self.origin.host.endswith(f".{d}") for d in _HEROKU)

    @property
    def git_host(self) -> str:
        """Return the host (and port) that git remotes name."""
        if self.is_heroku:
            return self.origin.host.replace("api.", "git.", 1)
        own = self.origin.host in ("localhost", "127.0.0.1", "api.localhost")
        return f"localhost:{self.origin.port}" if own else self.origin.netloc

    @property
    def is_local(self) -> bool:
        """Tell whether it is on this machine."""
        return self.origin.address == "127.0.0.1"

    @property
    def git_base(self) -> str:
        """Return the URL below which apps are pushed to.

        On this machine it is plain HTTP like the API: a GIT_SSL_CAINFO in the environment, which
        many have, would overrule the certificate authority in the repository's configuration.
        """
        scheme = self.origin.scheme if self.is_local else "https"
        return f"{scheme}://{self.git_host}"

    def git_url(self, app: str) -> str:
        """Return the URL that an app is pushed to."""
        return f"{self.git_base}/{app}.git"


def find(settings: ClientSettings) -> Target:
    """Find the platform: HEROKU_HOST, else the port or folder of a Hatoba, else the default.

    Who is not logged in at the default, but at one other platform of this machine, means that one.

    The token is HEROKU_API_KEY, else this user's, else the platform's own, else netrc's.
    """
    own = credentials.of_platform(settings.data_dir)
    url = str(origin.parse(_api_url(settings, own))[0])
    known = credentials.of_user(settings.config_dir, url)
    if known is None and own is not None and _same(own.api_url, url):
        known = own
    token = settings.api_key or (known.token if known else None)
    found = Target(
        origin=origin.parse(url)[0],
        token=token or credentials.of_netrc(settings.netrc, url),
        ca=settings.ca or _ca(known, own, url),
    )
    if found.origin.scheme == "http" and not found.is_local:
        raise ClientError(f"Tokens go over TLS only: use https:// instead of http:// for {url}.")
    return found


def _api_url(settings: ClientSettings, own: credentials.Login | None) -> str:
    if settings.host:
        return host_url(settings.host)
    if settings.port:
        return f"http://localhost:{settings.port}"
    return own.api_url if own else _usual(settings.config_dir)


def _usual(config_dir: Path) -> str:
    default = f"http://localhost:{DEFAULT_PORT}"
    known = [url for url in credentials.urls(config_dir) if _is_here(url)]
    return known[0] if len(known) == 1 else default


def _is_here(url: str) -> bool:
    return origin.parse(url)[0].address == "127.0.0.1"


def host_url(host: str) -> str:
    """Return the API's URL for a value of HEROKU_HOST: a URL, or a bare host name."""
    if "://" in host:
        return host
    if host.partition(":")[0] in ("localhost", "127.0.0.1"):
        return f"http://{host}"
    return f"https://api.{host}"


def _ca(known: credentials.Login | None, own: credentials.Login | None, url: str) -> Path | None:
    for login in (known, own):
        if login and login.ca and _same(login.api_url, url) and Path(login.ca).is_file():
            return Path(login.ca)
    return None


def _same(one: str, other: str) -> bool:
    """Tell whether two URLs lead to the same platform, however they spell this machine."""
    first, second = origin.parse(one)[0], origin.parse(other)[0]
    return (first.address, first.port) == (second.address, second.port)
