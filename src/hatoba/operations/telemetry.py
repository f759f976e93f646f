"""Adding, changing and removing telemetry drains."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, checks, telemetry
from hatoba.client.api import Api, Json
from hatoba.errors import UsageError
from hatoba.kit.secret import masked_url
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check
from hatoba.schema.telemetry import TelemetryDrain


class ChangeTelemetry(Operation):
    """Makes the app's telemetry drains what they are to be: one more, another, or one fewer."""

    def __init__(self, api: Api, app: str, verb: str, drain: str | None, body: Json) -> None:
        super().__init__(api, app)
        self.name = f"telemetry:{verb}"
        self._verb = verb
        self._drain = drain
        self._body = body
        self.made: TelemetryDrain | None = None

    def review(self) -> Review:
        """Show the telemetry drain. Raises UsageError when the app has no such one."""
        app, version = apps.reviewed(self.api, self.app)
        there = {one.id: one for one in telemetry.listed(self.api, self.app)}
        now = there.get(self._drain or "")
        if now is None and self._drain is not None:
            raise UsageError(
                f"{app.name} has no such telemetry drain. See them: heroku telemetry -a {app.name}"
            )
        body = self._body
        if self._verb != "remove":
            checks.telemetry_drain(self.api, app.name, self._drain, body)
        if self._verb == "add":
            body = {**body, "owner": {"id": app.id, "type": "app"}}
        before, after = _about(now), {} if self._verb == "remove" else _merged(now, body)
        sign = {"add": "+", "update": "~", "remove": "-"}[self._verb]
        return Review(
            title=f"{app.name} telemetry drains: {len(there)}",
            rows=(Row(sign, self._drain or "new", _words(before), _words(after)),),
            kind=Kind.CHANGE if self._verb == "add" else Kind.RISKY,
            why=f"{before.get('endpoint', '')} may get less of {app.name} than now.",
            before=before,
            after=after,
            request=body,
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the change."""
        with ui.progress(f"Changing telemetry drains of {self.app}"):
            drain, body, version = self._drain, review.request, review.version
            if drain is None:
                self.made = telemetry.add(self.api, body, version)
            elif self._verb == "remove":
                telemetry.remove(self.api, drain, version)
            else:
                self.made = telemetry.update(self.api, drain, body, version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        there = {one.id for one in telemetry.listed(self.api, self.app)}
        if self.made is None:
            yield Check("the telemetry drain is gone", ok=self._drain not in there, seen="")
        else:
            known = self.made.id
            yield Check(f"telemetry drain {known} is there", ok=known in there, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that takes a new one away; what was before may hold secrets."""
        del review
        if self._verb != "add" or self.made is None:
            return None
        return f"heroku telemetry:remove {self.made.id} -a {self.app}"


def _about(one: TelemetryDrain | None) -> Json:
    if one is None:
        return {}
    return {"endpoint": masked_url(one.exporter.endpoint), "signals": list(one.signals)}


def _merged(one: TelemetryDrain | None, body: Json) -> Json:
    asked = body.get("exporter", {}).get("endpoint")
    shown = {"endpoint": masked_url(asked)} if asked else {}
    signals = {"signals": body["signals"]} if "signals" in body else {}
    return {**_about(one), **shown, **signals}


def _words(state: Json) -> str:
    return f"{state['endpoint']} ({', '.join(state['signals'])})" if state else ""
