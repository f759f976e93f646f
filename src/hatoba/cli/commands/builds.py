"""builds, builds:create, builds:info, builds:output, builds:cancel, builds:cache:purge."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hatoba.cli import git, times
from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import builds, streams
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations.builds import BuildArchive, CancelBuild, DropBuildCache
from hatoba.operations.consent import Consent
from hatoba.schema.platform import Build


@command("builds", "heroku builds -a harbour", "heroku builds -n 5 -a harbour")
@click.option("-n", "--num", type=click.IntRange(1, 1000), default=15, help="How many to show.")
def listing(session: Session, app: str, num: int) -> None:
    """List the builds of an app, the newest first."""
    found = builds.latest(session.api, app, num)
    if session.json:
        session.out.json(found)
        return
    if not found:
        session.out.data(f"{app} has no builds.")
        return
    session.out.header(f"{app} Builds")
    rows = [
        (b.id, b.status, b.source_blob.version or "", b.user.email, times.ago(b.created_at))
        for b in found
    ]
    session.out.table(rows, ("ID", "Status", "Source", "By", "When"))


@command("builds:info", "heroku builds:info -a harbour")
@click.argument("build", required=False, metavar="[ID]")
def info(session: Session, app: str, build: str | None) -> None:
    """Show a build, by default the newest."""
    found = _find(session, app, build)
    if session.json:
        session.out.json(found)
        return
    session.out.header(f"Build {found.id}")
    session.out.fields(
        {
            "Status": found.status,
            "Source": found.source_blob.version,
            "Stack": found.stack,
            "Buildpacks": [pack.url for pack in found.buildpacks or []],
            "By": found.user.email,
            "When": found.created_at,
            "Release": found.release.id if found.release else None,
            "Slug": found.slug.id if found.slug else None,
        }
    )


@command("builds:output", "heroku builds:output -a harbour")
@click.argument("build", required=False, metavar="[ID]")
def output(session: Session, app: str, build: str | None) -> None:
    """Show what a build printed, by default the newest, and follow it to its end."""
    found = _find(session, app, build)
    for piece in streams.output(session.api, found.output_stream_url):
        session.out.raw(piece)


@command(
    "builds:create",
    "heroku builds:create -a harbour",
    "heroku builds:create --source-tar app.tar.gz -a harbour",
    "heroku builds:create --source-url https://example.com/app.tar.gz --version v7 -a harbour",
)
@click.option(
    "--source-tar",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Archive (tar.gz) of the source.",
)
@click.option("--source-url", help="URL of an archive of the source.")
@click.option("--version", help="What to call the source, such as a commit.")
@consent
def create(
    session: Session,
    app: str,
    source_tar: Path | None,
    source_url: str | None,
    version: str | None,
    given: Consent,
) -> int:
    """Build and release this folder's last commit, or an archive, without a git push."""
    if source_tar and source_url:
        raise UsageError("Give either --source-tar or --source-url.")
    with _archive(source_tar or source_url) as (archive, commit):
        show = session.out.note if session.json else session.out.raw
        operation = BuildArchive(session.api, app, archive, show, version=version or commit)
        return carry_out(session, operation, given).exit_code


@contextmanager
def _archive(given: Path | str | None) -> Iterator[tuple[Path | str, str | None]]:
    """Give the archive, and the commit that it is of where it is made of this repository."""
    if given is not None:
        yield given, None
        return
    commit = git.attempt("rev-parse", "HEAD") if git.in_repository() else None
    if commit is None:
        raise UsageError("This folder has no commit to build. Commit, or give --source-tar FILE.")
    with tempfile.TemporaryDirectory(prefix="heroku-source-") as folder:
        path = Path(folder) / "source.tar.gz"
        git.output("archive", "--format=tar.gz", f"--output={path}", "HEAD")
        yield path, commit


@command("builds:cancel", "heroku builds:cancel -a harbour")
@click.argument("build", required=False, metavar="[ID]")
@consent
def cancel(session: Session, app: str, build: str | None, given: Consent) -> int:
    """Stop a build that is under way, by default the newest."""
    found = _find(session, app, build)
    return carry_out(session, CancelBuild(session.api, app, found.id), given).exit_code


@command("builds:cache:purge", "heroku builds:cache:purge -a harbour")
@consent
def purge(session: Session, app: str, given: Consent) -> int:
    """Drop what earlier builds kept for later ones."""
    return carry_out(session, DropBuildCache(session.api, app), given).exit_code


def _find(session: Session, app: str, build_id: str | None) -> Build:
    if build_id:
        return builds.find(session.api, app, build_id)
    newest = next(iter(builds.latest(session.api, app, 1)), None)
    if newest is None:
        raise ClientError(f"{app} has no builds. Push code first: git push heroku main")
    return newest
