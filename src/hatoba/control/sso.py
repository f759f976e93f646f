"""Single sign-on: what a browser brings to the page of an add-on's provider."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from hatoba import errors
from hatoba.control import catalogue
from hatoba.control.platform import Platform
from hatoba.control.providers_service import ProviderService
from hatoba.model.account import Account
from hatoba.model.addon import Addon
from hatoba.model.app import App
from hatoba.model.provider import sso_fields


@dataclass(frozen=True)
class SignOn:
    """Where the browser posts what. Whoever has the fields is logged in there."""

    action: str
    fields: dict[str, str] = field(repr=False)


async def sign_on(p: Platform, account: Account, addon: Addon, app: App) -> SignOn:
    """Return how an account gets into its add-on's page. Raises NotFound when it has none."""
    service = await catalogue.service_of(p, addon)
    if not isinstance(service, ProviderService) or service.provider.sso_url is None:
        raise errors.NotFound(f"{addon.service} has no page of its own.", resource="add_on")
    proof = sso_fields(service.provider, addon.id, p.clock.now(), account)
    shown = {"addon": service.human_name, "appname": app.name, "addons": []}
    navigation = base64.b64encode(json.dumps(shown).encode()).decode()
    fields = {**proof, "app": app.name, "context_app": app.name, "nav-data": navigation}
    return SignOn(service.provider.sso_url, fields)
