"""apps:setup: an app from a folder or a URL, as its app.json says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TypedDict, Unpack

import click

from hatoba.cli import archives, git, remotes
from hatoba.cli.change import carry_out
from hatoba.cli.command import command
from hatoba.cli.commands.config_change import pairs_of
from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.operations.setups import SetUp, Source, Wanted


class Options(TypedDict):
    """What may be said about the new app."""

    env: tuple[str, ...]
    env_file: Path | None
    pipeline: str | None
    stage: str | None
    team: str | None
    no_remote: bool


@command(
    "apps:setup",
    "heroku apps:setup harbour",
    "heroku apps:setup harbour --source ./harbour --env-file secrets.env",
    "heroku apps:setup --source https://example.com/harbour.tgz",
    app=False,
)
@click.argument("name", required=False)
@click.option("--source", default=".", metavar="FOLDER|URL", help="The source. Default: here.")
@click.option("-e", "--env", multiple=True, metavar="NAME=VALUE", help="Config var to set.")
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Read NAME=VALUE lines from a file, - for standard input.",
)
@click.option("-p", "--pipeline", metavar="NAME", help="Pipeline to put the app into.")
@click.option(
    "-s", "--stage", type=click.Choice(["development", "staging", "production"]), help="Its stage."
)
@click.option("-t", "--team", metavar="TEAM", help="Team that is to own the app.")
@click.option("-n", "--no-remote", is_flag=True, help="Do not add a git remote.")
def setup(session: Session, name: str | None, source: str, **options: Unpack[Options]) -> int:
    """Create an app as app.json says: its config vars, add-ons, code, dynos and scripts."""
    if options["pipeline"] and not options["stage"]:
        raise UsageError("Say at which stage of the pipeline it is: -s staging")
    env = pairs_of(options["env"], options["env_file"])
    with tempfile.TemporaryDirectory() as folder:
        found = source_of(session, source, Path(folder))
        team = options["team"] or session.settings.team
        wanted = Wanted(name, found, env, options["pipeline"], options["stage"], team)
        operation = SetUp(session.api, wanted)
        outcome = carry_out(session, operation)
    if found.archive and not options["no_remote"]:
        _add_remote(session, operation.app)
    if operation.made is not None and not session.json:
        session.out.data(
            operation.made.resolved_success_url or f"heroku apps:open -a {operation.app}"
        )
    return outcome.exit_code


def _add_remote(session: Session, app: str) -> None:
    """Add the remote to push to, unless the repository has one of that name."""
    if git.in_repository() and remotes.DEFAULT not in git.output("remote").split():
        remotes.add(session.target, app, remotes.DEFAULT, session.hosts)
        session.out.say(f"Git remote {remotes.DEFAULT} added.")


def source_of(session: Session, source: str, scratch: Path) -> Source:
    """Return a folder, packed in ``scratch``, or a URL as a source."""
    if source.startswith(("http://", "https://")):
        return Source(source.partition("?")[0], url=source)
    folder, archive = Path(source), scratch / "source.tgz"
    commit = archives.pack(folder, archive)
    if not archives.holds(archive, "app.json"):
        where = f"the commit {commit[:8]} of {folder}" if commit else str(folder)
        raise UsageError(f"There is no app.json at the root of {where}: it says what is set up.")
    if commit is None:
        return Source(f"the folder {folder.resolve()}", archive)
    if archives.uncommitted(folder):
        session.out.warn("Changes that are not committed are left out.")
    return Source(f"commit {commit[:8]} of {folder.resolve()}", archive, version=commit)
