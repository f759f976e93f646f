"""ci and its commands: a pipeline's tests, run in throw-away apps."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from hatoba.cli import archives, git
from hatoba.cli.change import TerminalUi
from hatoba.cli.command import Body, command
from hatoba.cli.pipeline_choice import Place, chosen, pipeline_or_app
from hatoba.cli.session import Session
from hatoba.client import setups, test_runs
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations import test_runs as operations
from hatoba.operations.pace import Pace
from hatoba.schema.pipelines import Pipeline
from hatoba.schema.test_runs import TestRun

_SHOWN = 15
_WATCH_SECONDS = 1.0


@command("ci", "heroku ci -p harbour", "heroku ci --watch -p harbour", app=False)
@pipeline_or_app
@click.option("--watch", is_flag=True, help="Go on, and tell what becomes of each; end by Ctrl-C.")
def listing(session: Session, place: Place, watch: bool) -> None:
    """List the newest test runs of a pipeline."""
    found = chosen(session, place)
    runs = test_runs.listed(session.api, found.id)[:_SHOWN]
    if session.json:
        session.out.json(msgspec.to_builtins(runs))
    else:
        _list(session, found, runs)
    if watch:
        _watch(session, found, {one.id: one.status for one in runs})


def _list(session: Session, pipeline: Pipeline, runs: Sequence[TestRun]) -> None:
    session.out.header(f"Showing latest test runs for the {pipeline.name} pipeline")
    for run in runs:
        session.out.data(operations.line(run))
    if not runs:
        session.out.say(f"None. Run the tests here: heroku ci:run -p {pipeline.name}")


def _watch(session: Session, pipeline: Pipeline, told: dict[str, str]) -> NoReturn:
    """Tell each change, until the user ends it."""
    while True:
        session.out.flush()
        time.sleep(_WATCH_SECONDS)
        for run in operations.news(told, test_runs.listed(session.api, pipeline.id)[:_SHOWN]):
            if session.json:
                session.out.json(msgspec.to_builtins(run))
            else:
                session.out.data(operations.line(run))


@command("ci:run", "heroku ci:run -p harbour", app=False)
@pipeline_or_app
def run(session: Session, place: Place) -> int:
    """Run the tests of this folder's commit; ends with their exit code."""
    found = chosen(session, place)
    return _followed(session, _begin(session, found))


