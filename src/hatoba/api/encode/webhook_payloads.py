"""What events tell of a changed row: the resource as the API shows it.

No config value is among it, and no address that lets its reader in: where output and source of
a build can be had is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from hatoba.api.encode import account, apps, domains, releases
from hatoba.api.encode.basics import fixed_id
from hatoba.control.place import Place
from hatoba.control.webhook_outbox import Scene
from hatoba.model.account import Collaborator
from hatoba.model.addon import Addon, Attachment
from hatoba.model.app import App
from hatoba.model.certificate import SniEndpoint
from hatoba.model.domain import Domain
from hatoba.model.dyno import Dyno
from hatoba.model.formation import Formation
from hatoba.model.release import Build, Release

Json = dict[str, Any]
Row = dict[str, Any]


def shape(place: Place) -> Callable[[str, Row, Scene], Json]:
    """Return what shapes changed rows for a platform at that place."""

    def shaped(resource: str, row: Row, scene: Scene) -> Json:
        if resource == "app":
            return _builtin(apps.app(_read(row, App, owner_email=_email(row, scene)), place))
        if resource == "domain":
            one = _read(row, Domain, sni_endpoint_name=None)
            return _builtin(domains.domain(one, scene.app, place))
        return _SHAPES[resource](row, scene)

    return shaped


def _read(row: Row, kind: type[Any], **more: object) -> Any:  # noqa: ANN401 one of the models
    return msgspec.convert({**row, **more}, kind, strict=False)


def _builtin(value: object) -> Json:
    made: Json = msgspec.to_builtins(value)
    return made


def _email(row: Row, scene: Scene) -> str:
    account_id = row.get("account_id") or row.get("owner_id")
    return scene.emails.get(UUID(account_id), "") if account_id else ""


def _release(row: Row, scene: Scene) -> Json:
    one = _read(row, Release, account_email=_email(row, scene))
    return _builtin(releases.release(one, scene.app, output_url=None))


def _build(row: Row, scene: Scene) -> Json:
    one = _read(row, Build, account_email=_email(row, scene), source="")
    shown = _builtin(releases.build(one, output_url="", source_url=""))
    del shown["output_stream_url"], shown["source_blob"]["url"]
    return shown


def _collaborator(row: Row, scene: Scene) -> Json:
    one = _read(row, Collaborator, email=_email(row, scene))
    return _builtin(account.collaborator(one, scene.app))


def _sni_endpoint(row: Row, scene: Scene) -> Json:
    one = _read(row, SniEndpoint, sealed_key="")
    return _builtin(domains.sni_endpoint(one, scene.app, []))


def _addon(row: Row, scene: Scene) -> Json:
    one = _read(row, Addon)
    return {
        "id": str(one.id),
        "name": one.name,
        "state": one.state.value,
        "app": {"id": str(scene.app.id), "name": scene.app.name},
        "addon_service": {"id": fixed_id("addon-service", one.service), "name": one.service},
        "plan": {"id": fixed_id("plan", one.full_plan), "name": one.full_plan},
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _attachment(row: Row, scene: Scene) -> Json:
    one = _read(row, Attachment)
    app = {"id": str(scene.app.id), "name": scene.app.name}
    return {
        "id": str(one.id),
        "name": one.name,
        "namespace": one.namespace,
        "app": app,
        "addon": {"id": str(one.addon_id)},
        "config_vars": list(one.config_vars),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


_SHAPES: dict[str, Callable[[Row, Scene], Json]] = {
    "addon": _addon,
    "addon-attachment": _attachment,
    "build": _build,
    "collaborator": _collaborator,
    "dyno": lambda row, scene: _builtin(apps.dyno(_read(row, Dyno), scene.app)),
    "formation": lambda row, scene: _builtin(apps.formation(_read(row, Formation), scene.app)),
    "release": _release,
    "sni-endpoint": _sni_endpoint,
}
