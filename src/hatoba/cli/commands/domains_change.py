"""domains:add, domains:remove, domains:clear, domains:update."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.commands.domains import in_force
from hatoba.cli.session import Session
from hatoba.operations.consent import Consent
from hatoba.operations.domains import AddDomain, RemoveDomains, UpdateDomain


@command(
    "domains:add",
    "heroku domains:add www.example.com -a harbour",
    "heroku domains:add '*.example.com' -a harbour",
)
@click.argument("hostname")
@click.option("-c", "--cert", metavar="NAME", help="Certificate to serve the domain with.")
@click.option("--wait", is_flag=True, help="Wait until it is in force, as domains:wait does.")
@consent
def add(
    session: Session, app: str, hostname: str, cert: str | None, wait: bool, given: Consent
) -> int:
    """Lead a host name to an app."""
    operation = AddDomain(session.api, app, hostname, endpoint=cert)
    outcome = carry_out(session, operation, given)
    if wait:
        in_force(session, app, hostname)
    return outcome.exit_code


@command("domains:remove", "heroku domains:remove www.example.com -a harbour")
@click.argument("hostname")
@consent
def remove(session: Session, app: str, hostname: str, given: Consent) -> int:
    """Lead a host name to an app no more."""
    return carry_out(session, RemoveDomains(session.api, app, hostname), given).exit_code


@command("domains:clear", "heroku domains:clear -a harbour")
@consent
def clear(session: Session, app: str, given: Consent) -> int:
    """Remove all custom domains of an app."""
    return carry_out(session, RemoveDomains(session.api, app, None), given).exit_code


@command(
    "domains:update", "heroku domains:update www.example.com --cert mild-quay-10221 -a harbour"
)
@click.argument("hostname")
@click.option("--cert", metavar="NAME", required=True, help="Certificate to serve it with.")
@consent
def update(session: Session, app: str, hostname: str, cert: str, given: Consent) -> int:
    """Choose the certificate that a domain is served with."""
    return carry_out(session, UpdateDomain(session.api, app, hostname, cert), given).exit_code
