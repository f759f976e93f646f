"""container:release, container:rm."""

from __future__ import annotations

from collections.abc import Callable

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.containers import ReleaseImages, RemoveImages


@command(
    "container:release",
    "heroku container:release web -a harbour",
    "heroku container:release web worker -a harbour",
)
@click.argument("types", nargs=-1, metavar="PROCESS TYPE...")
@click.option("-v", "--verbose", is_flag=True, hidden=True)
@consent
def release(
    session: Session, app: str, types: tuple[str, ...], given: Consent, *, verbose: bool
) -> int:
    """Release the images that were pushed last."""
    del verbose
    if not types:
        raise UsageError("Requires one or more process types")
    operation = ReleaseImages(session.api, app, types, _show(session))
    return carry_out(session, operation, given).exit_code


@command(
    "container:rm",
    "heroku container:rm web -a harbour",
    "heroku container:rm web worker -a harbour",
)
@click.argument("types", nargs=-1, metavar="PROCESS TYPE...")
@consent
def remove(session: Session, app: str, types: tuple[str, ...], given: Consent) -> int:
    """Remove process types from a container app."""
    if not types:
        raise UsageError("Requires one or more process types")
    operation = RemoveImages(session.api, app, types, _show(session))
    return carry_out(session, operation, given).exit_code


def _show(session: Session) -> Callable[[bytes], None]:
    """Return where the output of a release command goes."""
    return session.out.note if session.json else session.out.raw
