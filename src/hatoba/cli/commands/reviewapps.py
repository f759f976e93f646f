"""reviewapps and its commands: apps of a pipeline for single branches."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import msgspec

from hatoba.cli.change import TerminalUi, carry_out
from hatoba.cli.command import Body, command, confirm, consent
from hatoba.cli.commands.apps_setup import source_of
from hatoba.cli.options import wait_interval
from hatoba.cli.session import Session
from hatoba.client import apps, pipelines, review_apps
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations import review_apps as operations
from hatoba.operations.consent import Consent
from hatoba.operations.pace import Pace
from hatoba.schema.review_apps import ReviewApp


def pipeline_option(body: Body) -> Body:
    """Add ``--pipeline``."""
    return click.option("-p", "--pipeline", metavar="NAME", required=True, help="The pipeline.")(
        body
    )


@command("reviewapps", "heroku reviewapps -p harbour", app=False)
@pipeline_option
def listing(session: Session, pipeline: str) -> None:
    """List a pipeline's review apps, and how it wants them."""
    found = pipelines.find(session.api, pipeline)
    there = review_apps.listed(session.api, found.id)
    config = review_apps.config(session.api, found.id)
    if session.json:
        shown = msgspec.to_builtins({"config": config, "review_apps": there})
        session.out.json(shown)
        return
    session.out.header(f"{found.name} Review Apps")
    rows = [_row(session, one) for one in there]
    if rows:
        session.out.table(rows, ("Branch", "App", "Status", "Destroyed"))
    else:
        session.out.say(f"None. Make one: heroku reviewapps:create -b BRANCH -p {found.name}")
    if config is None:
        session.out.say(f"Not enabled for pushes. heroku reviewapps:enable -p {found.name}")


def _row(session: Session, one: ReviewApp) -> tuple[str, ...]:
    name = apps.find(session.api, one.app.id).name if one.app else "-"
    return one.branch, name, one.status, (one.destroyed_at or "-")[:10]


@command("reviewapps:info", "heroku reviewapps:info new-menu -p harbour", app=False)
@click.argument("branch")
@pipeline_option
def info(session: Session, branch: str, pipeline: str) -> None:
    """Show the review app of a branch."""
    one = _named(session, branch, pipeline)
    if session.json:
        session.out.json(msgspec.to_builtins(one))
        return
    app = apps.find(session.api, one.app.id) if one.app else None
    session.out.header(f"Review app of {one.branch}")
    session.out.fields(
        {
            "App": app.name if app else None,
            "Web URL": app.web_url if app else None,
            "Status": one.status,
            "Message": one.message,
            "Pull request": one.pr_number,
            "Destroyed": one.destroyed_at,
        }
    )


def _named(session: Session, branch: str, pipeline: str) -> ReviewApp:
    """Return the review app by its branch, or its app's name."""
    found = pipelines.find(session.api, pipeline)
    there = review_apps.listed(session.api, found.id)
    for one in there:
        if one.branch == branch:
            return one
    for one in there:
        if one.app is not None and apps.find(session.api, one.app.id).name == branch:
            return one
    raise ClientError(f"{branch} has no review app in {found.name}.")


@command(
    "reviewapps:create",
    "heroku reviewapps:create -p harbour -b new-menu",
    "heroku reviewapps:create -p harbour -b new-menu --source .",
    app=False,
)
@pipeline_option
@click.option("-b", "--branch", metavar="NAME", required=True, help="The branch.")
@click.option("--source", metavar="FOLDER|URL", help="Use this source instead of the branch's.")
@click.option("--pr", "pr_number", type=click.IntRange(1), help="Number of its pull request.")
@click.option("--wait", is_flag=True, expose_value=False, help="Wait for it, as always here.")
@wait_interval
def create(
    session: Session,
    pipeline: str,
    branch: str,
    source: str | None,
    pr_number: int | None,
    wait_interval: float | None,
) -> int:
    """Create a review app for a branch, and wait until it is there."""
    found = pipelines.find(session.api, pipeline)
    with tempfile.TemporaryDirectory() as folder:
        chosen = source_of(session, source, Path(folder)) if source else None
        operation = operations.Create(
            session.api,
            found,
            branch,
            source=chosen,
            pr_number=pr_number,
            pace=Pace(every=wait_interval),
        )
        outcome = carry_out(session, operation)
    if not session.json:
        session.out.data(apps.find(session.api, operation.app).web_url)
    return outcome.exit_code


