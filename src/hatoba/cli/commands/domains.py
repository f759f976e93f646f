"""domains, domains:info, domains:wait."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click
import msgspec

from hatoba.cli import domain_table
from hatoba.cli.command import command
from hatoba.cli.options import no_wrap
from hatoba.cli.session import Session
from hatoba.client import domains
from hatoba.errors import UsageError
from hatoba.operations.pace import Pace

WAIT_SECONDS = 600.0


class Options(TypedDict):
    """What is to be seen of an app's own domains, and how."""

    csv: bool
    columns: str | None
    filter: str | None
    sort: str | None
    extended: bool


@command(
    "domains",
    "heroku domains -a harbour",
    "heroku domains --filter 'Domain Name=www.example.com' -a harbour",
    "heroku domains --csv -a harbour",
)
@click.option(
    "-c", "--csv", is_flag=True, help="Print the app's own domains as CSV, below the same headers."
)
@click.option("--columns", metavar="LIST", help="Only these columns, with commas between them.")
@click.option("--filter", metavar="COLUMN=TEXT", help="Only those with that in a column.")
@click.option("--sort", metavar="COLUMN", help="In the order of a column.")
@click.option("-x", "--extended", is_flag=True, help="Also how its certificate is doing.")
@no_wrap
def listing(session: Session, app: str, **options: Unpack[Options]) -> None:
    """List the host names that lead to an app."""
    found = domains.listed(session.api, app)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    custom = [one for one in found if one.kind == "custom"]
    shown = domain_table.chosen(custom, options["filter"], options["sort"])
    heads = domain_table.heads(options["columns"], extended=options["extended"])
    rows = domain_table.rows(shown, heads)
    session.out.header(f"{app} Heroku Domain")
    for one in found:
        if one.kind == "heroku":
            session.out.data(one.hostname)
    if not rows:
        return
    session.out.data()
    session.out.header(f"{app} Custom Domains")
    if options["csv"]:
        session.out.data(domain_table.as_csv([heads, *rows]))
    else:
        session.out.table(rows, heads)


@command("domains:info", "heroku domains:info www.example.com -a harbour")
@click.argument("hostname")
def info(session: Session, app: str, hostname: str) -> None:
    """Show one domain."""
    found = domains.find(session.api, app, hostname)
    if session.json:
        session.out.json(msgspec.to_builtins(found))
        return
    fields = {
        "hostname": found.hostname,
        "kind": found.kind,
        "cname": found.cname,
        "status": found.status,
        "sni_endpoint": found.sni_endpoint.name if found.sni_endpoint else None,
        "created_at": found.created_at,
    }
    session.out.fields(fields)


@command("domains:wait", "heroku domains:wait www.example.com -a harbour")
@click.argument("hostname", required=False)
def wait(session: Session, app: str, hostname: str | None) -> int:
    """Wait until a domain, or all of an app's, are in force."""
    names = [hostname] if hostname else [d.hostname for d in domains.listed(session.api, app)]
    for name in names:
        in_force(session, app, name)
    return 0


def in_force(session: Session, app: str, name: str) -> None:
    """Wait until a domain is in force. Raises UsageError when it will not be."""
    with session.out.progress(f"Waiting for {name}"):
        found = Pace().until(
            lambda: domains.find(session.api, app, name),
            lambda seen: seen.status != "pending",
            WAIT_SECONDS,
        )
    if found.status not in ("succeeded", "none"):
        raise UsageError(f"The domain creation finished with status {found.status}")
