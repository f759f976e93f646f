"""Setting the stack that an app's next build uses."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, cloud_native, images
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check


class SetStack(Operation):
    """Sets the stack."""

    name = "apps:stacks:set"

    def __init__(self, api: Api, app: str, stack: str) -> None:
        super().__init__(api, app)
        self._stack = stack

    def review(self) -> Review:
        """Show both stacks. Raises UsageError for one that this platform has not."""
        app, version = apps.reviewed(self.api, self.app)
        known = sorted(stack.name for stack in apps.stacks(self.api))
        if self._stack not in known:
            raise UsageError(_missing(self._stack, known))
        before = app.build_stack.name
        return Review(
            title=f"{app.name} is built for {before}.",
            rows=(Row("~", "stack", before, self._stack),),
            kind=Kind.RISKY,
            why=f"The next build of {app.name} is for {self._stack}.",
            before={"stack": before},
            after={"stack": self._stack},
            request={"build_stack": self._stack},
            version=version,
            nothing=f"The stack is {before} already." if before == self._stack else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set it."""
        with ui.progress(f"Setting stack to {self._stack}"):
            apps.update(self.api, self.app, review.request, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        now = apps.find(self.api, self.app).build_stack.name
        yield Check(
            f"the next build is for {now}", ok=now == review.request["build_stack"], seen=""
        )

    def undo(self, review: Review) -> str:
        """Return the command that sets it back."""
        return f"heroku apps:stacks:set {review.before['stack']} -a {self.app}"


def _missing(stack: str, known: list[str]) -> str:
    there = f"There is no stack {stack} here; there is {', '.join(known)}."
    if stack == images.STACK:
        return f"{there} Images run on Docker: hatoba up --engine swarm"
    if stack == cloud_native.STACK:
        return (
            f"{there} Cloud Native Buildpacks build on Docker, by a builder that it has: "
            "hatoba up --engine swarm --cnb-builder heroku/builder:24"
        )
    return there
