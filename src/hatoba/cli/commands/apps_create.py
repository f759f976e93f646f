"""apps:create: a new app, and the git remote to push to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from hatoba.cli import git, heroku_yml, remotes
from hatoba.cli.change import carry_out, carry_out_all
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import buildpacks, images
from hatoba.errors import UsageError
from hatoba.operations.addons_create import CreateAddon, Order
from hatoba.operations.apps import Create
from hatoba.operations.base import Operation
from hatoba.schema.heroku_yml import Manifest
from hatoba.schema.platform import App


class Options(TypedDict):
    """What may be said about a new app."""

    addons: str | None
    app_name: str | None
    buildpack: str | None
    manifest: bool
    no_remote: bool
    remote: str
    stack: str | None
    region: str | None
    team: str | None


@command(
    "apps:create",
    "heroku apps:create harbour",
    "heroku create",
    "heroku create harbour-staging --remote staging",
    "heroku create harbour --manifest",
    "heroku create harbour --addons heroku-postgresql,heroku-redis",
    app=False,
)
@click.argument("name", required=False)
@click.option("-a", "--app", "app_name", metavar="NAME", help="Same as the argument.")
@click.option("--addons", metavar="LIST", help="Add-ons to make, with commas between them.")
@click.option("-b", "--buildpack", metavar="URL", help="Buildpack to use for this app.")
@click.option("-m", "--manifest", is_flag=True, help="Set the app up as its heroku.yml says.")
@click.option("-n", "--no-remote", is_flag=True, help="Do not add a git remote.")
@click.option("-r", "--remote", default=remotes.DEFAULT, help="Git remote to add. Default heroku.")
@click.option("-s", "--stack", help="Stack to create the app on.")
@click.option("--region", help="Region for the app to run in.")
@click.option("-t", "--team", metavar="TEAM", help="Team that is to own the app.")
def create(session: Session, name: str | None, **options: Unpack[Options]) -> int:
    """Create an app; in a git repository, also the remote to push to."""
    manifest = heroku_yml.read(Path.cwd()) if options["manifest"] else None
    operation = Create(
        session.api,
        _wanted(session, name, options["app_name"]),
        stack=_stack(options["stack"], manifest),
        region=options["region"],
        team=options["team"] or session.settings.team,
    )
    plans = [plan.strip() for plan in (options["addons"] or "").split(",") if plan.strip()]
    if manifest is None and not plans:
        outcomes = [carry_out(session, operation)]
    else:
        parts = _and_its_parts(session, operation, plans, manifest)
        outcomes = carry_out_all(session, parts)
    if operation.made is not None:
        _prepare(session, operation.made, options)
    return max(outcome.exit_code for outcome in outcomes)


def _and_its_parts(
    session: Session, create: Create, plans: Sequence[str], manifest: Manifest | None
) -> Iterator[Operation]:
    """Give the app's creation, and once it is there what belongs to it."""
    yield create
    if create.made is None:
        return
    for plan in plans:
        yield CreateAddon(session.api, create.made.name, Order(plan))
    if manifest is not None:
        yield from heroku_yml.steps(session.api, create.made.name, manifest)


def _stack(asked: str | None, manifest: Manifest | None) -> str | None:
    if manifest is None:
        return asked
    if asked not in (None, images.STACK):
        raise UsageError(f"An app of a heroku.yml is on the stack {images.STACK}, not {asked}.")
    return images.STACK


def _wanted(session: Session, name: str | None, app_name: str | None) -> str | None:
    if name and app_name and name != app_name:
        raise UsageError(f"Choose one name: {name} or {app_name}.")
    return name or app_name or session.settings.app


def _prepare(session: Session, made: App, options: Options) -> None:
    """Set the buildpack and add the git remote; say where the app is."""
    buildpack, remote = options["buildpack"], options["remote"]
    if buildpack:
        with session.out.progress(f"Setting buildpack to {buildpack}"):
            buildpacks.replace(session.api, made.name, [buildpack])
    if not options["no_remote"] and git.in_repository():
        remotes.add(session.target, made.name, remote, session.hosts)
        session.out.say(f"Git remote {remote} added. Deploy: git push {remote} main")
    if not session.json:
        session.out.data(f"{made.web_url} | {session.target.git_url(made.name)}")
