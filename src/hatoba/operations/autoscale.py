"""Switching the autoscaling of web dynos on and off."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, formation, metrics
from hatoba.client.api import Api, Json
from hatoba.errors import UsageError
from hatoba.kit.text import plural
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.metrics import Monitor

# Autoscaling looks every ten seconds.
_FIRST_LOOK_SECONDS = 30.0


def _shown(one: Monitor | None) -> Json:
    if one is None or not one.is_active:
        return {"autoscale": "off"}
    return {"autoscale": "on", "min": one.min_quantity, "max": one.max_quantity, "p95": one.value}


def _words(state: Json) -> str:
    if state["autoscale"] == "off":
        return "off"
    return f"{state['min']} to {state['max']} dynos for a p95 of {state['p95']} ms"


class EnableAutoscale(Operation):
    """Has web dynos scaled by their measured response times."""

    name = "ps:autoscale:enable"

    def __init__(
        self,
        api: Api,
        app: str,
        bounds: tuple[int, int],
        p95: int | None,
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._min, self._max = bounds
        self._p95 = p95
        self._before: Json = {}

    def review(self) -> Review:
        """Show the bounds before and after. Raises UsageError for an app without web dynos."""
        app, version = apps.reviewed(self.api, self.app)
        now = metrics.monitor(self.api, self.app)
        quantity = _quantity(self.api, self.app)
        if quantity is None:
            raise UsageError(f"{app.name} has no web process type. Deploy one first.")
        p95 = self._p95 or (now.value if now else 1000)
        wanted = {"min_quantity": self._min, "max_quantity": self._max, "value": p95}
        after = {"autoscale": "on", "min": self._min, "max": self._max, "p95": p95}
        self._before = before = _shown(now)
        fewer = quantity > self._max
        return Review(
            title=f"{app.name}: {plural(quantity, 'web dyno')}, autoscaling {_words(before)}",
            rows=(Row("~", "autoscale", _words(before), _words(after)),),
            kind=Kind.RISKY if fewer else Kind.CHANGE,
            why=f"web will be scaled down from {quantity} to {self._max}." if fewer else "",
            before=before,
            after=after,
            request={**wanted, "action_type": "scale", "is_active": True},
            version=version,
            nothing="Nothing to change: it is autoscaled so." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make or change the monitor."""
        with ui.progress("Enabling dyno autoscaling"):
            metrics.put_monitor(self.api, self.app, review.request, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and see that the number of dynos comes within the bounds."""
        now = _shown(metrics.monitor(self.api, self.app))
        yield Check(f"autoscaling is {_words(now)}", ok=now == review.after, seen="")
        if not _quantity(self.api, self.app):
            return
        found = self.pace.until(
            lambda: _quantity(self.api, self.app) or 0,
            lambda seen: self._min <= seen <= self._max,
            _FIRST_LOOK_SECONDS,
        )
        yield Check(f"formation is web={found}", ok=self._min <= found <= self._max, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that sets what was before."""
        del review
        if self._before.get("autoscale") != "on":
            return f"heroku ps:autoscale:disable -a {self.app}"
        was = self._before
        bounds = f"--min {was['min']} --max {was['max']} --p95 {was['p95']}"
        return f"heroku ps:autoscale:enable {bounds} -a {self.app}"


class DisableAutoscale(Operation):
    """Leaves the number of web dynos as it is from now on."""

    name = "ps:autoscale:disable"

    def review(self) -> Review:
        """Show the bounds that hold now. Raises UsageError for an app that has none."""
        app, version = apps.reviewed(self.api, self.app)
        now = metrics.monitor(self.api, self.app)
        if now is None:
            raise UsageError(f"{app.name} does not have autoscale enabled.")
        before = _shown(now)
        return Review(
            title=f"{app.name}: autoscaling {_words(before)}",
            rows=(Row("~", "autoscale", _words(before), "off"),),
            kind=Kind.RISKY,
            why=f"web stays at {_quantity(self.api, self.app)} dynos, however slow it answers.",
            before=before,
            after={"autoscale": "off"},
            request={"is_active": False},
            version=version,
            nothing=None if now.is_active else "Nothing to change: autoscaling is off.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Switch the monitor off."""
        with ui.progress("Disabling dyno autoscaling"):
            metrics.put_monitor(self.api, self.app, review.request, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        now = _shown(metrics.monitor(self.api, self.app))
        yield Check(f"autoscaling is {_words(now)}", ok=now == review.after, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that enables it again."""
        was = review.before
        bounds = f"--min {was['min']} --max {was['max']} --p95 {was['p95']}"
        return f"heroku ps:autoscale:enable {bounds} -a {self.app}"


def _quantity(api: Api, app: str) -> int | None:
    return next((f.quantity for f in formation.listed(api, app) if f.type == "web"), None)
