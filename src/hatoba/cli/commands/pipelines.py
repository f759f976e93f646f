"""pipelines, pipelines:info, pipelines:diff."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import pipelines
from hatoba.operations import promotion
from hatoba.operations.pipelines import coupled


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
    owners = ("Owner",) if with_owners else ()
    rows = [
        (one.app.name, one.stage, one.words, *((one.app.owner.email,) if with_owners else ()))
        for one in there
    ]
    if rows:
        session.out.table(rows, ("App Name", "Stage", "Runs", *owners))
    else:
        session.out.say(f"No apps. Add one: heroku pipelines:add {found.name} -a APP")


@command("pipelines:diff", "heroku pipelines:diff -a harbour-staging")
def diff(session: Session, app: str) -> None:
    """Compare what an app runs with the apps of the next stage."""
    place = coupled(session.api, app)
    there = promotion.members(session.api, place.pipeline.id)
    source = next(one for one in there if one.app.id == place.app.id)
    rows = []
    for one in promotion.downstream(session.api, place, app):
        same = one.runs(source.slug)
        rows.append((one.app.name, one.words, "up to date" if same else "differs"))
    if session.json:
        session.out.json([{"app": n, "runs": w, "same": s == "up to date"} for n, w, s in rows])
        return
    session.out.header(f"{source.app.name} runs {source.words}")
    session.out.table(rows, ("App Name", "Runs", ""))
