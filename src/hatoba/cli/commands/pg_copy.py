"""pg:copy."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm
from hatoba.cli.session import Session
from hatoba.operations.backups_onto import Copy
from hatoba.operations.consent import Consent


@command(
    "pg:copy",
    "heroku pg:copy staging::DATABASE DATABASE -a harbour",
    "heroku pg:copy postgres://user:password@db.example.com/harbour DATABASE -a harbour",
)
@click.argument("source")
@click.argument("target")
@confirm
def copy(session: Session, app: str, source: str, target: str, given: Consent) -> int:
    """Replace what is in a database by what is in another app's, or at a URL."""
    return carry_out(session, Copy(session.api, app, source, target), given).exit_code
