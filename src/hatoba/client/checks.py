"""Questions whether a change would be refused, before anybody is asked to agree to it.

Heroku has none of them: there it is known only once the change is tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hatoba.client.api import Api, Json
from hatoba.schema.hatoba import Checked


def domain(api: Api, app: str, hostname: str, endpoint: str | None) -> str:
    """Return a host name as it would be added. Raises ApiError when it would be refused."""
    return _ask(api, app, "domain", {"hostname": hostname, "sni_endpoint": endpoint}) or hostname


def name(api: Api, app: str, wanted: str) -> None:
    """Raise ApiError when an app can't be renamed so."""
    _ask(api, app, "name", {"name": wanted})


def config_vars(api: Api, app: str, changes: Mapping[str, str | None]) -> None:
    """Raise ApiError when config vars can't be set (or with None unset) so."""
    _ask(api, app, "config-vars", dict(changes))


def formation(api: Api, app: str, updates: Sequence[Json]) -> None:
    """Raise ApiError when quantities and sizes can't be such."""
    _ask(api, app, "formation", {"updates": list(updates)})


def certificate(api: Api, app: str, chain: str, key: str) -> None:
    """Raise ApiError when a certificate can't be served; both are PEM."""
    _ask(api, app, "certificate", {"certificate_chain": chain, "private_key": key})


def log_drain(api: Api, app: str, url: str) -> None:
    """Raise ApiError when a drain to that URL would be refused."""
    _ask(api, app, "log-drain", {"url": url})


def telemetry_drain(api: Api, app: str, drain: str | None, body: Json) -> None:
    """Raise ApiError when a telemetry drain can't be such; None is a new one."""
    _ask(api, app, "telemetry-drain", {"drain": drain, **body})


def webhook(api: Api, app: str, body: Json) -> None:
    """Raise ApiError when such a webhook would be refused."""
    _ask(api, app, "webhook", body)


def _ask(api: Api, app: str, what: str, body: Json) -> str | None:
    if api.target.is_heroku:
        return None
    path = f"/hatoba/apps/{app}/checks/{what}"
    return api.change("POST", path, Checked, body=body).good
