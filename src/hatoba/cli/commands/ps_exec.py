"""ps:exec, ps:copy: a shell inside a dyno that runs, and files out of it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import dynos
from hatoba.client.errors import ClientError

DYNO = click.option("-d", "--dyno", metavar="NAME", help="Dyno. Default web.1, or the first one.")


@command(
    "ps:exec",
    "heroku ps:exec -a harbour",
    "heroku ps:exec -d worker.1 -a harbour -- cat Procfile",
    "heroku ps:exec --status -a harbour",
    words=True,
)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@DYNO
@click.option("--status", is_flag=True, help="Show which dynos can be joined.")
@click.option("--no-tty", is_flag=True, help="Run without a terminal.")
@click.option("--ssh", is_flag=True, expose_value=False, hidden=True)
def exec_(
    session: Session,
    app: str,
    words: tuple[str, ...],
    dyno: str | None,
    status: bool,
    no_tty: bool,
) -> int:
    """Open a shell, or run a command, inside a dyno that runs. Needs no SSH."""
    from hatoba.cli.commands.run import command_line, run_inside

    if status:
        return _status(session, app)
    chosen = dyno or chosen_dyno(session, app)
    return run_inside(
        session, app, chosen, command_line(words or ("bash",)), no_tty=no_tty, no_launcher=False
    )


def _status(session: Session, app: str) -> int:
    found = dynos.listed(session.api, app)
    if session.json:
        session.out.json(
            [{"dyno": d.name, "state": d.state, "exec": d.state == "up"} for d in found]
        )
    else:
        session.out.header(f"Heroku Exec {app}")
        rows = [(d.name, d.state, "ready" if d.state == "up" else "not ready") for d in found]
        session.out.table(rows, ("Dyno", "Dyno Status", "Exec"))
    return 0 if any(d.state == "up" for d in found) else 1


def chosen_dyno(session: Session, app: str) -> str:
    """Return the dyno that is meant when none is named. Raises ClientError when none is up."""
    up = [d.name for d in dynos.listed(session.api, app) if d.state == "up"]
    if not up:
        raise ClientError(f"No dyno of {app} is up. Start one: heroku ps:scale web=1 -a {app}")
    return "web.1" if "web.1" in up else up[0]


@command(
    "ps:copy",
    "heroku ps:copy log/production.log -a harbour",
    "heroku ps:copy /tmp/heap.dump -d worker.1 -o heap.dump -a harbour",
)
@click.argument("file")
@DYNO
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Name of the copy here.")
def copy(session: Session, app: str, file: str, dyno: str | None, output: Path | None) -> None:
    """Copy a file out of a dyno that runs, checked by its SHA-256."""
    from hatoba.cli import copying

    target = output or Path(PurePosixPath(file).name)
    if target.exists():
        raise ClientError(f"{target} exists already. Give the copy another name: --output NAME")
    chosen = dyno or chosen_dyno(session, app)
    with session.out.progress(f"Copying {file} from {chosen} to {target}") as progress:
        copied = copying.copy(session, app, chosen, file, target)
        progress.done(f"done, {copied.size:,} bytes")
    session.out.say(f"✓ SHA-256 {copied.digest} there and here", "green")
    if session.json:
        session.out.json(
            {
                "dyno": chosen,
                "file": file,
                "to": str(target),
                "bytes": copied.size,
                "sha256": copied.digest,
            }
        )
