"""pg:quotas: how much databases may store."""

from __future__ import annotations

import math

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.options import database_argument
from hatoba.cli.session import Session
from hatoba.client import database_quotas, databases
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.database_quotas import ChangeQuota, shown, status

_TYPE = click.option(
    "--type", "kind", type=click.Choice(["storage"]), default="storage", help="Which quota."
)


@command("pg:quotas", "heroku pg:quotas DATABASE -a harbour")
@database_argument
@_TYPE
def show(session: Session, app: str, database: str | None, kind: str) -> None:
    """Show how much a database stores, and at which sizes something is done about it."""
    found = databases.resolve(session.api, app, database)
    quota = database_quotas.storage(session.api, found.addon.id)
    if session.json:
        session.out.json(msgspec.to_builtins(quota))
        return
    session.out.header(kind.capitalize())
    session.out.fields(
        {
            "Warning": _size(quota.warning_gb),
            "Critical": _size(quota.critical_gb),
            "Enforcement Action": quota.enforcement_action.capitalize(),
            "Status": status(quota),
        }
    )


def _size(size: float | None) -> str:
    return "Not set" if size is None else f"{shown(size)} GB"


@command(
    "pg:quotas:update",
    "heroku pg:quotas:update DATABASE --warning 12 --critical 15 --enforcement-action notify "
    "-a harbour",
)
@database_argument
@_TYPE
@click.option("--warning", metavar="GB", help="Size that is told in the logs; none: not any.")
@click.option("--critical", metavar="GB", help="Size at which the action is taken.")
@click.option(
    "--enforcement-action",
    "action",
    type=click.Choice(["notify", "restrict", "none"]),
    help="What becomes of a larger one: told, writes refused, nothing.",
)
@consent
def update(
    session: Session, app: str, database: str | None, given: Consent, **asked: str | None
) -> int:
    """Set the sizes at which somebody is told, or writes are refused."""
    changes: dict[str, object] = {
        f"{name}_gb": _gigabytes(name, text)
        for name in ("warning", "critical")
        if (text := asked[name]) is not None
    }
    if asked["action"] is not None:
        changes["enforcement_action"] = asked["action"]
    if not changes:
        raise UsageError("Give at least one of --warning, --critical and --enforcement-action.")
    return carry_out(session, ChangeQuota(session.api, app, database, changes), given).exit_code


def _gigabytes(name: str, text: str) -> float | None:
    """Return a size in GB, None for none. Raises UsageError."""
    if text == "none":
        return None
    try:
        size = float(text)
    except ValueError:
        size = math.nan
    if not (math.isfinite(size) and size > 0):
        raise UsageError(f"--{name} takes a number of GB above 0, or none.")
    return size
