"""pg:backups, :info, :url, :download, :schedules: looking at backups and fetching them."""

from __future__ import annotations

from pathlib import Path

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import backups, databases
from hatoba.kit.text import size
from hatoba.operations.backups import counted
from hatoba.operations.backups_schedule import shown
from hatoba.schema.backups import Transfer

# As many restores and copies as the official command line shows.
_RECENT = 10


def status(one: Transfer) -> str:
    """Say how far a transfer is, as the official command line does."""
    if one.finished_at and one.succeeded:
        return f"Completed {one.finished_at}"
    if one.canceled_at:
        return f"Cancelled {one.finished_at}"
    if one.finished_at:
        return f"Failed {one.finished_at}"
    return f"Running (processed {size(one.processed_bytes)})" if one.started_at else "Pending"


@command("pg:backups", "heroku pg:backups -a harbour")
def listing(session: Session, app: str) -> None:
    """List the backups, restores and copies of an app's databases."""
    found = backups.listed(session.api, app)
    if session.json:
        session.out.json(found)
        return
    _part(session, "Backups", [t for t in found if t.is_backup], "heroku pg:backups:capture")
    rest = [t for t in found if not t.is_backup]
    restores = [t for t in rest if t.name.startswith("r")][:_RECENT]
    copies = [t for t in rest if t.name.startswith("c")][:_RECENT]
    session.out.data()
    _part(session, "Restores", restores, "heroku pg:backups:restore")
    session.out.data()
    _part(session, "Copies", copies, "heroku pg:copy")


def _part(session: Session, title: str, found: list[Transfer], hint: str) -> None:
    session.out.header(title)
    if not found:
        session.out.data(f"No {title.lower()}. Use {hint}")
        return
    heads = ("ID", "Created at", "Status", "Size", "Counted", "Database")
    session.out.table([_row(one) for one in found], heads)


def _row(one: Transfer) -> tuple[str, ...]:
    rows = counted(one.counts) if one.counts is not None else ""
    where = one.from_name if one.is_backup else f"{one.from_name} → {one.to_name}"
    return one.name, one.created_at, status(one), size(one.processed_bytes), rows, where


@command("pg:backups:info", "heroku pg:backups:info b001 -a harbour")
@click.argument("backup", required=False)
def info(session: Session, app: str, backup: str | None) -> None:
    """Show a backup, by default the newest good one: what was counted in it, and its log."""
    chosen = backups.named(session.api, app, backup) if backup else backups.good(session.api, app)
    found = backups.find(session.api, app, chosen.uuid, log=True)
    if session.json:
        session.out.json(found)
        return
    session.out.header(f"{found.name} on {app}")
    counts = found.counts or {}
    session.out.fields(
        {
            "Database": found.from_name,
            "To": found.to_name,
            "Started at": found.started_at,
            "Finished at": found.finished_at,
            "Status": status(found),
            "Problem": found.problem,
            "Type": "Scheduled" if found.schedule else "Manual",
            "Kept until": found.expires_at,
            "Original DB Size": size(found.source_bytes),
            "Backup Size": size(found.processed_bytes),
            "SHA-256": found.checksum,
            "Verified": counted(counts) if found.counts is not None else "no",
            "Rows": [f"{name}: {rows:,}" for name, rows in sorted(counts.items())],
        }
    )
    session.out.data()
    session.out.header("Backup Logs")
    for line in found.logs:
        session.out.data(f"{line.created_at} {line.message}")


@command("pg:backups:url", "heroku pg:backups:url b001 -a harbour")
@click.argument("backup", required=False)
def url(session: Session, app: str, backup: str | None) -> None:
    """Print a secret URL that opens a backup for an hour, by default the newest good one."""
    found = backups.public_url(session.api, app, backups.good(session.api, app, backup))
    if session.json:
        session.out.json(found)
    else:
        session.out.data(found.url)


@command(
    "pg:backups:download",
    "heroku pg:backups:download -a harbour",
    "heroku pg:backups:download b001 --output harbour.dump -a harbour",
)
@click.argument("backup", required=False)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
def download(session: Session, app: str, backup: str | None, output: Path | None) -> None:
    """Write a backup to a new file, mode 0600, by default the newest good one."""
    found = backups.good(session.api, app, backup)
    path = output or _free_name()
    with session.out.progress(f"Getting backup {found.name} from {app}") as line:
        whole = size(found.processed_bytes)
        backups.download(
            session.api, app, found, path, lambda got: line.status(f"{size(got)} of {whole}")
        )
        line.done(f"done, {path}, {whole}")
    if found.checksum:
        session.out.say(f"✓ size and SHA-256 are those of {found.name}", "green")
    if session.json:
        session.out.json({"backup": found.name, "file": str(path), "checksum": found.checksum})


def _free_name() -> Path:
    """Return latest.dump, or latest.dump.1 and so on where that exists."""
    path, number = Path("latest.dump"), 0
    while path.exists():
        number += 1
        path = Path(f"latest.dump.{number}")
    return path


@command("pg:backups:schedules", "heroku pg:backups:schedules -a harbour")
def schedules(session: Session, app: str) -> int:
    """List the daily backups of an app; exit code 1 when the last one went wrong."""
    attached = databases.attached(session.api, app)
    addons = {one.addon.id: one for one in attached}
    found = {s.uuid: s for addon in addons for s in backups.schedules(session.api, addon)}
    failing = [one for one in found.values() if one.problem]
    if session.json:
        session.out.json(list(found.values()))
    elif not found:
        session.out.say(
            f"{app} has no daily backups. Set one: "
            f"heroku pg:backups:schedule DATABASE --at '02:00 UTC' -a {app}"
        )
    else:
        session.out.header("Backup Schedules")
        for one in found.values():
            session.out.data(f"{one.name}: {shown(one)}, next {one.next_at or 'unknown'}")
    for one in failing:
        session.out.warn(f"{one.name}: {one.problem}")
    return 1 if failing else 0
