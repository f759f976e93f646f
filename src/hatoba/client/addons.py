"""Calls about add-ons."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.client.databases import Attachment
from hatoba.client.errors import ApiError
from hatoba.schema.addons import Addon, AppUsage, Plan, Service


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


def exists(api: Api, app: str, addon: str) -> bool:
    """Tell whether an app has the add-on."""
    return found(api, app, addon) is not None


def opened(api: Api, app: str, addon: str) -> Addon:
    """Return an add-on with a ``web_url`` that lets a browser in, for a few minutes."""
    body = {"addon": addon, "app": app}
    (one, *_) = api.change("POST", "/actions/addons/resolve", list[Addon], body=body)
    return one


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
