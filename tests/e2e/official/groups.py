"""All lines, in groups that don't get into each other's way."""

from __future__ import annotations

from tests.e2e.official import access, apps, databases, services
from tests.e2e.official.harness import Line

# The longest first.
GROUPS: dict[str, tuple[Line, ...]] = {
    "databases": databases.DATABASES,
    "apps": apps.APPS,
    "access": (*access.ACCESS, *access.PIPELINES),
    "dynos": apps.DYNOS,
    "addons": databases.ADDONS,
    "domains": databases.DOMAINS,
    "spaces": services.SPACES,
    "ci": services.CI,
    "telemetry": services.TELEMETRY,
    "data": services.DATA,
    "local": services.LOCAL,
}
