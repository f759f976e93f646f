"""Changing the list of an app's buildpacks, which the next build uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from shlex import quote

from hatoba.client import apps, buildpacks
from hatoba.client.api import Api
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check

Edit = Callable[[list[str]], list[str]]


class Buildpacks(Operation):
    """Replaces the list by an edited one."""

    def __init__(self, api: Api, app: str, name: str, edit: Edit) -> None:
        super().__init__(api, app)
        self.name = name
        self._edit = edit
        self.now: list[str] = []

    def review(self) -> Review:
        """Show both lists."""
        _, version = apps.reviewed(self.api, self.app)
        before = buildpacks.listed(self.api, self.app)
        after = self._edit(before)
        lost = [url for url in before if url not in after]
        return Review(
            title=f"{self.app} buildpacks",
            rows=tuple(_rows(before, after)),
            kind=Kind.RISKY if lost else Kind.CHANGE,
            why=f"The next build does without {', '.join(lost)}." if lost else "",
            before={"buildpacks": before},
            after={"buildpacks": after},
            request={"buildpacks": after},
            version=version,
            nothing="Nothing to change: the list is already so." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set the list."""
        with ui.progress("Changing buildpacks"):
            wanted = review.request["buildpacks"]
            self.now = buildpacks.replace(self.api, self.app, wanted, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back. A registry's name may come back as its URL."""
        found = buildpacks.listed(self.api, self.app)
        good = len(found) == len(review.request["buildpacks"])
        yield Check("the next build uses", ok=good, seen=", ".join(found) or "detected buildpacks")

    def undo(self, review: Review) -> str | None:
        """Return the commands that make the list what it was."""
        before, after = review.before["buildpacks"], review.after["buildpacks"]
        new = [url for url in after if url not in before]
        if len(new) == 1 and before == [url for url in after if url not in new]:
            steps = [f"buildpacks:remove {quote(new[0])}"]
        else:
            clear = ["buildpacks:clear"] if after else []
            steps = [*clear, *(f"buildpacks:add {quote(url)}" for url in before)]
        return "; ".join(f"heroku {step} -a {self.app}" for step in steps)


def _rows(before: list[str], after: list[str]) -> Iterator[Row]:
    yield from (Row("-", url, "removed", "") for url in before if url not in after)
    yield from (Row(" " if url in before else "+", url, "", "") for url in after)
