"""Pushing, releasing and removing the images of container apps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

from hatoba.client import apps, dynos, images, releases, streams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.kit.text import listing, plural
from hatoba.operations import world
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import ContainerFormation, Release

_NONE = "none"
# Hexadecimal digits by which Docker shows an image.
_SHORT = 12


class PushImages(Operation):
    """Pushes images that were built on this machine; ``push`` pushes the one of a type."""

    name = "container:push"

    def __init__(
        self, api: Api, app: str, built: Mapping[str, str], push: Callable[[str], None]
    ) -> None:
        """``built`` are the images' ids by process type."""
        super().__init__(api, app)
        self._built = built
        self._push = push

    def review(self) -> Review:
        """Show what the registry has and what it will have."""
        app, version = apps.reviewed(self.api, self.app)
        now = {name: images.pushed(self.api, app.name, name) for name in self._built}
        before = {name: short(one.id) if one else _NONE for name, one in now.items()}
        after = {name: short(identity) for name, identity in self._built.items()}
        there = [one is not None and one.is_image(self._built[name]) for name, one in now.items()]
        return Review(
            title=f"{app.name} registry",
            rows=_rows(before, after),
            kind=Kind.CHANGE,
            before=before,
            after=after,
            request=dict(self._built),
            version=version,
            nothing="The registry has them already." if all(there) else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Push them one after the other."""
        for name in review.request:
            ui.say(f"Pushing {name}")
            self._push(name)

    def checks(self, review: Review) -> Iterator[Check]:
        """Ask the registry for what it has by now."""
        for name, identity in review.request.items():
            found = images.pushed(self.api, self.app, name)
            good = found is not None and found.is_image(identity)
            has = f"it has {found.digest}" if found else "it has nothing"
            digest = found.digest if found else ""
            yield Check(
                f"the registry has {name} as {digest}" if good else f"the registry has {name}",
                ok=good,
                seen="" if good else has,
            )

    def look(self) -> str:
        """Return the command that logs the container tool in."""
        return "heroku container:login"


class _ImageRelease(Operation):
    """What makes a release of a container app: it is followed to its end."""

    doing: str

    def __init__(
        self,
        api: Api,
        app: str,
        types: Sequence[str],
        show: Callable[[bytes], None],
        *,
        pace: Pace | None = None,
    ) -> None:
        """``show`` is given the release command's output as it comes."""
        super().__init__(api, app, pace=pace)
        self._types = tuple(dict.fromkeys(types))
        self._show = show
        self._before: Release | None = None
        self._made: Release | None = None

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the release and show its command's output."""
        with ui.progress(self.doing.format(types=",".join(self._types), app=self.app)) as line:
            images.release(self.api, self.app, review.request["updates"], review.version)
            self._made = releases.find_or_latest(self.api, self.app, None)
            if self._made is not None:
                line.done(f"done, v{self._made.version}")
        if self._made is not None and self._made.output_stream_url:
            ui.say("Running release command...")
            for piece in streams.release_output(self.api, self._made.output_stream_url):
                self._show(piece)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the new release, and then at what it runs."""
        if self._made is None:
            return
        current = world.release_current(self.api, self.app, self._made.version, self.pace)
        yield current
        if current.ok:
            yield from self._looks(review, self._made.version)

    @abstractmethod
    def _looks(self, review: Review, version: int) -> Iterator[Check]:
        """Look at what is to be different on that release."""

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to what ran before."""
        if self._before is None or not self._before.eligible_for_rollback:
            return None
        return f"heroku rollback v{self._before.version} -a {self.app}"

    def look(self) -> str:
        """Return the command that shows the release command's output, or else the dynos'."""
        ran = self._made is not None and self._made.output_stream_url
        return f"heroku {'releases:output' if ran else 'logs'} -a {self.app}"


class ReleaseImages(_ImageRelease):
    """Releases what was pushed last for some process types."""

    name = "container:release"
    doing = "Releasing images {types} to {app}"

    def review(self) -> Review:
        """Show what each type runs and will run. Raises ClientError where nothing was pushed."""
        app, version = apps.reviewed(self.api, self.app)
        images.container_app(self.api, app.name, self.name)
        self._before = releases.current(self.api, self.app)
        running = images.running(self.api, app.name)
        now = {name: one.docker_image for name, one in running.items()}
        new = {name: self._pushed(app.name, name) for name in self._types}
        before = {name: short(now.get(name) or _NONE) for name in new}
        after = {name: short(identity) for name, identity in new.items()}
        replaced = [name for name in new if now.get(name) and before[name] != after[name]]
        return Review(
            title=f"{app.name} images",
            rows=_rows(before, after),
            kind=Kind.RISKY if replaced else Kind.CHANGE,
            why=f"The new image replaces what runs as {listing(replaced)}." if replaced else "",
            before=before,
            after=after,
            request={"updates": [{"type": t, "docker_image": i} for t, i in new.items()]},
            version=version,
            nothing="That is what runs already." if before == after else None,
        )

    def _pushed(self, app: str, name: str) -> str:
        found = images.pushed(self.api, app, name)
        if found is None:
            raise ClientError(
                f"There is no image of {name} in the registry. "
                f"Push it first: heroku container:push {name} -a {app}"
            )
        return found.id

    def _looks(self, review: Review, version: int) -> Iterator[Check]:
        """Look at the images, the dynos and the app."""
        yield _images_run(images.running(self.api, self.app), review.after)
        expected = world.Expected(world.quantities(self.api, self.app), release=version)
        yield from world.running(self.api, apps.find(self.api, self.app), expected, self.pace)


class RemoveImages(_ImageRelease):
    """Ends process types of a container app."""

    name = "container:rm"
    doing = "Removing container {types} for {app}"

    def review(self) -> Review:
        """Show what ends. Raises ClientError for a type that the app has not."""
        app, version = apps.reviewed(self.api, self.app)
        images.container_app(self.api, app.name, self.name)
        self._before = releases.current(self.api, self.app)
        now = images.running(self.api, app.name)
        for name in self._types:
            if name not in now:
                known = listing(sorted(now)) or "none"
                raise ClientError(f"{app.name} has no process type {name}. It has {known}.")
        rows = [(name, short(now[name].docker_image or ""), now[name]) for name in self._types]
        return Review(
            title=f"{app.name} images",
            rows=tuple(
                Row("-", name, was, "", plural(one.quantity, "dyno")) for name, was, one in rows
            ),
            kind=Kind.RISKY,
            why=f"The dynos of {listing(self._types)} end.",
            before={name: was for name, was, _ in rows},
            after=dict.fromkeys(self._types, _NONE),
            request={"updates": [{"type": t, "docker_image": None} for t in self._types]},
            version=version,
        )

    def _looks(self, review: Review, version: int) -> Iterator[Check]:
        """Look for the types and their dynos."""
        left = sorted(images.running(self.api, self.app).keys() & set(self._types))
        gone = listing(self._types)
        yield Check(f"the formation is without {gone}", not left, listing(left))
        found = self.pace.until(
            lambda: [d for d in dynos.listed(self.api, self.app) if d.type in self._types],
            lambda seen: not seen,
            world.DYNOS_DEADLINE,
        )
        yield Check(f"no dynos of {gone} run", not found, listing([d.name for d in found]))


def _rows(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Row, ...]:
    return tuple(
        Row("+", name, "", image) if before[name] == _NONE else Row("~", name, before[name], image)
        for name, image in after.items()
    )


def _images_run(found: Mapping[str, ContainerFormation], wanted: Json) -> Check:
    seen = {name: short(one.docker_image or _NONE) for name, one in found.items()}
    # A release command's image is no dyno of the formation.
    good = all(seen.get(name, image) == image for name, image in wanted.items())
    shown = " ".join(f"{name}={image}" for name, image in wanted.items())
    return Check(f"the images are {shown}", good, "" if good else str(seen))


def short(identity: str) -> str:
    """Return an image's id as Docker shows it."""
    return identity.removeprefix("sha256:")[:_SHORT]
