"""telemetry and its changes: logs, metrics and traces sent on by OTLP."""

from __future__ import annotations

import json

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import telemetry
from hatoba.client.api import Json
from hatoba.errors import UsageError
from hatoba.kit.secret import DOTS, masked_url
from hatoba.operations.consent import Consent
from hatoba.operations.telemetry import ChangeTelemetry
from hatoba.schema.telemetry import TelemetryDrain

_ALL = ("traces", "metrics", "logs")
_SIGNALS = click.option("--signals", help="traces, metrics, logs, by commas; or all.")
_HEADERS = click.option("--headers", help="Headers to send, as a JSON object.")
_TRANSPORT = click.option(
    "--transport", type=click.Choice(["http", "grpc"]), help="Only http is sent here."
)


@command("telemetry", "heroku telemetry -a harbour")
@click.option("--reveal", is_flag=True, help="Show headers and keys.")
def listing(session: Session, app: str, *, reveal: bool) -> None:
    """List where an app's telemetry is sent."""
    found = [_masked(one, reveal=reveal) for one in telemetry.listed(session.api, app)]
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"There are no telemetry drains in {app}")
    else:
        rows = [(one.id, ", ".join(one.signals), one.exporter.endpoint) for one in found]
        session.out.table(rows, ("ID", "Signals", "Endpoint"))


@command("telemetry:info", "heroku telemetry:info 022e2e2e-2e2e-2e2e-2e2e-2e2e2e2e2e2e -a harbour")
@click.argument("drain")
@click.option("--reveal", is_flag=True, help="Show headers and keys.")
def info(session: Session, app: str, drain: str, *, reveal: bool) -> None:
    """Show a telemetry drain."""
    found = {one.id: one for one in telemetry.listed(session.api, app)}
    if drain not in found:
        raise UsageError(f"{app} has no such telemetry drain. See: heroku telemetry -a {app}")
    one = _masked(found[drain], reveal=reveal)
    if session.json:
        session.out.json(one)
        return
    session.out.header(one.id)
    session.out.fields(
        {
            "App": app,
            "Signals": ", ".join(one.signals),
            "Endpoint": one.exporter.endpoint,
            "Transport": "HTTP",
            "Headers": json.dumps(one.exporter.headers) if one.exporter.headers else None,
        }
    )


def _masked(one: TelemetryDrain, *, reveal: bool) -> TelemetryDrain:
    if reveal:
        return one
    headers = dict.fromkeys(one.exporter.headers, DOTS)
    endpoint = masked_url(one.exporter.endpoint)
    exporter = msgspec.structs.replace(one.exporter, endpoint=endpoint, headers=headers)
    return msgspec.structs.replace(one, exporter=exporter)


@command("telemetry:add", "heroku telemetry:add https://otel.example.com --signals logs -a harbour")
@click.argument("endpoint")
@_SIGNALS
@_HEADERS
@_TRANSPORT
@consent
def add(session: Session, app: str, endpoint: str, *, given: Consent, **options: str | None) -> int:
    """Send an app's logs, metrics and traces to an OpenTelemetry collector."""
    body = _body(endpoint, **{**options, "signals": options["signals"] or "all"})
    return carry_out(session, ChangeTelemetry(session.api, app, "add", None, body), given).exit_code


@command(
    "telemetry:update",
    "heroku telemetry:update 022e2e2e-2e2e-2e2e-2e2e-2e2e2e2e2e2e --signals logs -a harbour",
)
@click.argument("drain")
@click.option("--endpoint", help="Where to send it.")
@_SIGNALS
@_HEADERS
@_TRANSPORT
@consent
def update(session: Session, app: str, drain: str, *, given: Consent, **options: str | None) -> int:
    """Change a telemetry drain; what is not given stays."""
    body = _body(**options)
    if not body:
        raise UsageError("Give --endpoint, --signals, --headers or --transport.")
    operation = ChangeTelemetry(session.api, app, "update", drain, body)
    return carry_out(session, operation, given).exit_code


@command(
    "telemetry:remove", "heroku telemetry:remove 022e2e2e-2e2e-2e2e-2e2e-2e2e2e2e2e2e -a harbour"
)
@click.argument("drain")
@consent
def remove(session: Session, app: str, drain: str, given: Consent) -> int:
    """Send nothing more to a telemetry drain."""
    operation = ChangeTelemetry(session.api, app, "remove", drain, {})
    return carry_out(session, operation, given).exit_code


def _body(
    endpoint: str | None = None,
    *,
    signals: str | None = None,
    headers: str | None = None,
    transport: str | None = None,
) -> Json:
    exporter: Json = {}
    if endpoint:
        exporter["endpoint"] = endpoint
    if transport:
        exporter["type"] = "otlp" if transport == "grpc" else "otlphttp"
    if headers is not None:
        exporter["headers"] = _object(headers)
    body: Json = {"exporter": exporter} if exporter else {}
    if signals:
        body["signals"] = list(_ALL) if signals == "all" else signals.split(",")
    return body


def _object(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise UsageError('--headers must be a JSON object of texts, such as {"api-key": "…"}.')
    return found
