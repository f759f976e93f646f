"""The routes of add-on services, of their providers, and of add-ons' pages; as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import ACCOUNT, EVERYBODY, READ, RUN, VIEW
from hatoba.api.addon_access import PROTECTED_ADDON, VIEW_ADDON
from hatoba.api.endpoint import Route
from hatoba.api.provider_access import ToProvider
from hatoba.api.resources import (
    addon_pages,
    addon_services,
    addons,
    addons_trash,
    attachments,
    providers,
)
from hatoba.api.resources import addon_webhooks as hooks
from hatoba.api.team_access import VIEW_TEAM

_SERVICE = "/addon-services/{service}"
_PROVIDER = "/hatoba/addon-providers/{provider}"
_TRASH = "/hatoba/apps/{app}/addons/trash"
_HOOKS = "/addons/{addon}/webhooks"
_HOOK = f"{_HOOKS}/{{webhook}}"
_DELIVERIES = "/addons/{addon}/webhook-deliveries"
_EVENTS = "/addons/{addon}/webhook-events"
_DRAINS = "/addons/{addon}/log-drains"
_PROVIDER_ONLY = ToProvider()
_SEEN_BY_PROVIDER = ToProvider(otherwise=VIEW_ADDON)
_PROVIDER_TOO = ToProvider(otherwise=PROTECTED_ADDON)

SERVICES: tuple[Route[Any], ...] = (
    Route("GET", "/addon-services", EVERYBODY, addon_services.services, "addons:services"),
    Route("GET", _SERVICE, EVERYBODY, addon_services.service, "addons:docs"),
    Route("GET", f"{_SERVICE}/plans", EVERYBODY, addon_services.plans, "addons:plans"),
    Route("GET", f"{_SERVICE}/plans/{{plan}}", EVERYBODY, addon_services.plan),
    Route("GET", "/plans/{plan}", EVERYBODY, addon_services.any_plan),
    Route("GET", "/addon-region-capabilities", EVERYBODY, addon_services.every_capability),
    Route("GET", f"{_SERVICE}/region-capabilities", EVERYBODY, addon_services.capabilities),
    Route(
        "GET", "/regions/{region}/addon-region-capabilities", EVERYBODY, addon_services.in_region
    ),
    Route("GET", "/users/{user}/addons", READ, addons.of_user),
    Route("GET", "/apps/{app}/usage", VIEW, addons.usage, "usage:addons"),
    Route("GET", "/teams/{team}/apps/{app}/usage", VIEW, addons.usage, "usage:addons --team"),
    Route("GET", "/teams/{team}/usage", VIEW_TEAM, addons.team_usage, "usage:addons --team"),
    Route("GET", "/addon-attachments/{attachment}", READ, attachments.of_any_app),
    Route("GET", "/apps/{app}/addons/{addon}/sso", VIEW, addon_pages.sign_on, "addons:open"),
    Route("GET", addon_pages.PATH, EVERYBODY, addon_pages.page, "addons:open"),
    Route("GET", _TRASH, VIEW, addons_trash.listed, "addons:trash"),
    Route(
        "POST",
        f"{_TRASH}/{{addon}}/actions/restore",
        RUN,
        addons_trash.restore,
        "addons:restore",
    ),
)

PROVIDERS: tuple[Route[Any], ...] = (
    Route("GET", "/addons/{addon}", _SEEN_BY_PROVIDER, addons.info, "addons:attach"),
    Route("GET", "/hatoba/addon-providers", ACCOUNT, providers.listed, "addons:admin"),
    Route("GET", _PROVIDER, ACCOUNT, providers.info, "addons:admin:info"),
    Route("PUT", _PROVIDER, ACCOUNT, providers.put, "addons:admin:push"),
    Route("DELETE", _PROVIDER, ACCOUNT, providers.remove, "addons:admin:remove"),
    Route("GET", "/addons/{addon}/config", _PROVIDER_TOO, providers.config),
    Route("PATCH", "/addons/{addon}/config", _PROVIDER_ONLY, providers.set_config),
    Route(
        "GET",
        "/addons/{addon}/config/{namespace}",
        PROTECTED_ADDON,
        providers.config_of_credential,
        "addons:attach --credential",
    ),
    Route("POST", "/addons/{addon}/actions/provision", _PROVIDER_ONLY, providers.provisioned),
    Route("POST", "/addons/{addon}/actions/deprovision", _PROVIDER_ONLY, providers.deprovisioned),
    Route("GET", _HOOKS, _SEEN_BY_PROVIDER, hooks.listed),
    Route("POST", _HOOKS, _PROVIDER_ONLY, hooks.add),
    Route("GET", _HOOK, _SEEN_BY_PROVIDER, hooks.info),
    Route("PATCH", _HOOK, _PROVIDER_ONLY, hooks.update),
    Route("DELETE", _HOOK, _PROVIDER_ONLY, hooks.remove),
    Route("GET", _DELIVERIES, _SEEN_BY_PROVIDER, hooks.deliveries),
    Route("GET", f"{_DELIVERIES}/{{delivery}}", _SEEN_BY_PROVIDER, hooks.delivery),
    Route("GET", _EVENTS, _SEEN_BY_PROVIDER, hooks.events),
    Route("GET", f"{_EVENTS}/{{event}}", _SEEN_BY_PROVIDER, hooks.event),
    Route("GET", _DRAINS, _PROVIDER_TOO, hooks.log_drains),
    Route("PUT", f"{_DRAINS}/{{drain}}", _PROVIDER_ONLY, hooks.redirect),
    Route("POST", "/oauth/token", EVERYBODY, providers.token),
)
