"""Tokens on disk: this user's own file by API URL, the platform's login file, netrc.

Every file that holds a token has mode 0600 from its first byte.
"""

from __future__ import annotations

import netrc
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from hatoba.kit import files

HOSTS = "hosts.json"
LOGIN = "login.json"


class Login(msgspec.Struct, frozen=True):
    """Who is logged in where; ``ca`` is the path of the platform's certificate authority."""

    api_url: str
    email: str
    token: str
    ca: str | None = None


def of_platform(data_dir: Path) -> Login | None:
    """Return the login that the platform in this folder wrote for its owner, if it may be read."""
    try:
        return msgspec.json.decode((data_dir / LOGIN).read_bytes(), type=Login)
    except (OSError, msgspec.MsgspecError):
        return None


def of_user(config_dir: Path, api_url: str) -> Login | None:
    """Return this user's stored login at that API, if there is one."""
    return _hosts(config_dir).get(api_url)


def urls(config_dir: Path) -> list[str]:
    """Return the URLs of the APIs that this user is logged in at."""
    return list(_hosts(config_dir))


def store(config_dir: Path, login: Login) -> Path:
    """Keep the login in this user's file and return the file's path."""
    return _write(config_dir, {**_hosts(config_dir), login.api_url: login})


def forget(config_dir: Path, api_url: str) -> bool:
    """Remove the login at that API; tell whether there was one."""
    hosts = _hosts(config_dir)
    if hosts.pop(api_url, None) is None:
        return False
    _write(config_dir, hosts)
    return True


def of_netrc(path: Path, api_url: str) -> str | None:
    """Return the token that netrc has for the API's host, as the official command stores it."""
    try:
        found = netrc.netrc(str(path))
    except (OSError, netrc.NetrcParseError):
        return None
    parts = urlsplit(api_url)
    for machine in (parts.netloc, parts.hostname or ""):
        if machine in found.hosts:
            return found.hosts[machine][2] or None
    return None


def _hosts(config_dir: Path) -> dict[str, Login]:
    try:
        raw = (config_dir / HOSTS).read_bytes()
        return msgspec.json.decode(raw, type=dict[str, Login])
    except (OSError, msgspec.MsgspecError):
        return {}


def _write(config_dir: Path, hosts: dict[str, Login]) -> Path:
    files.private_dir(config_dir)
    path = config_dir / HOSTS
    files.write_atomic(path, msgspec.json.format(msgspec.json.encode(hosts), indent=2))
    return path
