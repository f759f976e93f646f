"""pg:settings and the settings, one command each."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import Command, command, consent
from hatoba.cli.options import database_argument
from hatoba.cli.session import Session
from hatoba.client import database_settings, databases
from hatoba.operations.consent import Consent
from hatoba.operations.database_settings import ChangeSetting, shown


@command("pg:settings", "heroku pg:settings -a harbour")
@database_argument
def listing(session: Session, app: str, database: str | None) -> None:
    """Show a database's settings. Essential databases share a server and have none."""
    found = databases.resolve(session.api, app, database)
    there = database_settings.listed(session.api, found.addon.id)
    if session.json:
        session.out.json(msgspec.to_builtins(there))
        return
    session.out.header(found.addon.name)
    session.out.fields({name.replace("_", "-"): shown(there[name].value) for name in sorted(there)})


def _command(setting: str, example: str, text: str) -> Command:
    name = f"pg:settings:{setting.replace('_', '-').replace('.', ':')}"

    @database_argument
    @click.argument("value", required=False, metavar="[VALUE]")
    @consent
    def one(
        session: Session, app: str, database: str | None, value: str | None, given: Consent
    ) -> int:
        if value is None:
            _show(session, app, database, setting)
            return 0
        operation = ChangeSetting(session.api, app, database, setting, value, command=name)
        return carry_out(session, operation, given).exit_code

    one.__doc__ = text
    return command(
        name, f"heroku {name} DATABASE -a harbour", f"heroku {name} DATABASE {example} -a harbour"
    )(one)


def _show(session: Session, app: str, database: str | None, setting: str) -> None:
    found = databases.resolve(session.api, app, database)
    one = database_settings.listed(session.api, found.addon.id)[setting]
    if session.json:
        session.out.json(msgspec.to_builtins(one))
        return
    name, value = setting.replace("_", "-"), shown(one.value)
    session.out.data(f"{name} is set to {value} for {found.addon.name}.")
    session.out.data(f"{one.values.get(value, one.desc)}.")


log_lock_waits = _command("log_lock_waits", "off", "Log waits for a lock of over a second.")
log_connections = _command("log_connections", "off", "Log each login.")
log_statement = _command("log_statement", "all", "Log statements: none, ddl, mod or all.")
log_min_duration_statement = _command(
    "log_min_duration_statement", "500", "Log statements that take so many milliseconds; -1: none."
)
log_min_error_statement = _command(
    "log_min_error_statement", "warning", "Log statements that end with this level or worse."
)
track_functions = _command("track_functions", "pl", "Count functions' calls: none, pl or all.")
data_connector_details_logs = _command(
    "data_connector_details_logs", "off", "Log details of data connectors, which there are none of."
)
auto_explain = _command("auto_explain", "on", "Log the plans of slow queries of new connections.")
log_analyze = _command("auto_explain.log_analyze", "on", "Log plans with their real times.")
log_buffers = _command("auto_explain.log_buffers", "on", "Log plans with their use of buffers.")
log_format = _command("auto_explain.log_format", "json", "Log plans as text, json, yaml or xml.")
log_min_duration = _command(
    "auto_explain.log_min_duration", "250", "Log plans of queries that take so many milliseconds."
)
log_nested_statements = _command(
    "auto_explain.log_nested_statements", "on", "Log plans of statements inside functions."
)
log_triggers = _command("auto_explain.log_triggers", "on", "Log plans with their triggers.")
log_verbose = _command("auto_explain.log_verbose", "on", "Log plans with more details.")
