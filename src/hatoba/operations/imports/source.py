"""What an app is made of where it comes from, read through its Platform API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hatoba.client import apps, config
from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError

Json = dict[str, Any]
_WITH_VARS = {"Accept-Inclusion": "addon:plan,config_vars"}


@dataclass(frozen=True)
class SourceAddon:
    """An add-on of the app. ``attachments`` are its names on the app itself, the first one first.

    ``config_vars`` are the names of the vars that the add-on sets.
    """

    name: str
    plan: str
    attachments: tuple[str, ...]
    config_vars: tuple[str, ...]

    @property
    def service(self) -> str:
        """The service that it is of."""
        return self.plan.partition(":")[0]


@dataclass(frozen=True)
class SourceApp:
    """An app as it is there. ``values`` are its own config vars, ``managed`` those of its add-ons.

    ``shared`` are add-ons of other apps by the name that they are attached with.
    """

    name: str
    stack: str
    maintenance: bool
    values: Mapping[str, str] = field(repr=False)
    managed: Mapping[str, str] = field(repr=False)
    addons: tuple[SourceAddon, ...]
    shared: Mapping[str, str]
    buildpacks: tuple[str, ...]
    formation: tuple[tuple[str, int, str], ...]
    domains: tuple[str, ...]
    drains: tuple[str, ...] = field(repr=False)
    collaborators: tuple[str, ...]
    features: tuple[str, ...]
    pipeline: tuple[str, str] | None


def read(api: Api, name: str) -> SourceApp:
    """Read everything that can be taken over. Raises ClientError."""
    app = api.get(f"/apps/{name}", Json)
    own = str(app["name"])
    attachments = _listed(api, f"/apps/{own}/addon-attachments", _WITH_VARS)
    addons = _addons(_listed(api, f"/apps/{own}/addons"), attachments, own)
    values = config.revealed(api, own)
    managed = {var for one in addons for var in one.config_vars}
    managed |= {var for one in attachments for var in one.get("config_vars") or ()}
    domains = _listed(api, f"/apps/{own}/domains")
    return SourceApp(
        name=own,
        stack=str(app["stack"]["name"]),
        maintenance=bool(app.get("maintenance")),
        values={k: v for k, v in values.items() if k not in managed},
        managed={k: v for k, v in values.items() if k in managed},
        addons=addons,
        shared={
            str(one["name"]): str(one["addon"]["name"])
            for one in attachments
            if one["addon"]["app"]["name"] != own
        },
        buildpacks=_buildpacks(_listed(api, f"/apps/{own}/buildpack-installations")),
        formation=tuple(
            (str(f["type"]), int(f["quantity"]), str(f["size"]).lower())
            for f in _listed(api, f"/apps/{own}/formation")
        ),
        domains=tuple(str(d["hostname"]) for d in domains if d.get("kind") == "custom"),
        drains=tuple(
            str(d["url"]) for d in _listed(api, f"/apps/{own}/log-drains") if not d.get("addon")
        ),
        collaborators=_collaborators(_listed(api, f"/apps/{own}/collaborators")),
        features=tuple(
            str(f["name"]) for f in _listed(api, f"/apps/{own}/features") if f.get("enabled")
        ),
        pipeline=_pipeline(api, own),
    )


def names(api: Api, *, app: str | None, pipeline: str | None) -> list[str]:
    """Return the apps that are meant: one, those of a pipeline, or else all of the account's.

    Raises ClientError for a pipeline that is not there.
    """
    if app is not None:
        return [app]
    if pipeline is None:
        return sorted(one.name for one in apps.listed(api))
    found = [p for p in _listed(api, "/pipelines") if pipeline in (p["id"], p["name"])]
    if not found:
        raise ClientError(f"There is no pipeline {pipeline} at {api.target.api_url}.")
    couplings = _listed(api, f"/pipelines/{found[0]['id']}/pipeline-couplings")
    return [str(api.get(f"/apps/{one['app']['id']}", Json)["name"]) for one in couplings]


def _listed(api: Api, path: str, headers: Mapping[str, str] | None = None) -> list[Json]:
    """Return a list; what the account may not read, or the API doesn't have, counts as nothing."""
    try:
        return api.pages(path, Json, headers)
    except ApiError as error:
        if error.status in (403, 404):
            return []
        raise


def _addons(
    found: Sequence[Json], attachments: Sequence[Json], app: str
) -> tuple[SourceAddon, ...]:
    there: dict[str, list[str]] = {}
    for one in attachments:
        if one["addon"]["app"]["name"] == app and not one.get("namespace"):
            there.setdefault(str(one["addon"]["name"]), []).append(str(one["name"]))
    return tuple(
        SourceAddon(
            name=str(addon["name"]),
            plan=str(addon["plan"]["name"]),
            attachments=tuple(sorted(there.get(str(addon["name"]), []), key=_primary_first)),
            config_vars=tuple(addon.get("config_vars") or ()),
        )
        for addon in found
        if addon["app"]["name"] == app
    )


def _primary_first(attachment: str) -> tuple[bool, str]:
    return attachment not in ("DATABASE", "REDIS"), attachment


def _buildpacks(found: Sequence[Json]) -> tuple[str, ...]:
    ordered = sorted(found, key=lambda one: int(one.get("ordinal") or 0))
    return tuple(str(one["buildpack"]["url"]).removeprefix("urn:buildpack:") for one in ordered)


def _collaborators(found: Sequence[Json]) -> tuple[str, ...]:
    return tuple(str(c["user"]["email"]) for c in found if c.get("role") != "owner")


def _pipeline(api: Api, app: str) -> tuple[str, str] | None:
    try:
        found = api.get(f"/apps/{app}/pipeline-couplings", Json)
        pipeline = api.get(f"/pipelines/{found['pipeline']['id']}", Json)
    except ApiError as error:
        if error.status in (403, 404):
            return None
        raise
    return str(pipeline["name"]), str(found["stage"])
