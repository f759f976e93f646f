"""domains, domains:info, domains:wait."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import domains
from hatoba.errors import UsageError
from hatoba.operations.pace import Pace

WAIT_SECONDS = 600.0


@command("domains", "heroku domains -a harbour")
def listing(session: Session, app: str) -> None:
    """List the host names that lead to an app."""
    found = domains.listed(session.api, app)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    session.out.header(f"{app} Heroku Domain")
    for one in found:
        if one.kind == "heroku":
            session.out.data(one.hostname)
    custom = [one for one in found if one.kind == "custom"]
    if custom:
        session.out.data()
        session.out.header(f"{app} Custom Domains")
        rows = [
            (one.hostname, one.cname or "", one.sni_endpoint.name if one.sni_endpoint else "")
            for one in custom
        ]
        session.out.table(rows, ("Domain Name", "DNS Target", "SNI Endpoint"))


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
        with session.out.progress(f"Waiting for {name}"):
            found = Pace().until(
                lambda name=name: domains.find(session.api, app, name),  # type: ignore[misc]
                lambda seen: seen.status != "pending",
                WAIT_SECONDS,
            )
        if found.status not in ("succeeded", "none"):
            raise UsageError(f"The domain creation finished with status {found.status}")
    return 0
