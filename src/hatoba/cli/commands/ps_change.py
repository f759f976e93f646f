"""ps:scale, ps:type, ps:restart, ps:stop: changing which dynos run."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import formation as formations
from hatoba.client.dynos import Which
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.kit.text import listing
from hatoba.operations import dynos
from hatoba.operations.consent import Consent
from hatoba.operations.formation import Resize, Scale, parse_scale, parse_sizes
from hatoba.schema.platform import Formation


@command(
    "ps:scale",
    "heroku ps:scale web=2 worker=1 -a harbour",
    "heroku ps:scale web=1:standard-2x -a harbour",
    "heroku ps:scale -a harbour",
)
@click.argument("wishes", nargs=-1, metavar="[TYPE=QUANTITY[:SIZE]]...")
@consent
def scale(session: Session, app: str, wishes: tuple[str, ...], given: Consent) -> int | None:
    """Change how many dynos run; without arguments, show it."""
    if wishes:
        operation = Scale(session.api, app, parse_scale(wishes))
        return carry_out(session, operation, given).exit_code
    found = _formation(session, app)
    if session.json:
        session.out.json(found)
    else:
        session.out.data(" ".join(f"{f.type}={f.quantity}:{f.size}" for f in found))
    return None


@command(
    "ps:type",
    "heroku ps:type -a harbour",
    "heroku ps:type standard-1x -a harbour",
    "heroku ps:type web=standard-2x -a harbour",
)
@click.argument("sizes", nargs=-1, metavar="[SIZE | TYPE=SIZE...]")
@consent
def type_(session: Session, app: str, sizes: tuple[str, ...], given: Consent) -> int | None:
    """Change the size of dynos; without arguments, show it."""
    found = _formation(session, app)
    code = None
    if sizes:
        wishes = parse_sizes(sizes, [f.type for f in found])
        operation = Resize(session.api, app, wishes)
        code = carry_out(session, operation, given).exit_code
        found = _formation(session, app)
    elif session.json:
        session.out.json(found)
    if not session.json:
        _show_sizes(session, found)
    return code


def _formation(session: Session, app: str) -> list[Formation]:
    found = formations.listed(session.api, app)
    if not found:
        raise ClientError(
            f"No process types on {app}. Push code with a Procfile: git push heroku main"
        )
    return found


def _show_sizes(session: Session, found: list[Formation]) -> None:
    session.out.header("Process Types")
    session.out.table([(f.type, f.size, str(f.quantity)) for f in found], ("Type", "Size", "Qty"))
    session.out.data()
    totals: dict[str, int] = {}
    for entry in found:
        totals[entry.size] = totals.get(entry.size, 0) + entry.quantity
    session.out.header("Dyno Totals")
    session.out.table([(size, str(n)) for size, n in totals.items()], ("Type", "Total"))


@command(
    "ps:restart",
    "heroku ps:restart -a harbour",
    "heroku ps:restart web -a harbour",
    "heroku ps:restart --dyno-name web.1 -a harbour",
)
@click.argument("dyno", required=False, metavar="[DYNO | TYPE]")
@click.option("-d", "--dyno-name", help="Name of the dyno to restart.")
@click.option("-p", "--process-type", help="Process type to restart.")
@consent
def restart(
    session: Session,
    app: str,
    dyno: str | None,
    dyno_name: str | None,
    process_type: str | None,
    given: Consent,
) -> int:
    """Restart dynos: all of them, one, or those of a process type."""
    which = _which(dyno, dyno_name, process_type)
    operation = dynos.Restart(session.api, app, which)
    return carry_out(session, operation, given).exit_code


@command(
    "ps:stop",
    "heroku ps:stop --dyno-name run.1828 -a harbour",
    "heroku ps:stop --process-type worker -a harbour",
)
@click.argument("dyno", required=False, metavar="[DYNO | TYPE]")
@click.option("-d", "--dyno-name", help="Name of the dyno to stop.")
@click.option("-p", "--process-type", help="Process type to stop.")
@consent
def stop(
    session: Session,
    app: str,
    dyno: str | None,
    dyno_name: str | None,
    process_type: str | None,
    given: Consent,
) -> int:
    """Stop a dyno or the dynos of a process type."""
    which = _which(dyno, dyno_name, process_type)
    if which == Which():
        raise UsageError("Say which: heroku ps:stop --dyno-name DYNO or --process-type TYPE.")
    operation = dynos.Stop(session.api, app, which)
    return carry_out(session, operation, given).exit_code


def _which(dyno: str | None, name: str | None, type_: str | None) -> Which:
    """Return the wanted dynos. A word with a dot is a dyno's name, one without a type."""
    given = [w for w in (dyno, name, type_) if w]
    if len(given) > 1:
        raise UsageError(f"Choose one of {listing(given, last='or')}.")
    if dyno:
        return Which(name=dyno) if "." in dyno else Which(type=dyno)
    return Which(name=name, type=type_)
