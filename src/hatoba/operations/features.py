"""Switching a feature of an app on or off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from shlex import quote

from hatoba.client import apps, dynos, features, releases, streams
from hatoba.client.api import Api
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.operations.world import Expected
from hatoba.schema.features import AppFeature
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App

_WORDS = {True: "enabled", False: "disabled"}
_METRICS, _METADATA = "log-runtime-metrics", "runtime-dyno-metadata"
_AFFINITY, _COOKIE = "http-session-affinity", "heroku-session-affinity"
_LOSSES = {
    "preboot": "New web dynos will take over from the old ones as soon as they are up.",
    _AFFINITY: "Requests of one browser will go to any web dyno.",
    _METRICS: "The log will not say any more what dynos use.",
    _METADATA: "Dynos restart without HEROKU_APP_NAME and the like in their environment.",
    "runtime-heroku-exec": "Nobody will get into running dynos with heroku ps:exec.",
}
# Usage is logged at the switch; a dyno that has just started is measured within seconds.
_LINE_DEADLINE = 30.0


class SwitchFeature(Operation):
    """Switches one feature."""

    def __init__(
        self, api: Api, app: str, feature: str, *, on: bool, topic: str, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self.name = f"{topic}:{'enable' if on else 'disable'}"
        self._feature = feature
        self._on = on
        self._topic = topic

    def review(self) -> Review:
        """Show how it is switched."""
        app, version = apps.reviewed(self.api, self.app)
        found = features.find(self.api, self.app, self._feature)
        before, after = _WORDS[found.enabled], _WORDS[self._on]
        return Review(
            title=f"{app.name}: {found.name} is {before}. {found.description}.",
            rows=(Row("~", found.name, before, after),) if before != after else (),
            kind=Kind.CHANGE if self._on else Kind.RISKY,
            why=_LOSSES.get(found.name, f"{found.name} will be off."),
            before={found.name: found.enabled},
            after={found.name: self._on},
            request={"feature": found.name, "enabled": self._on},
            version=version,
            nothing=f"{found.name} is already {after}." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Switch it."""
        name = review.request["feature"]
        with ui.progress(f"{'Enabling' if self._on else 'Disabling'} {name} for {self.app}"):
            features.switch(self.api, self.app, name, on=self._on, version=review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and look for what it does."""
        found = features.find(self.api, self.app, review.request["feature"])
        good = found.enabled is self._on
        yield Check(f"{found.name} is {_WORDS[found.enabled]}", ok=good, seen="")
        if (effect := _EFFECTS.get(found.name)) is not None:
            yield from effect(self, found)

    def undo(self, review: Review) -> str:
        """Return the command that switches it back."""
        verb = "disable" if self._on else "enable"
        name = quote(str(review.request["feature"]))
        return f"heroku {self._topic}:{verb} {name} -a {self.app}"


def _metrics(operation: SwitchFeature, found: AppFeature) -> Iterator[Check]:
    """See that a line says what a dyno uses, where one runs."""
    api, app = operation.api, operation.app
    if not found.enabled or not any(d.state == "up" for d in dynos.listed(api, app)):
        return
    wanted = streams.LogFilter(lines=200, source="heroku")
    seen = operation.pace.until(
        lambda: [line for line in streams.logs(api, app, wanted) if "sample#memory_total=" in line],
        bool,
        _LINE_DEADLINE,
    )
    yield Check("the log says what dynos use", ok=bool(seen), seen="" if seen else "no line yet")


def _metadata(operation: SwitchFeature, found: AppFeature) -> Iterator[Check]:
    """See that the dynos run the release that the switch has made."""
    del found
    api, app = operation.api, operation.app
    newest = releases.latest(api, app, 1)[0]
    yield world.release_current(api, app, newest.version, operation.pace)
    expected = Expected(world.quantities(api, app), newest.version)
    yield from world.running(api, apps.find(api, app), expected, operation.pace)


def _affinity(operation: SwitchFeature, found: AppFeature) -> Iterator[Check]:
    """See whether a visitor gets the cookie that names a dyno."""
    app = apps.find(operation.api, operation.app)
    up = any(d.type == "web" and d.state == "up" for d in dynos.listed(operation.api, app.name))
    if not up or app.maintenance:
        return
    got = operation.pace.until(
        lambda: _cookie(app), lambda now: now is found.enabled, world.ROUTER_DEADLINE
    )
    word = "sets" if got else "does not set"
    yield Check(f"the router {word} the cookie {_COOKIE}", ok=got is found.enabled, seen="")


def _cookie(app: App) -> bool:
    answer, _ = world.visit(app.web_url)
    return answer is not None and _COOKIE in answer.headers.get("set-cookie", "")


_EFFECTS: dict[str, Callable[[SwitchFeature, AppFeature], Iterator[Check]]] = {
    _METRICS: _metrics,
    _METADATA: _metadata,
    _AFFINITY: _affinity,
}
