"""buildpacks, buildpacks:add, :set, :remove, :clear; of the registry :search, :info, :versions."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import buildpacks, cloud_native
from hatoba.errors import UsageError
from hatoba.kit.text import plural
from hatoba.operations.buildpacks import Buildpacks, Edit
from hatoba.operations.consent import Consent

_INDEX = click.option(
    "-i", "--index", type=click.IntRange(1), help="Place in the list, beginning with 1."
)


@command("buildpacks", "heroku buildpacks -a harbour")
def listing(session: Session, app: str) -> None:
    """List the buildpacks of an app in their order."""
    built_by = cloud_native.buildpacks(session.api, app)
    found = buildpacks.listed(session.api, app) if built_by is None else built_by
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"{app} has no Buildpacks.")
    else:
        kind = "Classic" if built_by is None else "Cloud Native"
        session.out.header(f"{app} {kind} Buildpack{'s' if len(found) > 1 else ''}")
        _show(session, found, "")


def _show(session: Session, found: list[str], indent: str) -> None:
    for number, url in enumerate(found, start=1):
        session.out.data(f"{indent}{number}. {url}" if len(found) > 1 else url)


@command("buildpacks:add", "heroku buildpacks:add heroku/nodejs --index 1 -a harbour")
@click.argument("buildpack")
@_INDEX
@consent
def add(session: Session, app: str, buildpack: str, index: int | None, given: Consent) -> int:
    """Add a buildpack at the end, or at a place in the list."""
    _refuse_unknown(session, buildpack)

    def edit(now: list[str]) -> list[str]:
        _refuse_twice(now, buildpack, app)
        place = len(now) if index is None else index - 1
        return [*now[:place], buildpack, *now[place:]]

    return _edit(session, app, "add", edit, given)


@command("buildpacks:set", "heroku buildpacks:set heroku/python -a harbour")
@click.argument("buildpack")
@_INDEX
@consent
def set_(session: Session, app: str, buildpack: str, index: int | None, given: Consent) -> int:
    """Replace the first buildpack, or the one at a place in the list."""
    _refuse_unknown(session, buildpack)

    def edit(now: list[str]) -> list[str]:
        _refuse_twice(now, buildpack, app)
        place = (index or 1) - 1
        return [*now[:place], buildpack, *now[place + 1 :]]

    return _edit(session, app, "set", edit, given)


@command("buildpacks:remove", "heroku buildpacks:remove heroku/nodejs -a harbour")
@click.argument("buildpack", required=False)
@_INDEX
@consent
def remove(
    session: Session,
    app: str,
    buildpack: str | None,
    index: int | None,
    given: Consent,
) -> int:
    """Remove a buildpack by name, URL or place in the list."""
    if (buildpack is None) == (index is None):
        raise UsageError("Say which, either by name or by --index.")

    def edit(now: list[str]) -> list[str]:
        left = [url for n, url in enumerate(now, start=1) if url != buildpack and n != index]
        if left == now:
            raise UsageError(
                f"Buildpack not found. Nothing was removed. See: heroku buildpacks -a {app}"
            )
        return left

    return _edit(session, app, "remove", edit, given)


@command("buildpacks:clear", "heroku buildpacks:clear -a harbour")
@consent
def clear(session: Session, app: str, given: Consent) -> int:
    """Remove all buildpacks: the next build detects them."""
    return _edit(session, app, "clear", lambda _: [], given)


@command("buildpacks:search", "heroku buildpacks:search python", app=False)
@click.argument("term", default="", metavar="[TERM]")
@click.option("--namespace", help="Only of this namespace.")
@click.option("--name", help="Only of this name.")
@click.option("--description", default="", help="Only with this in the description.")
def search(
    session: Session, term: str, namespace: str | None, name: str | None, description: str
) -> None:
    """Search the buildpacks that this platform knows by name."""
    found = [
        b
        for b in buildpacks.registered(session.api)
        if namespace in (None, b.namespace)
        and name in (None, b.name)
        and description.lower() in b.description.lower()
        and term.lower() in f"{b.slug} {b.description}".lower()
    ]
    if session.json:
        session.out.json(found)
        return
    if not found:
        session.out.data("No buildpacks found")
        return
    rows = [(b.slug, b.category, b.description) for b in found]
    session.out.table(rows, ("Buildpack", "Category", "Description"))
    session.out.data(f"\n{plural(len(found), 'buildpack')} found")


@command("buildpacks:info", "heroku buildpacks:info heroku/python", app=False)
@click.argument("buildpack")
def info(session: Session, buildpack: str) -> None:
    """Show what the registry says of a buildpack."""
    found, readme = buildpacks.described(session.api, buildpack)
    if session.json:
        session.out.json({"buildpack": found, "readme": readme})
        return
    session.out.header(buildpack)
    fields = {"Description": found.description, "Category": found.category, "Readme": readme}
    session.out.fields(fields)


@command("buildpacks:versions", "heroku buildpacks:versions heroku/python", app=False)
@click.argument("buildpack")
def versions(session: Session, buildpack: str) -> None:
    """List the versions of a buildpack that builds can use."""
    found = buildpacks.versions(session.api, buildpack)
    if session.json:
        session.out.json(found)
    else:
        session.out.table([(v.release, v.status) for v in found], ("Version", "Status"))


def _edit(session: Session, app: str, verb: str, edit: Edit, given: Consent) -> int:
    operation = Buildpacks(session.api, app, f"buildpacks:{verb}", edit)
    outcome = carry_out(session, operation, given)
    if outcome.changed and not session.json:
        if operation.now:
            session.out.data(f"Next release on {app} will use:")
            _show(session, operation.now, "  ")
        else:
            session.out.data(f"Next release on {app} will detect buildpacks normally.")
        session.out.say("Make a new release with them: git push heroku main")
    return outcome.exit_code


def _refuse_twice(now: list[str], buildpack: str, app: str) -> None:
    if buildpack in now:
        raise UsageError(f"The buildpack {buildpack} is already set on {app}.")


def _refuse_unknown(session: Session, buildpack: str) -> None:
    """Refuse a name that the next build would not find. URLs and folders are the build's to try."""
    if buildpacks.missing(session.api, [buildpack]):
        known = ", ".join(entry.slug for entry in buildpacks.registered(session.api))
        raise UsageError(
            f"{buildpack} is not in the buildpack registry, which has {known}. "
            "Name others by URL: https://HOST/REPOSITORY.git"
        )
