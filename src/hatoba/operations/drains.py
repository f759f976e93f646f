"""Adding and removing log drains."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from hatoba.client import apps, checks, drains
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.kit.secret import DOTS, masked_url
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import LogDrain

# A receiver that takes the first line only after this is not counted as one that works.
DELIVERY_DEADLINE = 15.0


class AddDrain(Operation):
    """Sends an app's lines on to a log server."""

    name = "drains:add"

    def __init__(self, api: Api, app: str, url: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._url = url
        self.made: LogDrain | None = None

    def review(self) -> Review:
        """Show the drains that there are. Raises ApiError for a URL that can't be one's."""
        app, version = apps.reviewed(self.api, self.app)
        checks.log_drain(self.api, app.name, self._url)
        there = drains.listed(self.api, self.app)
        known = any(drain.url == self._url for drain in there)
        shown = masked_url(self._url)
        return Review(
            title=f"{app.name} drains: {len(there)}",
            rows=(Row("+", shown, "", ""),),
            kind=Kind.CHANGE,
            before={"drains": [masked_url(drain.url) for drain in there]},
            after={"drains": [*(masked_url(drain.url) for drain in there), shown]},
            request={"url": self._url},
            version=version,
            nothing="Nothing to change: the app has that drain." if known else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Add it."""
        with ui.progress(f"Adding drain {masked_url(self._url)} to {self.app}"):
            self.made = drains.add(self.api, self.app, review.request["url"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that the receiver takes a line: adding a drain makes one."""
        del review
        if (made := self.made) is None:
            return
        seen = self.pace.until(
            lambda: drains.delivery(self.api, self.app, made.id),
            lambda now: now.delivered > 0 or now.problem is not None,
            DELIVERY_DEADLINE,
        )
        taken = seen.delivered > 0
        why = "" if taken else seen.problem or "it has not taken a line yet"
        yield Check(f"{made.token} takes lines", ok=taken, seen=why)

    def undo(self, review: Review) -> str | None:
        """Return the command that removes it."""
        del review
        return f"heroku drains:remove {self.made.token} -a {self.app}" if self.made else None


class RemoveDrain(Operation):
    """Sends an app's lines no more to a log server."""

    name = "drains:remove"

    def __init__(self, api: Api, app: str, drain: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = drain

    def review(self) -> Review:
        """Show which one goes. Raises UsageError when the app has no such drain."""
        app, version = apps.reviewed(self.api, self.app)
        there = drains.listed(self.api, self.app)
        gone = [drain for drain in there if self._wanted in (drain.url, drain.token, drain.id)]
        if not gone:
            raise UsageError(f"{app.name} has no such drain. See them: heroku drains -a {app.name}")
        shown = masked_url(gone[0].url)
        return Review(
            title=f"{app.name} drains: {len(there)}",
            rows=(Row("-", shown, gone[0].token, ""),),
            kind=Kind.RISKY,
            why=f"{shown} gets no more lines of {app.name}.",
            before={"drains": [masked_url(drain.url) for drain in there]},
            after={"drains": [masked_url(drain.url) for drain in there if drain not in gone]},
            request={"drain": gone[0].id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove it."""
        with ui.progress(f"Removing the drain from {self.app}"):
            drains.remove(self.api, self.app, review.request["drain"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        left = {drain.id for drain in drains.listed(self.api, self.app)}
        yield Check("the drain is gone", ok=review.request["drain"] not in left, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that adds one again; a URL that holds a secret is not shown."""
        gone = next(url for url in review.before["drains"] if url not in review.after["drains"])
        url = "URL" if DOTS in gone else quote(gone)
        return f"heroku drains:add {url} -a {quote(self.app)}"