def _begin(
    session: Session,
    pipeline: Pipeline,
    ref: str = "HEAD",
    *,
    debug: bool = False,
    no_cache: bool = False,
) -> TestRun:
    """Send a commit of this folder's repository and begin its run."""
    commit = git.attempt("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if commit is None:
        raise UsageError(f"There is no commit {ref} here. Run this in your app's git repository.")
    if ref == "HEAD" and archives.uncommitted(Path()):
        session.out.warn("Changes that are not committed are left out.")
    with tempfile.TemporaryDirectory() as folder, session.out.progress("Preparing source"):
        archive = Path(folder) / "source.tgz"
        git.output("archive", "--format=tar.gz", f"--output={archive}", commit)
        url = setups.upload(session.api, archive)
    body = {
        "commit_branch": git.attempt("rev-parse", "--abbrev-ref", "HEAD") or "HEAD",
        "commit_message": git.output("log", "-1", "--format=%s", commit),
        "commit_sha": commit,
        "pipeline": pipeline.id,
        "source_blob_url": url,
        "debug": debug,
        "clear_cache": no_cache,
    }
    with session.out.progress("Starting test run") as line:
        made = test_runs.create(session.api, body)
        line.done(f"done, #{made.number}")
    return made


def _followed(session: Session, begun: TestRun) -> int:
    ui = TerminalUi(session)
    ended = operations.follow(session.api, begun, ui, Pace(waiting=ui.waiting))
    return _told(session, ended)


def _told(session: Session, run: TestRun) -> int:
    cases = test_runs.cases(session.api, run.id)
    code = operations.exit_code(session.api, run)
    if session.json:
        shown = {"test_run": run, "test_cases": cases, "exit_code": code}
        session.out.json(msgspec.to_builtins(shown))
        return code
    session.out.data()
    session.out.data(operations.line(run))
    if text := operations.summary(cases):
        session.out.data(text)
    if run.message:
        session.out.say(run.message)
    return code


def _only_node(body: Body) -> Body:
    """Take ``--node``, as long as it names the one that there is."""
    return click.option(
        "--node",
        type=click.Choice(["0"]),
        expose_value=False,
        help="The node to show: tests run on one, 0.",
    )(body)


@command("ci:info", "heroku ci:info 7 -p harbour", app=False)
@click.argument("number", type=int)
@pipeline_or_app
@_only_node
def info(session: Session, number: int, place: Place) -> int:
    """Show a test run with its output; ends with its tests' exit code."""
    found = chosen(session, place)
    return _shown(session, test_runs.by_number(session.api, found.id, number))


def _shown(session: Session, run: TestRun) -> int:
    return _followed(session, run) if not session.json else _told(session, run)


@command("ci:last", "heroku ci:last -p harbour", app=False)
@pipeline_or_app
@_only_node
def last(session: Session, place: Place) -> int:
    """Show the newest test run with its output; ends with its tests' exit code."""
    return _shown(session, _newest(session, chosen(session, place)))


def _newest(session: Session, pipeline: Pipeline) -> TestRun:
    runs = test_runs.listed(session.api, pipeline.id)
    if not runs:
        raise ClientError(f"{pipeline.name} has no test runs. heroku ci:run -p {pipeline.name}")
    return runs[0]


@command("ci:rerun", "heroku ci:rerun 7 -p harbour", app=False)
@click.argument("number", type=int, required=False)
@pipeline_or_app
def rerun(session: Session, number: int | None, place: Place) -> int:
    """Run the tests of an earlier run's commit again, from this folder's repository."""
    found = chosen(session, place)
    before = _newest(session, found)
    if number is not None:
        before = test_runs.by_number(session.api, found.id, number)
    session.out.say(f"Rerunning test run #{before.number}...")
    return _followed(session, _begin(session, found, before.commit_sha))


@command("ci:debug", "heroku ci:debug -p harbour", app=False)
@pipeline_or_app
@click.option("--no-setup", is_flag=True, help="Without running the test-setup of app.json.")
@click.option(
    "--no-cache", is_flag=True, help="Build with an empty cache, as a throw-away app does anyway."
)
def debug(session: Session, place: Place, no_setup: bool, no_cache: bool) -> int:
    """Open a shell where the tests of this folder's commit would run, set up as they would be."""
    from hatoba.cli.commands.run import shell

    found = chosen(session, place)
    begun = _begin(session, found, debug=True, no_cache=no_cache)
    ui = TerminalUi(session)
    try:
        now = operations.follow(session.api, begun, ui, Pace(waiting=ui.waiting))
        if now.status != "debugging" or now.app_setup is None:
            raise ClientError(f"The test run is {now.status}: {now.message or 'no reason'}")
        throw_away = setups.find(session.api, now.app_setup.id).app.name
        return shell(session, throw_away, _before_tests(session, no_setup=no_setup))
    finally:
        _end(session, begun)


def _before_tests(session: Session, *, no_setup: bool) -> str | None:
    """Return what is to be run before the shell opens; None when there is nothing."""
    setup = preparation(git.attempt("show", "HEAD:app.json"))
    if setup is not None and no_setup:
        session.out.warn(f"The test-setup of app.json is not run. It is: {setup}")
        return None
    if setup is not None:
        session.out.say("Running setup and attaching to test dyno...")
    return setup


def preparation(manifest: str | None) -> str | None:
    """Return the script that prepares tests by an app.json that the platform has accepted."""
    parsed = json.loads(manifest) if manifest else {}
    own = parsed.get("environments", {}).get("test", {})
    script = {**parsed.get("scripts", {}), **own.get("scripts", {})}.get("test-setup")
    found: str | None = script.get("command") if isinstance(script, dict) else script
    return found


def _end(session: Session, run: TestRun) -> None:
    with session.out.progress("Cleaning up") as line:
        now = test_runs.find(session.api, run.id)
        if now.status not in operations.ENDED:
            now = test_runs.cancel(session.api, run.id, "The debug session has ended.")
        if operations.left(session.api, now, Pace()):
            line.done("the throw-away app is still being destroyed")


@command("ci:open", "heroku ci:open -p harbour", app=False)
@pipeline_or_app
def open_(session: Session, place: Place) -> None:
    """Say where test runs are to be seen: there is no dashboard."""
    found = chosen(session, place)
    raise ClientError(f"There is no dashboard here. See: heroku ci -p {found.name}")