@command("reviewapps:wait", "heroku reviewapps:wait harbour-new-menu", app=False)
@click.argument("app")
@wait_interval
def wait(session: Session, app: str, wait_interval: float | None) -> None:
    """Wait until a review app is there."""
    one = review_apps.of_app(session.api, app)
    if one is None:
        raise UsageError(f"{app} is no review app.")
    ui = TerminalUi(session)
    ended = operations.wait(session.api, one, ui, Pace(waiting=ui.waiting, every=wait_interval))
    if problem := operations.failure(ended):
        raise ClientError(problem)
    session.out.say(f"{app} is there.")
    if session.json:
        session.out.json(msgspec.to_builtins(ended))


@command(
    "reviewapps:destroy",
    "heroku reviewapps:destroy new-menu -p harbour --confirm harbour-new-menu",
    app=False,
)
@click.argument("branch")
@pipeline_option
@confirm
def destroy(session: Session, branch: str, pipeline: str, given: Consent) -> int:
    """Destroy the review app of a branch; its app goes to the trash."""
    found = pipelines.find(session.api, pipeline)
    one = _named(session, branch, pipeline)
    return carry_out(session, operations.Destroy(session.api, found, one), given).exit_code


def _parent(body: Body) -> Body:
    """Take ``--app`` and ``--remote``, which said something in older scripts; warn as Heroku."""

    def warn(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            note = "--app and --remote say nothing here: review apps belong to the pipeline."
            context.ensure_object(Session).out.warn(note)

    for names in (("-r", "--remote"), ("-a", "--app")):
        body = click.option(
            *names, metavar="NAME", expose_value=False, callback=warn, help="Without meaning now."
        )(body)
    return body


@command("reviewapps:enable", "heroku reviewapps:enable -p harbour --autodeploy", app=False)
@pipeline_option
@_parent
@click.option("--autodeploy", is_flag=True, help="Make one for every branch that is pushed.")
@click.option("--autodestroy", is_flag=True, help="Destroy those that nobody pushes to.")
@click.option("--stale-days", type=click.IntRange(1, 90), help="After so many days. Default 5.")
@click.option("--wait-for-ci", is_flag=True, help="Make them once their tests have passed.")
@click.option("--base-name", metavar="NAME", help="What their names begin with.")
@consent
def enable(
    session: Session,
    pipeline: str,
    autodeploy: bool,
    autodestroy: bool,
    given: Consent,
    **more: object,
) -> int:
    """Enable review apps of a pipeline, or change how it wants them."""
    wanted: dict[str, object] = {
        "automatic_review_apps": autodeploy,
        "destroy_stale_apps": autodestroy,
        **more,
    }
    changes = {key: value for key, value in wanted.items() if value}
    found = pipelines.find(session.api, pipeline)
    return carry_out(session, operations.Configure(session.api, found, changes), given).exit_code


@command("reviewapps:disable", "heroku reviewapps:disable -p harbour", app=False)
@pipeline_option
@_parent
@click.option("--no-autodeploy", is_flag=True, help="Only make none by themselves.")
@click.option("--no-autodestroy", is_flag=True, help="Only destroy none by themselves.")
@click.option("--no-wait-for-ci", is_flag=True, help="Only stop waiting for tests.")
@consent
def disable(
    session: Session,
    pipeline: str,
    no_autodeploy: bool,
    no_autodestroy: bool,
    no_wait_for_ci: bool,
    given: Consent,
) -> int:
    """Make no new review apps; those that are there stay."""
    chosen = {
        "automatic_review_apps": no_autodeploy,
        "destroy_stale_apps": no_autodestroy,
        "wait_for_ci": no_wait_for_ci,
    }
    changes = {key: False for key, off in chosen.items() if off} or None
    found = pipelines.find(session.api, pipeline)
    operation = operations.Configure(session.api, found, changes, enables=False)
    return carry_out(session, operation, given).exit_code
