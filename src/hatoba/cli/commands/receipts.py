"""receipts, receipts:info: the audit trail of an app, or of the account."""

from __future__ import annotations

import click

from hatoba.cli import times
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import platform
from hatoba.schema.hatoba import Receipt

_APP = click.option("-a", "--app", "app_name", metavar="APP", help="App whose changes are meant.")
_REMOTE = click.option("-r", "--remote", metavar="REMOTE", help="Git remote of the app.")
_ACCOUNT = click.option(
    "--account", is_flag=True, help="Changes of no app: of teams, members, keys, tokens, users."
)


@command("receipts", "heroku receipts -a harbour", "heroku receipts --account", app=False)
@_APP
@_REMOTE
@_ACCOUNT
@click.option("-n", "--num", type=click.IntRange(1), default=15, help="How many to show.")
def listing(
    session: Session, *, app_name: str | None, remote: str | None, account: bool, num: int
) -> None:
    """List what was changed, by whom, and whether it was verified."""
    app = None if account else session.app(app_name, remote)
    found = platform.receipts(session.api, app)[:num]
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"{app or 'This account'} has no receipts.")
    else:
        session.out.header(f"{app or 'Account'} Receipts")
        session.out.table([_row(one, about=account) for one in found])


def _row(one: Receipt, *, about: bool) -> tuple[str, ...]:
    subject = (one.about,) if about else ()
    mark = "✓" if one.verified else "✗"
    return one.id, one.operation, *subject, mark, one.user, times.ago(one.created_at)


@command(
    "receipts:info",
    "heroku receipts:info r7kq2 -a harbour",
    "heroku receipts:info r7kq2 --account",
    app=False,
)
@click.argument("receipt")
@_APP
@_REMOTE
@_ACCOUNT
def info(
    session: Session, *, receipt: str, app_name: str | None, remote: str | None, account: bool
) -> None:
    """Show one receipt: before, after, each check, and how to undo it."""
    app = None if account else session.app(app_name, remote)
    found = platform.find_receipt(session.api, app, receipt)
    if session.json:
        session.out.json(found)
        return
    session.out.header(f"Receipt {found.id}")
    session.out.fields(
        {
            "Operation": found.operation,
            "App" if found.app else "About": found.about,
            "By": found.user,
            "When": found.created_at,
            "Before": [f"{k}: {v}" for k, v in found.before.items()],
            "After": [f"{k}: {v}" for k, v in found.after.items()],
            "Checks": [f"{'✓' if c.ok else '✗'} {c.what} {c.seen}".rstrip() for c in found.checks],
            "Verified": "yes" if found.verified else "no",
            "Undo": found.undo,
        }
    )
