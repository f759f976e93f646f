"""Config vars that review apps and test runs of a pipeline are made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote

from hatoba.client import review_apps
from hatoba.client.api import Api
from hatoba.client.config import mark
from hatoba.kit.text import listing
from hatoba.operations.base import Kind, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.operations.pipelines import OnPipeline
from hatoba.schema.hatoba import Check
from hatoba.schema.pipelines import Pipeline

_TOPICS = {"test": "ci:config", "review": "reviewapps:config"}


class ChangeStage(OnPipeline):
    """Sets config vars of a stage, and unsets those that are None. Values are never shown."""

    def __init__(
        self,
        api: Api,
        pipeline: Pipeline,
        stage: str,
        changes: Mapping[str, str | None],
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, pipeline, pace=pace)
        self._stage = stage
        self._changes = dict(changes)
        verb = "unset" if all(value is None for value in changes.values()) else "set"
        self.name = f"{_TOPICS[stage]}:{verb}"

    def review(self) -> Review:
        """Show which are new, which are overwritten, and which go."""
        now = review_apps.fingerprints(self.api, self.pipeline.id, self._stage)
        there = [name for name in self._changes if name in now]
        rows = [_row(name, value, now.get(name)) for name, value in self._changes.items()]
        shown = [row for row in rows if row is not None]
        verb = "will be removed" if self.name.endswith("unset") else "will be overwritten"
        return Review(
            title=f"{self.pipeline.name} {self._stage} config vars",
            rows=tuple(shown),
            kind=Kind.RISKY if there else Kind.CHANGE,
            why=f"{listing(there)} {verb}." if there else "",
            before={name: mark(now[name]) for name in there},
            after={name: "given" for name, value in self._changes.items() if value is not None},
            request={"id": self.pipeline.id, "stage": self._stage, "values": self._changes},
            nothing=None if shown else f"Nothing to change: {listing(self._changes)} is not set.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Change all of them at once; they count from the next app on."""
        verb = "Unsetting" if self.name.endswith("unset") else "Setting"
        with ui.progress(f"{verb} {', '.join(self._changes)}"):
            sent = review.request
            review_apps.set_config(self.api, sent["id"], sent["stage"], sent["values"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the names back."""
        del review
        now = review_apps.fingerprints(self.api, self.pipeline.id, self._stage)
        wrong = [n for n, value in self._changes.items() if (n in now) is (value is None)]
        yield Check("read back: all as wanted", ok=not wrong, seen=listing(wrong))

    def undo(self, review: Review) -> str | None:
        """Return the command that unsets new ones; values that were overwritten are not known."""
        if review.before:
            return None
        names = " ".join(self._changes)
        return f"heroku {_TOPICS[self._stage]}:unset {names} -p {quote(self.pipeline.name)}"

    def look(self) -> str:
        """Return the command that shows them."""
        return f"heroku {_TOPICS[self._stage]} -p {self.pipeline.name}"


def _row(name: str, value: str | None, before: str | None) -> Row | None:
    if value is None:
        return Row("-", name, mark(before), "") if before is not None else None
    return Row(
        "+" if before is None else "~", name, "" if before is None else mark(before), "given"
    )
