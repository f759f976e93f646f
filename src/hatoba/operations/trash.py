"""Destroying apps, and restoring them from the trash."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, dynos, platform, releases
from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError
from hatoba.kit.text import plural
from hatoba.operations import world
from hatoba.operations.base import Json, Kind, Operation, Review, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check, Trashed
from hatoba.schema.platform import App

# Dynos have 30 s to shut down; twice that is for the reconciler and the store.
GONE_DEADLINE = 60.0


class Destroy(Operation):
    """Destroys an app; a Hatoba keeps it in its trash for some days."""

    name = "apps:destroy"

    def __init__(self, api: Api, app: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._found: App | None = None

    @property
    def ledger(self) -> str:
        """The id: a destroyed app's name is free for others."""
        return self._found.id if self._found else self.app

    def review(self) -> Review:
        """Show what goes away."""
        self._found, version = apps.reviewed(self.api, self.app)
        what = self._contents(self._found)
        return Review(
            title=f"{self._found.name}: {', '.join(what)}.",
            kind=Kind.DESTRUCTIVE,
            why=self._why(),
            before={"name": self._found.name, "id": self._found.id, "contents": what},
            after={},
            request={"id": self._found.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Destroy the app."""
        with ui.progress(f"Destroying {self.app} (including all add-ons)"):
            apps.destroy(self.api, self.app, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look whether API and router still know it, and whether it can be restored."""
        gone = self.pace.until(self._gone, bool, GONE_DEADLINE)
        yield Check(f"{self.app} and its dynos are gone from the API", ok=gone, seen="")
        if self._found is None or self.api.target.is_heroku:
            return
        yield self._no_route(self._found)
        kept = platform.trashed(self.api, self._found.id)
        yield Check(_kept(kept), ok=kept is not None, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that restores it, where there is a trash."""
        if self._found is None or self.api.target.is_heroku:
            return None
        return f"heroku apps:restore {self._found.id}"

    def look(self) -> str:
        """Return the command that shows what is left."""
        return "heroku apps"

    def _contents(self, app: App) -> list[str]:
        up = [d for d in dynos.listed(self.api, app.name) if d.state == "up"]
        latest = releases.latest(self.api, app.name, 1)
        release = f"last release v{latest[0].version}" if latest else "no release"
        addons = apps.addons(self.api, app.name)
        named = [str(a["plan"]["name"]) for a in addons]
        return [f"{plural(len(up), 'dyno')} up", *named, release]

    def _why(self) -> str:
        if self.api.target.is_heroku:
            return "The app and all its add-ons are destroyed for good."
        return "The app stops serving. It can be restored from the trash for 7 days."

    def _gone(self) -> bool:
        try:
            dynos.listed(self.api, self.app)
        except ApiError as error:
            if error.status == 404:
                return True
            raise
        return False

    def _no_route(self, app: App) -> Check:
        answer, _ = self.pace.until(
            lambda: world.visit(app.web_url),
            lambda seen: seen[0] is not None and seen[0].status == 404,
            world.ROUTER_DEADLINE,
        )
        gone = answer is not None and answer.status == 404
        seen = "no answer" if answer is None else f"it answered {answer.status}"
        return Check("the router does not know it any more", ok=gone, seen="" if gone else seen)


class Restore(Operation):
    """Brings a destroyed app back from the trash."""

    name = "apps:restore"

    def __init__(self, api: Api, identity: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, identity, pace=pace)
        self._identity = identity

    def review(self) -> Review:
        """Show what is brought back."""
        fits = [t for t in platform.trash(self.api) if self._identity in (t.id, t.name)]
        if not fits:
            raise ClientError(f"{self._identity} is not in the trash. See: heroku apps:trash")
        if len(fits) > 1:
            ids = ", ".join(t.id for t in fits)
            raise ClientError(f"Several destroyed apps were named {self._identity}: {ids}.")
        found = fits[0]
        before: Json = {"name": found.name, "destroyed_at": found.destroyed_at}
        return Review(
            title=f"{found.name}, destroyed {found.destroyed_at}",
            kind=Kind.CHANGE,
            before=before,
            after={"name": found.name},
            request={"id": found.id},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Bring it back."""
        with ui.progress(f"Restoring {review.after['name']}"):
            self.app = platform.restore(self.api, review.request["id"]).name

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the app, its dynos and its address."""
        app = apps.find(self.api, self.app)
        yield Check(f"{app.name} is there", ok=True, seen="")
        expected = world.Expected(world.quantities(self.api, app.name))
        if expected.quantities:
            yield from world.running(self.api, app, expected, self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that destroys it again."""
        return f"heroku apps:destroy -a {self.app}"


def _kept(entry: Trashed | None) -> str:
    return f"in the trash until {entry.until}" if entry else "in the trash"
