"""App features: list, find, switch. The reconciler and ``runtime_metrics`` act on them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import releases, runtime_metrics
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.feature import FEATURES, Feature, FeatureName, Switched, release_description
from hatoba.model.release import Release
from hatoba.store import apps as app_rows
from hatoba.store import features as rows


@dataclass(frozen=True)
class AppFeature:
    """A feature as an app has it; ``switched`` is None for one that was never switched."""

    feature: Feature
    switched: Switched | None

    @property
    def enabled(self) -> bool:
        """Whether it is on."""
        return self.switched is not None and self.switched.enabled


async def listed(p: Platform, app: App) -> list[AppFeature]:
    """Return all features, those that are on and those that are off."""
    async with p.store.begin() as conn:
        switched = await rows.of_app(conn, app.id)
    return [AppFeature(one, switched.get(name)) for name, one in FEATURES.items()]


def find(name: str) -> Feature:
    """Return a feature by name. Raises NotFound."""
    if name not in FEATURES:
        raise errors.NotFound("Couldn't find that app feature.", resource="app_feature")
    return FEATURES[name]


async def switch(p: Platform, actor: Actor, app: App, feature: Feature, *, on: bool) -> AppFeature:
    """Switch a feature on or off; one that is so already stays as it is."""
    release, changed = None, False
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        if (feature.name in await rows.enabled(conn, app.id)) is not on:
            await rows.switch(conn, app.id, feature.name, on=on)
            release = await _follow(p, conn, actor, now, feature, on=on)
            changed = True
        switched = await rows.of_app(conn, app.id)
    if changed:
        verb = "Enable" if on else "Disable"
        p.logs.event(app.id, f"{verb} {feature.name} by user {actor.account.email}")
    if release is not None:
        releases.announce(p, actor, release)
    await p.lanes.settle(app.id)
    if changed and on and feature.name is FeatureName.RUNTIME_METRICS:
        await runtime_metrics.log_apps(p, {app.id})
    return AppFeature(feature, switched.get(feature.name))


async def _follow(
    p: Platform, conn: AsyncConnection, actor: Actor, app: App, feature: Feature, *, on: bool
) -> Release | None:
    """Count the change in the app's version, by a release where dynos must begin anew."""
    if not feature.releases or app.config_id is None:
        await app_rows.update(conn, app.id)
        return None
    text = release_description(feature, enabled=on)
    return await releases.append_without_code(
        p, conn, actor, app.id, description=text, config_id=app.config_id
    )
