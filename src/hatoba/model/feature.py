"""App features: what can be switched on for an app, and what the switch does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# How long preboot lets new web dynos warm up: https://devcenter.heroku.com/articles/preboot
PREBOOT_OVERLAP = timedelta(minutes=3)
# How often usage is logged: https://devcenter.heroku.com/articles/log-runtime-metrics
RUNTIME_METRICS_SECONDS = 20.0


class FeatureName(StrEnum):
    """The features that there are."""

    PREBOOT = "preboot"
    SESSION_AFFINITY = "http-session-affinity"
    RUNTIME_METRICS = "log-runtime-metrics"
    DYNO_METADATA = "runtime-dyno-metadata"
    EXEC = "runtime-heroku-exec"


@dataclass(frozen=True)
class Feature:
    """One feature. ``general`` ones are listed by ``features``, the others by ``labs``.

    ``releases`` says that the switch makes a release, because it changes what dynos find in
    their environment.
    """

    name: FeatureName
    display_name: str
    description: str
    general: bool
    releases: bool = False

    @property
    def state(self) -> str:
        """How settled the feature is."""
        return "general" if self.general else "beta"

    @property
    def doc_url(self) -> str:
        """Where Heroku explains it."""
        page = _PAGES.get(self.name, self.name.value)
        return f"https://devcenter.heroku.com/articles/{page}"


@dataclass(frozen=True)
class Switched:
    """A feature of an app that was switched at least once."""

    app_id: UUID
    name: str
    enabled: bool
    created_at: datetime
    updated_at: datetime


_PAGES = {
    FeatureName.SESSION_AFFINITY: "session-affinity",
    FeatureName.DYNO_METADATA: "dyno-metadata",
    FeatureName.EXEC: "exec",
}

FEATURES: dict[str, Feature] = {
    feature.name.value: feature
    for feature in (
        Feature(
            FeatureName.SESSION_AFFINITY,
            "Session affinity",
            "Send all requests of a browser to the same web dyno",
            general=True,
        ),
        Feature(
            FeatureName.RUNTIME_METRICS,
            "Log runtime metrics",
            "Emit dyno resource usage information into app logs",
            general=False,
        ),
        Feature(
            FeatureName.PREBOOT,
            "Preboot",
            "Let new web dynos warm up for three minutes, then hand over all requests at once",
            general=True,
        ),
        Feature(
            FeatureName.DYNO_METADATA,
            "Dyno metadata",
            "Tell dynos in their environment which app, release and slug they run",
            general=False,
            releases=True,
        ),
        Feature(
            FeatureName.EXEC,
            "Heroku Exec",
            "Allow shells, tunnels and file transfer to running dynos",
            general=True,
        ),
    )
}


def release_description(feature: Feature, *, enabled: bool) -> str:
    """Return what the release that a switch makes is called, in Heroku's words."""
    return f"{'Enable' if enabled else 'Disable'} {feature.name} feature"
