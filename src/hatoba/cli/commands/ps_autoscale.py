"""ps:autoscale and its switches."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import metrics
from hatoba.operations.autoscale import DisableAutoscale, EnableAutoscale
from hatoba.operations.consent import Consent


@command("ps:autoscale", "heroku ps:autoscale -a harbour")
def show(session: Session, app: str) -> None:
    """Show by what an app's web dynos are scaled."""
    found = metrics.monitor(session.api, app)
    if session.json:
        session.out.json(found)
    elif found is None or not found.is_active:
        session.out.data("off")
    else:
        session.out.fields(
            {
                "Dynos": f"{found.min_quantity} to {found.max_quantity}",
                "Desired p95": f"{found.value} ms",
            }
        )


@command("ps:autoscale:enable", "heroku ps:autoscale:enable --min 1 --max 4 --p95 500 -a harbour")
@click.option("--min", "least", type=click.IntRange(1, 100), required=True, help="Fewest dynos.")
@click.option("--max", "most", type=click.IntRange(1, 100), required=True, help="Most dynos.")
@click.option("--p95", type=click.IntRange(1), help="Desired p95 response time in ms.")
@consent
def enable(
    session: Session, app: str, least: int, most: int, p95: int | None, given: Consent
) -> int:
    """Have web dynos scaled by the response times that the router measures."""
    if least > most:
        raise click.UsageError("--min must not be above --max.")
    operation = EnableAutoscale(session.api, app, (least, most), p95)
    return carry_out(session, operation, given).exit_code


@command("ps:autoscale:disable", "heroku ps:autoscale:disable -a harbour --yes")
@consent
def disable(session: Session, app: str, given: Consent) -> int:
    """Leave the number of web dynos as it is."""
    return carry_out(session, DisableAutoscale(session.api, app), given).exit_code
