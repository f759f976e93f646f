"""Where a secret that is made just now may go: to the screen only when asked, or into a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.kit.files import write_atomic

Body = Callable[..., int | None]


def shown_once(body: Body) -> Body:
    """Add ``--reveal`` and ``--output``, of which one must be given."""
    for option in (
        click.option("--reveal", is_flag=True, help="Print it, now and never again."),
        click.option(
            "--output",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write it into this file, which only you can read.",
        ),
    ):
        body = option(body)
    return body


def check_place(session: Session, what: str, *, reveal: bool, output: Path | None) -> None:
    """Raise UsageError, before anything is made, when what is made could not be handed over."""
    if not reveal and output is None:
        raise UsageError(
            f"The {what} can be seen only once. Print it with --reveal, or keep it in a file: "
            "--output FILE"
        )
    if session.json and output is None:
        raise UsageError(f"With --json the {what} goes into a file: --output FILE")


def hand_over(session: Session, secret: str, *, output: Path | None) -> None:
    """Print the secret, or write it into a file of mode 600."""
    if output is None:
        session.out.data(secret)
        return
    write_atomic(output, f"{secret}\n")
    session.out.say(f"Written to {output}, which only you can read.")
