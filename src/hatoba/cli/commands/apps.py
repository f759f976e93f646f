"""apps, apps:info, apps:open, apps:stacks, apps:trash, regions: looking at apps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urljoin

import click

from hatoba.cli import times
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import apps, dynos, images, platform, teams
from hatoba.kit import text
from hatoba.schema.hatoba import Registry
from hatoba.schema.platform import App


@command("apps", "heroku apps", "heroku apps -t crew", "heroku apps --json", app=False)
@click.option("-A", "--all", "everything", is_flag=True, help="Include apps of all teams.")
@click.option("-p", "--personal", is_flag=True, help="Your own, where a default team is set.")
@click.option("-t", "--team", metavar="TEAM", help="The apps of a team.")
def listing(session: Session, everything: bool, personal: bool, team: str | None) -> None:
    """List your apps, or those of a team."""
    if personal:
        team = None
    elif not everything:
        team = team or session.settings.team
    if team is not None:
        _of_team(session, team)
        return
    found = sorted(apps.listed(session.api, everything=everything), key=lambda a: a.name)
    if session.json:
        session.out.json(found)
        return
    if not found:
        session.out.data("You have no apps.")
        return
    me = apps.account_told(session.api)
    email = me.email if me else None
    own = [a for a in found if a.owner.email == email]
    others = [a for a in found if a.owner.email != email]
    if own:
        session.out.header(f"{email} Apps")
        for app in own:
            session.out.data(_with_region(app))
    if others:
        session.out.header("Collaborated Apps" if email else "Apps")
        rows = [(_with_region(a), a.owner.email) for a in others]
        session.out.table(rows, ("Name", "Email"))


def _of_team(session: Session, team: str) -> None:
    found = teams.apps(session.api, team)
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"There are no apps in team {team}.")
    else:
        session.out.header(f"Apps in team {team}")
        for app in found:
            marks = [*(["locked"] if app.locked else []), *(["joined"] if app.joined else [])]
            session.out.data(" ".join([app.name, *(f"({mark})" for mark in marks)]))


def _with_region(app: App) -> str:
    return app.name if app.region.name == "us" else f"{app.name} ({app.region.name})"


@command(
    "apps:info",
    "heroku apps:info -a harbour",
    "heroku apps:info harbour --shell",
    named=True,
)
@click.option("-s", "--shell", is_flag=True, help="Print names and values for a shell.")
def info(session: Session, app: str, shell: bool) -> None:
    """Show details of an app."""
    found = apps.find(session.api, app)
    data = {
        "app": found,
        "addons": apps.addons(session.api, app),
        "collaborators": apps.collaborators(session.api, app),
        "dynos": dynos.listed(session.api, app),
        "pipeline_coupling": None,
        "registry": images.room(session.api, found),
    }
    if session.json:
        session.out.json(data)
        return
    fields = _fields(found, data)
    if shell:
        for name, value in fields.items():
            session.out.data(f"{name.lower().replace(' ', '_')}={_flat(value)}")
        return
    session.out.header(found.name)
    session.out.fields({k: v if isinstance(v, list) else _flat(v) for k, v in fields.items()})


def _fields(app: App, data: Mapping[str, object]) -> dict[str, object]:
    addons, people = data["addons"], data["collaborators"]
    found = data["dynos"]
    assert isinstance(addons, list)  # noqa: S101 built above
    assert isinstance(people, list)  # noqa: S101 built above
    assert isinstance(found, list)  # noqa: S101 built above
    stack = app.stack.name
    if app.build_stack.name != stack:
        stack += f" (next build will use {app.build_stack.name})"
    emails = (str(c.user.get("email")) for c in people)
    return {
        "Addons": sorted(a["plan"]["name"] for a in addons),
        "Collaborators": sorted(e for e in emails if e != app.owner.email),
        "Auto Cert Mgmt": app.acm,
        "Git URL": app.git_url,
        "Web URL": app.web_url,
        "Repo Size": text.size(app.repo_size or 0),
        "Slug Size": text.size(app.slug_size or 0),
        **_registry(data["registry"]),
        "Owner": app.owner.email,
        "Region": app.region.name,
        "Dynos": dict(Counter(d.type for d in found)),
        "Stack": stack,
        "Maintenance": app.maintenance,
    }


def _registry(room: object) -> dict[str, str]:
    if not isinstance(room, Registry):
        return {}
    most = text.size(room.most_unreleased)
    more = f", and {text.size(room.unreleased)} of at most {most} that no release runs"
    return {"Registry Size": text.size(room.released) + (more if room.unreleased else "")}


def _flat(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count}" for name, count in sorted(value.items()))
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@command("apps:open", "heroku open -a harbour", "heroku open /admin -a harbour")
@click.argument("path", default="")
def open_(session: Session, app: str, path: str) -> None:
    """Open the app in a web browser."""
    url = urljoin(apps.find(session.api, app).web_url, path)
    if session.json:
        session.out.json({"url": url})
        return
    session.out.data(f"Opening {url}...")
    import webbrowser

    if not webbrowser.open(url):
        session.out.warn("No web browser was found on this machine. Open the URL yourself.")


@command("apps:stacks", "heroku apps:stacks -a harbour")
def stacks(session: Session, app: str) -> None:
    """List the stacks, with a star at the app's own."""
    found = apps.find(session.api, app)
    known = sorted(apps.stacks(session.api), key=lambda s: s.name)
    if session.json:
        session.out.json(known)
        return
    session.out.header(f"{found.name} Available Stacks")
    for stack in known:
        star = "*" if stack.name == found.stack.name else " "
        coming = stack.name == found.build_stack.name and star == " "
        session.out.data(f"{star} {stack.name}{' (active on next deploy)' if coming else ''}")


@command("regions", "heroku regions", app=False)
@click.option("--common", is_flag=True, help="Only regions of the common runtime.")
@click.option("--private", is_flag=True, help="Only regions with private spaces.")
def regions(session: Session, common: bool, private: bool) -> None:
    """List the regions where apps can run."""
    found = sorted(apps.regions(session.api), key=lambda r: (r.private_capable, r.name))
    chosen = [r for r in found if not (common and r.private_capable)]
    chosen = [r for r in chosen if not private or r.private_capable]
    if session.json:
        session.out.json(chosen)
        return
    runtime = {True: "Private Spaces", False: "Common Runtime"}
    rows = [(r.name, r.description, runtime[r.private_capable]) for r in chosen]
    session.out.table(rows, ("ID", "Location", "Runtime"))


@command("apps:trash", "heroku apps:trash", app=False)
def trash(session: Session) -> None:
    """List destroyed apps that can still be restored."""
    found = platform.trash(session.api)
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data("The trash is empty.")
    else:
        rows = [(t.name, t.id, times.ago(t.destroyed_at), t.until) for t in found]
        session.out.table(rows, ("Name", "ID", "Destroyed", "Restorable until"))
        session.out.say(f"Bring one back: heroku apps:restore {found[0].id}")
