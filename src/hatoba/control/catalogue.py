"""Which services there are: those of this platform, and those of registered providers."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba import errors
from hatoba.control import providers
from hatoba.control.databases_service import PostgresService
from hatoba.control.key_values_service import KeyValueService
from hatoba.control.platform import Platform
from hatoba.control.providers_service import ProviderService
from hatoba.control.scheduler_service import SchedulerService
from hatoba.control.services import Service
from hatoba.model.addon import Addon

BUILT_IN: Mapping[str, Service] = {
    service.name: service for service in (PostgresService(), KeyValueService(), SchedulerService())
}
"""The services that every platform has, by name."""


async def services(p: Platform) -> Mapping[str, Service]:
    """Return all services, by name."""
    there = await providers.listed(p)
    return {**BUILT_IN, **{one.provider.id: ProviderService(one.provider) for one in there}}


async def service_of(p: Platform, addon: Addon) -> Service:
    """Return the service that an add-on is of."""
    if (found := BUILT_IN.get(addon.service)) is not None:
        return found
    found = (await services(p)).get(addon.service)
    if found is None:
        raise errors.NotFound(f"{addon.service} is offered no more.", resource="addon_service")
    return found


def has_page(service: Service) -> bool:
    """Tell whether an add-on of the service has a page to look at."""
    if isinstance(service, ProviderService):
        return service.provider.sso_url is not None
    return True
