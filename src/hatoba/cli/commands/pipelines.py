"""pipelines, pipelines:info, pipelines:diff."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import apps, pipelines
from hatoba.operations import promotion
from hatoba.operations.pipelines import coupled
from hatoba.operations.promotion import Member
from hatoba.schema.pipelines import Pipeline


@command("pipelines", "heroku pipelines", app=False)
def listing(session: Session) -> None:
    """List the pipelines that you have access to."""
    found = pipelines.listed(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
    elif not found:
        session.out.say("You have no pipelines. Make one: heroku pipelines:create NAME -a APP")
    else:
        session.out.header("My Pipelines")
        for one in found:
            session.out.data(one.name)


@command("pipelines:info", "heroku pipelines:info harbour", app=False)
@click.argument("pipeline")
@click.option("--with-owners", is_flag=True, help="Show each app's owner.")
def info(session: Session, pipeline: str, *, with_owners: bool) -> None:
    """Show the apps of a pipeline, their stages, and what each of them runs."""
    found = pipelines.find(session.api, pipeline)
    there = promotion.members(session.api, found.id)
    if session.json:
        shown = [
            {"app": one.app.name, "stage": one.stage, "runs": one.words, "owner": one.app.owner}
            for one in there
        ]
        session.out.json(
            {"pipeline": msgspec.to_builtins(found), "apps": msgspec.to_builtins(shown)}
        )
        return
    session.out.header(found.name)
    session.out.data(f"owner: {_owner(session, found, there)}")
    session.out.data()
    owners = ("owner",) if with_owners else ()
    rows = [
        (one.app.name, one.stage, one.words, *((one.app.owner.email,) if with_owners else ()))
        for one in there
    ]
    if rows:
        session.out.table(rows, ("app name", "stage", "runs", *owners))
    else:
        session.out.say(f"No apps. Add one: heroku pipelines:add {found.name} -a APP")


def _owner(session: Session, found: Pipeline, there: list[Member]) -> str:
    """Return the owner's e-mail address, as far as it is to be learned."""
    known = {one.app.owner.id: one.app.owner.email for one in there}
    if mine := apps.account_told(session.api):
        known[mine.id] = mine.email
    return known.get(found.owner.id, found.owner.id)


@command(
    "pipelines:diff",
    "heroku pipelines:diff -a harbour-staging",
    "heroku pipelines:diff --all -a harbour-staging",
)
@click.option("--all", "every", is_flag=True, help="Compare each stage with the one after it.")
def diff(session: Session, app: str, every: bool) -> None:
    """Compare what an app runs with the apps of the next stage."""
    place = coupled(session.api, app)
    there = promotion.members(session.api, place.pipeline.id)
    sources = [one for one in there if every or one.app.id == place.app.id]
    pairs = [(one, after) for one in sources for after in promotion.following(there, one)]
    if not pairs and not every:
        promotion.downstream(session.api, place, app)
    same = {True: "up to date", False: "differs"}
    if session.json:
        session.out.json(
            [
                {"from": a.app.name, "app": b.app.name, "runs": b.words, "same": b.runs(a.slug)}
                for a, b in pairs
            ]
        )
        return
    for source in sources:
        rows = [(b.app.name, b.words, same[b.runs(a.slug)]) for a, b in pairs if a is source]
        if rows:
            session.out.header(f"{source.app.name} runs {source.words}")
            session.out.table(rows, ("App Name", "Runs", ""))
