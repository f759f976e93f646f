"""Calls about add-ons."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.client.databases import Attachment
from hatoba.client.errors import ApiError, ClientError
from hatoba.schema.addons import Addon, AppUsage, Plan, Service, Trashed

# How the platform calls an add-on that it does not find.
_RESOURCE = "add_on"


def listed(api: Api, app: str | None = None) -> list[Addon]:
    """Return the add-ons of an app, or of all apps."""
    return list(api.pages(f"/apps/{app}/addons" if app else "/addons", Addon))


def attachments(api: Api, app: str | None = None) -> list[Attachment]:
    """Return the attachments of an app, or of all apps."""
    path = f"/apps/{app}/addon-attachments" if app else "/addon-attachments"
    return list(api.pages(path, Attachment))


def of_addon(api: Api, addon: str) -> list[Attachment]:
    """Return the attachments of an add-on."""
    return list(api.pages(f"/addons/{addon}/addon-attachments", Attachment))


def find(api: Api, app: str, addon: str) -> Addon:
    """Return an add-on of an app, by its name or an attachment's."""
    return api.get(f"/apps/{app}/addons/{quote(addon, safe='')}", Addon)


def found(api: Api, app: str, addon: str) -> Addon | None:
    """Return an add-on of an app; None when there is none of that name any more."""
    try:
        return find(api, app, addon)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


class Ambiguous(ClientError):
    """Several add-ons can be meant."""

    id = "multiple_matches"


def resolve(api: Api, app: str | None, name: str) -> Addon:
    """Return the add-on that is meant: as ``app`` knows it, else by a name unique everywhere.

    ``name`` may begin with another app's (``app::NAME``), and be its service's where there is
    one of it. Raises Ambiguous, and ApiError when there is none.
    """
    owner, _, wanted = name.rpartition("::")
    within = owner or app
    meant = (_known_to(api, within, wanted) if within else []) or _meant(api, None, wanted)
    if not meant:
        missing = ApiError(404, "not_found", "Couldn't find that add-on.", resource=_RESOURCE)
        missing.asked = name
        raise missing
    if len(meant) > 1:
        names = ", ".join(one.name for one in meant)
        raise Ambiguous(f"{name} can mean several add-ons: {names}. Say which.")
    return meant[0]


def _known_to(api: Api, app: str, name: str) -> list[Addon]:
    """Return what an app has of that name. Raises ApiError when there is no such app."""
    try:
        return [find(api, app, name)]
    except ApiError as error:
        if error.resource != _RESOURCE:
            raise
    return _meant(api, app, name)


def _meant(api: Api, app: str | None, name: str) -> list[Addon]:
    body = {"addon": name, "app": app}
    try:
        return api.change("POST", "/actions/addons/resolve", list[Addon], body=body)
    except ApiError as error:
        if error.resource != _RESOURCE:
            raise
        return []


def exists(api: Api, app: str, addon: str) -> bool:
    """Tell whether an app has the add-on."""
    return found(api, app, addon) is not None


def opened(api: Api, addon: Addon) -> Addon:
    """Return an add-on with a ``web_url`` that lets a browser in, for a few minutes."""
    return next((one for one in _meant(api, addon.app.name, addon.id) if one.id == addon.id), addon)


def usage(api: Api, app: str) -> AppUsage:
    """Return what an app's metered add-ons have counted."""
    return api.get(f"/apps/{app}/usage", AppUsage)


def services(api: Api) -> list[Service]:
    """Return what add-ons can be made of."""
    return list(api.pages("/addon-services", Service))


def plans(api: Api, service: str) -> list[Plan]:
    """Return the plans of a service."""
    return list(api.pages(f"/addon-services/{quote(service, safe='')}/plans", Plan))


def create(api: Api, app: str, body: Mapping[str, object], version: int | None = None) -> Addon:
    """Make an add-on; ``body`` is as the Platform API has it."""
    return api.change("POST", f"/apps/{app}/addons", Addon, body=dict(body), version=version)


def destroy(
    api: Api, app: str, addon: str, *, force: bool = False, version: int | None = None
) -> Addon:
    """Destroy an add-on."""
    path = f"/apps/{app}/addons/{quote(addon, safe='')}"
    return api.change("DELETE", path, Addon, body={"force": force}, version=version)


def trash(api: Api, app: str) -> list[Trashed]:
    """Return the destroyed add-ons of an app that can be brought back."""
    return list(api.pages(f"/hatoba/apps/{app}/addons/trash", Trashed))


def restore(
    api: Api, app: str, addon: str, *, name: str | None = None, version: int | None = None
) -> Addon:
    """Bring a destroyed add-on back, by id or name, attached as ``name``."""
    path = f"/hatoba/apps/{app}/addons/trash/{quote(addon, safe='')}/actions/restore"
    return api.change("POST", path, Addon, body={"name": name}, version=version)


def upgrade(api: Api, app: str, addon: str, plan: str, version: int | None = None) -> Addon:
    """Put an add-on on another plan."""
    path = f"/apps/{app}/addons/{quote(addon, safe='')}"
    body = {"plan": {"name": plan}}
    return api.change("PATCH", path, Addon, body=body, version=version)


def rename(api: Api, app: str, addon: str, name: str, version: int | None = None) -> Addon:
    """Give an add-on another name."""
    path = f"/apps/{app}/addons/{quote(addon, safe='')}"
    return api.change("PATCH", path, Addon, body={"name": name}, version=version)


def detach(api: Api, attachment: str, version: int | None = None) -> Attachment:
    """Take an add-on away from an app, by the attachment's id."""
    return api.change("DELETE", f"/addon-attachments/{attachment}", Attachment, version=version)
