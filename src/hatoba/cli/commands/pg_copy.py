"""pg:copy."""

from __future__ import annotations

from typing import Unpack

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm
from hatoba.cli.options import Following, verbose, wait_interval
from hatoba.cli.session import Session
from hatoba.operations.backups_onto import Copy
from hatoba.operations.pace import Pace


@command(
    "pg:copy",
    "heroku pg:copy staging::DATABASE DATABASE -a harbour",
    "heroku pg:copy postgres://user:password@db.example.com/harbour DATABASE -a harbour",
)
@click.argument("source")
@click.argument("target")
@verbose()
@wait_interval
@confirm
def copy(session: Session, app: str, source: str, target: str, **options: Unpack[Following]) -> int:
    """Replace what is in a database by what is in another app's, or at a URL."""
    operation = Copy(session.api, app, source, target, pace=Pace(every=options["wait_interval"]))
    operation.verbose = options["verbose"]
    return carry_out(session, operation, options["given"]).exit_code
