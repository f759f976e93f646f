"""apps:errors: what went wrong on an app, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from hatoba.cli.command import command
from hatoba.cli.error_codes import ERRORS
from hatoba.cli.session import Session
from hatoba.client import formation, metrics


@command("apps:errors", "heroku apps:errors -a harbour", "heroku apps:errors --router -a harbour")
@click.option("--hours", type=click.IntRange(1, 168), default=24, help="How far to look back.")
@click.option("--dyno", is_flag=True, help="Only errors of dynos.")
@click.option("--router", is_flag=True, help="Only errors of the router.")
def show(session: Session, app: str, hours: int, dyno: bool, router: bool) -> None:
    """Count the errors of the last hours."""
    of_router = metrics.router_errors(session.api, app, hours) if router or not dyno else {}
    types = [f.type for f in formation.listed(session.api, app)] if dyno or not router else []
    of_dynos = {t: metrics.dyno_errors(session.api, app, t, hours) for t in types}
    if session.json:
        session.out.json({"router": of_router, "dyno": of_dynos})
        return
    rows = [
        row
        for source, found in [("router", of_router), *of_dynos.items()]
        for row in _rows(source, found)
    ]
    if not rows:
        session.out.data(f"No errors on {app} in the last {hours} hours")
        return
    session.out.header(f"Errors on {app} in the last {hours} hours")
    session.out.table(rows, ("Source", "Name", "Level", "Desc", "Count"))


def _rows(source: str, found: Mapping[str, int]) -> Iterator[tuple[str, str, str, str, str]]:
    for name, count in sorted(found.items()):
        level, title = ERRORS.get(name, ("critical", "unknown error"))
        yield source, name, level, title, str(count)
