"""pipelines:setup, pipelines:connect, pipelines:open."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.commands.apps_setup import source_of
from hatoba.cli.session import Session
from hatoba.client import pipelines
from hatoba.client.errors import ClientError
from hatoba.operations import promotion
from hatoba.operations.consent import Consent
from hatoba.operations.pipeline_setup import Connect, SetUpPipeline


@command(
    "pipelines:setup",
    "heroku pipelines:setup harbour",
    "heroku pipelines:setup harbour https://git.example.com/org/harbour.git",
    app=False,
)
@click.argument("name")
@click.argument("repo", required=False)
@click.option("--source", default=".", metavar="FOLDER|URL", help="The source. Default: here.")
@click.option("-t", "--team", metavar="TEAM", help="Team that is to own all of it.")
@consent
def setup(
    session: Session, name: str, repo: str | None, *, source: str, team: str | None, given: Consent
) -> int:
    """Make a pipeline with a staging and a production app, as app.json says."""
    with tempfile.TemporaryDirectory() as folder:
        found = source_of(session, source, Path(folder))
        owner = team or session.settings.team
        operation = SetUpPipeline(session.api, name, found, repository=repo, team=owner)
        return carry_out(session, operation, given).exit_code


@command(
    "pipelines:connect",
    "heroku pipelines:connect harbour --repo https://git.example.com/org/harbour.git",
    app=False,
)
@click.argument("name")
@click.option("-r", "--repo", metavar="URL", required=True, help="URL that git can read.")
@consent
def connect(session: Session, name: str, repo: str, given: Consent) -> int:
    """Connect a pipeline to a git repository, which its review apps then come from."""
    found = pipelines.find(session.api, name)
    return carry_out(session, Connect(session.api, found, repo), given).exit_code


@command("pipelines:open", "heroku pipelines:open harbour", app=False)
@click.argument("pipeline")
def open_(session: Session, pipeline: str) -> None:
    """Open the pipeline's last app in a web browser: what its users see."""
    found = pipelines.find(session.api, pipeline)
    there = promotion.members(session.api, found.id)
    if not there:
        raise ClientError(f"{found.name} has no apps. Add one: heroku pipelines:add {found.name}")
    url = there[-1].app.web_url
    if session.json:
        session.out.json({"url": url})
        return
    session.out.data(f"Opening {url}...")
    import webbrowser

    if not webbrowser.open(url):
        session.out.warn("No web browser was found on this machine. Open the URL yourself.")
