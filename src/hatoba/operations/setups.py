"""Setting an app up from a source and its app.json, and following it to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hatoba.client import apps, releases, setups, streams, teams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.client.transport import Dropped
from hatoba.operations import world
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App
from hatoba.schema.setups import AppSetup

# A build may take 15 minutes, the scripts after it an hour each.
DEADLINE = 3 * 3600.0


@dataclass(frozen=True)
class Source:
    """What an app is made of: an archive of this machine, or a URL. ``named`` is for people."""

    named: str
    archive: Path | None = None
    url: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class Wanted:
    """The app that is wanted. ``env`` goes before app.json's own values."""

    name: str | None
    source: Source
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    pipeline: str | None = None
    stage: str | None = None
    team: str | None = None


class SetUp(Operation):
    """Makes an app as its app.json says: config vars, add-ons, code, dynos and scripts."""

    name = "apps:setup"

    def __init__(self, api: Api, wanted: Wanted, *, pace: Pace | None = None) -> None:
        super().__init__(api, wanted.name or "", pace=pace)
        self._wanted = wanted
        self.made: AppSetup | None = None

    def review(self) -> Review:
        """Show what is made of what; nothing is there yet."""
        wanted = self._wanted
        teams.check(self.api, wanted.team)
        rows = [Row("+", name, "", "given") for name in sorted(wanted.env)]
        place = f"{wanted.pipeline}, {wanted.stage}" if wanted.pipeline else None
        rows += [Row("+", "pipeline", "", place)] if place else []
        rows += [Row("+", "team", "", wanted.team)] if wanted.team else []
        return Review(
            title=f"New app {wanted.name or ''}".rstrip() + f" from {wanted.source.named}",
            kind=Kind.CHANGE,
            rows=tuple(rows),
            before={},
            after={"source": wanted.source.named, "config_vars": sorted(wanted.env)},
            request={
                "name": wanted.name,
                "source": wanted.source.named,
                "pipeline": place,
                "team": wanted.team,
            },
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Send the source, and follow the set-up to its end."""
        del review
        url = self._url(ui)
        made = self.made = setups.create(self.api, self._body(url))
        self.app = made.app.name
        ui.say(f"Setting up {self.app}...")
        self.made = follow(self.api, made, ui, self.pace)
        if problem := failure(self.made):
            raise ClientError(problem)

    def _url(self, ui: Ui) -> str:
        source = self._wanted.source
        if source.archive is None:
            return source.url or ""
        with ui.progress("Sending the source"):
            return setups.upload(self.api, source.archive)

    def _body(self, url: str) -> Json:
        wanted = self._wanted
        body: Json = {
            "source_blob": {"url": url, "version": wanted.source.version},
            "app": new_app(wanted.name, wanted.team),
            "overrides": {"env": dict(wanted.env)},
        }
        if wanted.pipeline:
            body["pipeline_coupling"] = {"pipeline": wanted.pipeline, "stage": wanted.stage}
        return body

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the release, its dynos and the app's answer."""
        del review
        yield from serving(self.api, apps.find(self.api, self.app), self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that takes the app away."""
        del review
        return f"heroku apps:destroy -a {self.app}"


def new_app(name: str | None, team: str | None) -> Json:
    """Return the app of a set-up as the Platform API has it: the account's own, or a team's."""
    owned: Json = {"organization": team, "personal": False} if team else {"personal": True}
    return {"name": name, **owned} if name else owned


def follow(api: Api, made: AppSetup, ui: Ui, pace: Pace) -> AppSetup:
    """Show the build of a set-up while it runs; return the set-up once it has ended."""
    now = pace.until(
        lambda: setups.find(api, made.id),
        lambda seen: seen.status != "pending" or seen.build is not None,
        DEADLINE,
    )
    if now.build is not None:
        show(api, now.build.output_stream_url, ui)
    return pace.until(
        lambda: setups.find(api, made.id), lambda seen: seen.status != "pending", DEADLINE
    )


def show(api: Api, url: str, ui: Ui) -> None:
    """Say the lines of an output until its end; one that breaks off is looked at by its status."""
    rest = ""
    try:
        for piece in streams.output(api, url):
            *lines, rest = (rest + piece.decode(errors="replace").replace("\0", "")).split("\n")
            for line in lines:
                ui.say(line)
    except (ClientError, Dropped):
        return
    if rest:
        ui.say(rest)


def failure(setup: AppSetup) -> str | None:
    """Return why a set-up failed, with all that is wrong in its app.json; None when it didn't."""
    if setup.status == "succeeded":
        return None
    name = setup.app.name
    lines = [f"{name} could not be set up: {setup.failure_message or 'it takes too long'}"]
    lines += [f"  {problem}" for problem in setup.manifest_errors]
    if setup.postdeploy is not None and setup.postdeploy.exit_code:
        lines += [f"  {line}" for line in setup.postdeploy.output.splitlines()[-10:]]
    if setup.build is not None:
        lines.append(f"The app is kept. Look: heroku logs -a {name}")
        lines.append(f"Take it away: heroku apps:destroy -a {name}")
    return "\n".join(lines)


def serving(api: Api, app: App, pace: Pace) -> Iterator[Check]:
    """Check that the app runs its newest code, with all dynos that are wanted."""
    newest = releases.current(api, app.name)
    if newest is None or newest.slug is None:
        yield Check(f"{app.name} has code", ok=False, seen="")
        return
    yield world.release_current(api, app.name, newest.version, pace)
    expected = world.Expected(world.quantities(api, app.name), release=newest.version)
    yield from world.running(api, app, expected, pace)
