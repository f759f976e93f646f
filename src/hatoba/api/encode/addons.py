"""Add-ons, attachments, services and plans as the API shows them."""

from __future__ import annotations

from dataclasses import dataclass

from hatoba.api.encode.basics import app_named, fixed_id, moment
from hatoba.control.services import Service
from hatoba.model.addon import Addon, AddonPlan, Attachment
from hatoba.model.app import App
from hatoba.schema.platform import Region

Json = dict[str, object]
_SINCE = "2026-01-01T00:00:00Z"


def _price(plan: AddonPlan) -> Json:
    return {"cents": plan.cents, "contract": False, "metered": False, "unit": "month"}


def addon(
    one: Addon, app: App, service: Service, config_vars: list[str], page: str | None = None
) -> Json:
    """Return an add-on, its service and plan in full; ``page`` is where it can be looked at."""
    its_plan = service.plans[one.plan]
    plan_shown = plan(its_plan, service)
    return {
        "id": str(one.id),
        "name": one.name,
        "state": one.state.value,
        "app": _named(app),
        "addon_service": addon_service(service),
        "plan": plan_shown,
        "actions": [],
        "billed_price": _price(its_plan),
        "billing_entity": {"id": str(app.id), "name": app.name, "type": "app"},
        "config_vars": config_vars,
        "provider_id": str(one.id),
        "provision_message": one.problem or one.message,
        "web_url": page,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
    }


@dataclass(frozen=True)
class Around:
    """What an attachment belongs to: its add-on, the app that this was made for, and its page."""

    addon: Addon
    owner: App
    page: str | None


def attachment(one: Attachment, around: Around, app: App, *, plan: bool = False) -> Json:
    """Return an attachment; the add-on's plan is told to those who ask for its inclusion."""
    addon_, owner = around.addon, around.owner
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
        "web_url": around.page,
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
        "supports_multiple_installations": not one.single,
        "supports_sharing": one.shared,
        "supported_generations": [],
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def region_capability(service: Service, region: Region) -> Json:
    """Return that a service is offered in a region."""
    return {
        "id": fixed_id("region-capability", f"{service.name}:{region.name}"),
        "supports_private_networking": False,
        "addon_service": addon_service(service),
        "region": region,
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
        "price": _price(one),
        "space_default": False,
        "state": "ga",
        "visible": True,
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def _named(app: App) -> Json:
    named = app_named(app)
    return {"id": named.id, "name": named.name}
