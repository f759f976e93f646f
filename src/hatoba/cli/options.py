"""Options that several commands share with the official command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

import click

from hatoba.cli.command import Body
from hatoba.cli.session import Session

if TYPE_CHECKING:
    from hatoba.operations.consent import Consent


class Following(TypedDict):
    """How a change that takes long is followed, and whether it was agreed to."""

    verbose: bool
    wait_interval: float | None
    given: Consent


def database_argument(body: Body) -> Body:
    """Take the name of an attached database, None for the app's primary one."""
    return click.argument("database", required=False, metavar="[DATABASE]")(body)


def verbose(*short: str) -> Callable[[Body], Body]:
    """Add ``--verbose``: what is done is told as its log has it."""
    return click.option(*short, "--verbose", is_flag=True, help="Tell its log meanwhile.")


def wait_interval(body: Body) -> Body:
    """Add ``--wait-interval``; the function gets seconds, or None for the usual pace."""
    return click.option(
        "--wait-interval",
        type=click.FloatRange(min=0.05),
        metavar="SECONDS",
        help="How long between two looks. By default quick at first, then every half second.",
    )(body)


def no_wrap(body: Body) -> Body:
    """Add ``--no-wrap``: a row of a table is a line, however narrow the terminal."""
    return click.option(
        "--no-wrap",
        is_flag=True,
        expose_value=False,
        callback=_keep_rows,
        help="Leave rows whole where the terminal is narrower.",
    )(body)


def _keep_rows(context: click.Context, param: click.Parameter, given: bool) -> None:
    del param
    if given and (session := context.find_object(Session)):
        session.out.keep_rows()


def attachment_name(body: Body) -> Body:
    """Add ``--as``; the function gets the attachment's name in capitals, or None."""
    return click.option(
        "--as",
        "alias",
        metavar="NAME",
        callback=lambda _, __, value: value.upper() if value else None,
        help="Name of the attachment to make it, such as REPORTS.",
    )(body)
