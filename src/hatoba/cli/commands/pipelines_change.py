"""The pipelines commands that change something."""

from __future__ import annotations

import re

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import Body, command, confirm, consent
from hatoba.cli.session import Session
from hatoba.client import pipelines
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.pipelines import Couple, Destroy, Move, Rename, Transfer
from hatoba.operations.promotion import Promote

STAGES = ("development", "staging", "production", "review", "test")
# How people name apps by their stage, as the official command line guesses it.
_GUESSES = (
    ("production", r"^(.+?)-(production|prod|prd)$"),
    ("staging", r"^(.+?)-(staging|stg|stage)$"),
    ("development", r"^(.+?)-(development|dev)$"),
    ("review", r"^(.+?)-(review|pr-\d+)$"),
)


def stage_option(body: Body) -> Body:
    """Add ``--stage``."""
    choice = click.Choice(STAGES)
    return click.option("-s", "--stage", type=choice, help="Stage of the app.")(body)


def _guess(app: str) -> tuple[str, str | None]:
    """Return what an app's pipeline and stage seem to be by its name."""
    for stage, pattern in _GUESSES:
        if match := re.match(pattern, app):
            return match[1], stage
    return app, None


def _stage(app: str, chosen: str | None) -> str:
    stage = chosen or _guess(app)[1]
    if stage is None:
        raise UsageError(f"Say at which stage {app} is: -s {'|'.join(STAGES[:3])}")
    return stage


@command("pipelines:create", "heroku pipelines:create harbour -s staging -a harbour-staging")
@click.argument("name", required=False)
@stage_option
@click.option("-t", "--team", metavar="TEAM", help="Team that is to own the pipeline.")
@consent
def create(
    session: Session,
    app: str,
    name: str | None,
    stage: str | None,
    team: str | None,
    given: Consent,
) -> int:
    """Make a pipeline with an app in it."""
    called = name or _guess(app)[0]
    operation = Couple(session.api, app, _stage(app, stage), called)
    operation.team = team or session.settings.team
    return carry_out(session, operation, given).exit_code


@command("pipelines:add", "heroku pipelines:add harbour -s production -a harbour-production")
@click.argument("pipeline")
@stage_option
@consent
def add(session: Session, app: str, pipeline: str, stage: str | None, given: Consent) -> int:
    """Put an app into a pipeline."""
    found = pipelines.find(session.api, pipeline)
    operation = Couple(session.api, app, _stage(app, stage), found)
    return carry_out(session, operation, given).exit_code


@command("pipelines:update", "heroku pipelines:update -s staging -a harbour-dev")
@click.option(
    "-s", "--stage", type=click.Choice(STAGES), required=True, help="New stage of the app."
)
@consent
def update(session: Session, app: str, stage: str, given: Consent) -> int:
    """Put an app at another stage of its pipeline."""
    return carry_out(session, Move(session.api, app, stage), given).exit_code


@command("pipelines:remove", "heroku pipelines:remove -a harbour-dev")
@consent
def remove(session: Session, app: str, given: Consent) -> int:
    """Take an app out of its pipeline."""
    return carry_out(session, Move(session.api, app, None), given).exit_code


@command(
    "pipelines:promote",
    "heroku pipelines:promote -r staging",
    "heroku pipelines:promote -a harbour-staging --to harbour-eu,harbour-us",
)
@click.option("-t", "--to", metavar="APPS", help="Apps to promote to, with commas between.")
@consent
def promote(session: Session, app: str, to: str | None, given: Consent) -> int:
    """Release what an app runs on the apps of the next stage, without building it again."""
    names = [name for name in (to or "").split(",") if name]
    return carry_out(session, Promote(session.api, app, names), given).exit_code


@command("pipelines:rename", "heroku pipelines:rename harbour port", app=False)
@click.argument("pipeline")
@click.argument("name")
@consent
def rename(session: Session, pipeline: str, name: str, given: Consent) -> int:
    """Give a pipeline another name."""
    found = pipelines.find(session.api, pipeline)
    return carry_out(session, Rename(session.api, found, name), given).exit_code


@command("pipelines:destroy", "heroku pipelines:destroy harbour --confirm harbour", app=False)
@click.argument("pipeline")
@confirm
def destroy(session: Session, pipeline: str, given: Consent) -> int:
    """Forget a pipeline; its apps go on as they are."""
    found = pipelines.find(session.api, pipeline)
    return carry_out(session, Destroy(session.api, found), given).exit_code


@command(
    "pipelines:transfer",
    "heroku pipelines:transfer ada@example.com -p harbour --confirm harbour",
    app=False,
)
@click.argument("owner")
@click.option("-p", "--pipeline", metavar="NAME", required=True, help="Pipeline to give away.")
@confirm
def transfer(session: Session, owner: str, pipeline: str, given: Consent) -> int:
    """Give a pipeline, and your apps in it, to another account."""
    found = pipelines.find(session.api, pipeline)
    return carry_out(session, Transfer(session.api, found, owner), given).exit_code
