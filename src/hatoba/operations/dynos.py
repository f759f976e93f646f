"""Restarting and stopping dynos."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, dynos, releases
from hatoba.client.api import Api
from hatoba.client.dynos import Which
from hatoba.client.errors import ClientError
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Dyno


class _OverDynos(Operation):
    """Something done to some of an app's dynos, which are recognised by their ids."""

    def __init__(self, api: Api, app: str, which: Which, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._which = which
        self._old: dict[str, str] = {}

    def _look(self) -> tuple[list[Dyno], int | None]:
        _, version = apps.reviewed(self.api, self.app)
        found = [d for d in dynos.listed(self.api, self.app) if self._which.matches(d)]
        if not found and self._which.name:
            raise ClientError(
                f"{self.app} has no dyno {self._which.name}. See: heroku ps -a {self.app}"
            )
        if not found and self._which.type:
            self._check_type(self._which.type)
        self._old = {d.id: d.name for d in found}
        return found, version

    def _check_type(self, type_: str) -> None:
        """Raise ClientError for dynos of a type that there never are."""
        if type_ not in world.quantities(self.api, self.app):
            raise ClientError(
                f"{self.app} has no process type {type_}. See: heroku ps:scale -a {self.app}"
            )


class Restart(_OverDynos):
    """Replaces dynos by new ones of the same release."""

    name = "ps:restart"

    def review(self) -> Review:
        """Show which dynos are replaced."""
        found, version = self._look()
        wanted = world.quantities(self.api, self.app)
        none = not found and not any(wanted.values())
        return Review(
            title=f"{self.app} dynos",
            rows=tuple(Row("~", d.name, d.state, "restarted") for d in found),
            kind=Kind.CHANGE,
            before={d.name: d.id for d in found},
            after={"restarted": [d.name for d in found]},
            request=_request(self._which),
            version=version,
            nothing=f"No dynos of {self.app} are running." if none else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Ask for the restart."""
        with ui.progress(f"Restarting {self._which} on {self.app}"):
            dynos.restart(self.api, self.app, self._which, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look for as many new dynos as are wanted, and the app."""
        types = {name.partition(".")[0] for name in self._old.values()}
        wanted = world.quantities(self.api, self.app)
        chosen = {t: n for t, n in wanted.items() if t in types}
        if not chosen or review.nothing:
            return
        # Dynos of the release before may be serving still, for want of new ones that boot.
        current = releases.current(self.api, self.app)
        version = current.version if current else None
        expected = world.Expected(chosen, version, frozenset(self._old))
        yield from world.running(self.api, apps.find(self.api, self.app), expected, self.pace)


class Stop(_OverDynos):
    """Stops dynos; those of the formation stay down until a restart or a release."""

    name = "ps:stop"

    def review(self) -> Review:
        """Show which dynos are stopped."""
        found, version = self._look()
        return Review(
            title=f"{self.app} dynos",
            rows=tuple(Row("-", d.name, d.state, "stopped") for d in found),
            kind=Kind.RISKY,
            why=f"What {self._which} do now is interrupted.",
            before={d.name: d.id for d in found},
            after={"stopped": [d.name for d in found]},
            request=_request(self._which),
            version=version,
            nothing=None if found else f"{self._which} of {self.app}: none is running.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Ask for the stop."""
        with ui.progress(f"Stopping {self._which} on {self.app}"):
            dynos.stop(self.api, self.app, self._which, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look whether the dynos are gone."""
        if review.nothing:
            return
        left = self.pace.until(self._left, lambda names: not names, world.DYNOS_DEADLINE)
        what = f"{', '.join(self._old.values())} stopped"
        yield Check(what, ok=not left, seen=f"still up: {', '.join(left)}" if left else "")

    def _left(self) -> list[str]:
        found = dynos.listed(self.api, self.app)
        return [d.name for d in found if d.id in self._old and d.state in ("up", "starting")]


def _request(which: Which) -> dict[str, str | None]:
    return {"dyno": which.name, "type": which.type}
