"""receipts, receipts:info: the audit trail of an app."""

from __future__ import annotations

import click

from hatoba.cli import times
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import platform


@command("receipts", "heroku receipts -a harbour")
@click.option("-n", "--num", type=click.IntRange(1), default=15, help="How many to show.")
def listing(session: Session, app: str, num: int) -> None:
    """List what was changed, by whom, and whether it was verified."""
    found = platform.receipts(session.api, app)[:num]
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"{app} has no receipts.")
    else:
        rows = [
            (r.id, r.operation, "✓" if r.verified else "✗", r.user, times.ago(r.created_at))
            for r in found
        ]
        session.out.header(f"{app} Receipts")
        session.out.table(rows)


@command("receipts:info", "heroku receipts:info r7kq2 -a harbour")
@click.argument("receipt")
def info(session: Session, app: str, receipt: str) -> None:
    """Show one receipt: before, after, each check, and how to undo it."""
    found = platform.find_receipt(session.api, app, receipt)
    if session.json:
        session.out.json(found)
        return
    session.out.header(f"Receipt {found.id}")
    session.out.fields(
        {
            "Operation": found.operation,
            "App": found.app,
            "By": found.user,
            "When": found.created_at,
            "Before": [f"{k}: {v}" for k, v in found.before.items()],
            "After": [f"{k}: {v}" for k, v in found.after.items()],
            "Checks": [f"{'✓' if c.ok else '✗'} {c.what} {c.seen}".rstrip() for c in found.checks],
            "Verified": "yes" if found.verified else "no",
            "Undo": found.undo,
        }
    )
