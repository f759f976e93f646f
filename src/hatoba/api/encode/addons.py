"""Add-ons, attachments, services and plans as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba.api.encode.basics import app_named, fixed_id, moment
from hatoba.control.services import Service
from hatoba.model.addon import Addon, AddonPlan, Attachment
from hatoba.model.app import App

Json = dict[str, object]
_SINCE = "2026-01-01T00:00:00Z"
_PRICE: Mapping[str, object] = {"cents": 0, "contract": False, "metered": False, "unit": "month"}


def addon(one: Addon, app: App, service: Service, config_vars: list[str]) -> Json:
    """Return an add-on, its service and plan in full."""
    plan_shown = plan(service.plans[one.plan], service)
    return {
        "id": str(one.id),
        "name": one.name,
        "state": one.state.value,
        "app": _named(app),
        "addon_service": addon_service(service),
        "plan": plan_shown,
        "actions": [],
        "billed_price": dict(_PRICE),
        "billing_entity": {"id": str(app.id), "name": app.name, "type": "app"},
        "config_vars": config_vars,
        "provider_id": str(one.id),
        "provision_message": one.problem or one.message,
        "web_url": None,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
    }


def attachment(one: Attachment, addon_: Addon, owner: App, app: App, *, plan: bool = False) -> Json:
    """Return an attachment; ``owner`` is the app that the add-on was made for.

    The add-on's plan is told to those who ask for its inclusion.
    """
    included = {"plan": {"id": fixed_id("plan", addon_.full_plan), "name": addon_.full_plan}}
    return {
        "id": str(one.id),
        "name": one.name,
        "namespace": one.namespace,
        "app": _named(app),
        "addon": {
            "id": str(addon_.id),
            "name": addon_.name,
            "app": _named(owner),
            **(included if plan else {}),
        },
        "config_vars": list(one.config_vars),
        "log_input_url": None,
        "web_url": None,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
    }


def addon_service(one: Service) -> Json:
    """Return a service."""
    return {
        "id": fixed_id("addon-service", one.name),
        "name": one.name,
        "human_name": one.human_name,
        "cli_plugin_name": None,
        "state": "ga",
        "supports_multiple_installations": True,
        "supports_sharing": True,
        "supported_generations": [],
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def plan(one: AddonPlan, service: Service) -> Json:
    """Return a plan of a service."""
    return {
        "id": fixed_id("plan", one.full_name),
        "name": one.full_name,
        "human_name": one.human_name,
        "description": one.description,
        "addon_service": {"id": fixed_id("addon-service", service.name), "name": service.name},
        "compliance": None,
        "default": one.default,
        "installable_inside_private_network": False,
        "installable_outside_private_network": True,
        "price": dict(_PRICE),
        "space_default": False,
        "state": "ga",
        "visible": True,
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def _named(app: App) -> Json:
    named = app_named(app)
    return {"id": named.id, "name": named.name}
