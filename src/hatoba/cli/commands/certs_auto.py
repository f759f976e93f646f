"""certs:auto, certs:auto:enable, certs:auto:disable, certs:auto:refresh."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.client import apps, domains
from hatoba.operations.acm import Automatic, TryAgain, issued
from hatoba.operations.consent import Consent
from hatoba.operations.pace import Pace
from hatoba.schema.platform import Domain

_WORDS = {
    None: "Waiting",
    "pending": "Pending",
    "verified": "In Progress",
    "cert issued": "Cert issued",
    "failing": "Failing",
    "failed": "Failed",
}


@command("certs:auto", "heroku certs:auto -a harbour --wait")
@click.option("--wait", is_flag=True, help="Wait until each domain has its certificate.")
def show(session: Session, app: str, *, wait: bool) -> int:
    """Show the automatic certificates of an app's domains."""
    found = apps.find(session.api, app)
    good = True
    if found.acm and wait:
        with session.out.progress("Waiting for certificates"):
            good = all(check.ok for check in list(issued(session.api, found, Pace())))
    custom = [d for d in domains.listed(session.api, app) if d.kind == "custom"]
    if session.json:
        session.out.json({"acm": found.acm, "domains": [msgspec.to_builtins(d) for d in custom]})
    elif not found.acm:
        session.out.header(f"Automatic Certificate Management is disabled on {app}")
        session.out.say(f"Enable it: heroku certs:auto:enable -a {app}")
    else:
        session.out.header(f"Automatic Certificate Management is enabled on {app}")
        _domains(session, app, custom)
    return 0 if good else 1


def _domains(session: Session, app: str, custom: list[Domain]) -> None:
    if not custom:
        session.out.say(f"Add a custom domain: heroku domains:add www.example.com -a {app}")
        return
    rows = [(d.hostname, _state(d), d.acm_status_reason or "") for d in custom]
    session.out.table(rows, ("Domain", "Status", "Reason"))
    if any(d.acm_status in ("failing", "failed") for d in custom):
        session.out.say(
            "The names must lead here, and the authority must reach them on port 80. Try again: "
            f"heroku certs:auto:refresh -a {app}"
        )


def _state(domain: Domain) -> str:
    if domain.acm_status is None and domain.sni_endpoint is not None:
        return "Has your own"
    return _WORDS.get(domain.acm_status, domain.acm_status or "")


@command("certs:auto:enable", "heroku certs:auto:enable -a harbour --wait")
@click.option("--wait", is_flag=True, help="Wait until each domain has its certificate.")
@consent
def enable(session: Session, app: str, given: Consent, *, wait: bool) -> int:
    """Get certificates for an app's domains, and renew them in time."""
    operation = Automatic(session.api, app, on=True, wait=wait)
    return carry_out(session, operation, given).exit_code


@command("certs:auto:disable", "heroku certs:auto:disable -a harbour --confirm harbour")
@consent
@confirm
def disable(session: Session, app: str, given: Consent) -> int:
    """Get no more certificates, and remove those that were got."""
    operation = Automatic(session.api, app, on=False)
    return carry_out(session, operation, given).exit_code


@command("certs:auto:refresh", "heroku certs:auto:refresh -a harbour")
@consent
def refresh(session: Session, app: str, given: Consent) -> int:
    """Try the domains again that have failed."""
    return carry_out(session, TryAgain(session.api, app), given).exit_code
