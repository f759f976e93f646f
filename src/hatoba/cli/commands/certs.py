"""certs, certs:info."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import domains
from hatoba.operations.certificates import pick
from hatoba.schema.platform import SniEndpoint


@command("certs", "heroku certs -a harbour")
def listing(session: Session, app: str) -> None:
    """List an app's certificates."""
    found = domains.certificates(session.api, app)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
    elif not found:
        session.out.say(f"{app} has no certificates. Add one: heroku certs:add CRT KEY -a {app}")
    else:
        rows = [
            (
                one.name,
                ", ".join(one.ssl_cert.cert_domains),
                one.ssl_cert.expires_at,
                "False" if one.ssl_cert.self_signed else "True",
                str(len(one.domains)),
            )
            for one in found
        ]
        session.out.table(rows, ("Name", "Common Name(s)", "Expires", "Trusted", "Domains"))


@command("certs:info", "heroku certs:info --name mild-quay-10221 -a harbour")
@click.option("--name", metavar="NAME", help="Name of the certificate.")
@click.option("--show-domains", is_flag=True, help="Also the domains that are served with it.")
def info(session: Session, app: str, name: str | None, show_domains: bool) -> None:
    """Show what a certificate says of itself."""
    found = pick(session.api, app, name)
    if session.json:
        session.out.json(msgspec.to_builtins(found))
        return
    cert = found.ssl_cert
    session.out.header(found.name)
    session.out.fields(
        {
            "Common Name(s)": cert.cert_domains,
            "Expires At": cert.expires_at,
            "Issuer": cert.issuer,
            "Starts At": cert.starts_at,
            "Subject": cert.subject,
            "Self-signed": "Yes" if cert.self_signed else "No",
            "Domain(s)": _served(session, app, found) if show_domains else None,
        }
    )


def _served(session: Session, app: str, found: SniEndpoint) -> list[str]:
    there = {one.id: one.hostname for one in domains.listed(session.api, app)}
    return sorted(there[one] for one in found.domains if one in there)
