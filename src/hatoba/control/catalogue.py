"""Which services there are: those of this platform."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba.control.databases_service import PostgresService
from hatoba.control.key_values_service import KeyValueService
from hatoba.control.platform import Platform
from hatoba.control.scheduler_service import SchedulerService
from hatoba.control.services import Service
from hatoba.model.addon import Addon

BUILT_IN: Mapping[str, Service] = {
    service.name: service for service in (PostgresService(), KeyValueService(), SchedulerService())
}
"""The services that every platform has, by name."""


async def services(p: Platform) -> Mapping[str, Service]:
    """Return all services, by name."""
    del p
    return BUILT_IN


async def service_of(p: Platform, addon: Addon) -> Service:
    """Return the service that an add-on is of."""
    return BUILT_IN.get(addon.service) or (await services(p))[addon.service]
