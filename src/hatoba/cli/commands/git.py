"""git:remote, git:clone, git:credentials: git for pushing to apps."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hatoba.cli import git, remotes
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import apps, credentials
from hatoba.client.errors import NotLoggedIn
from hatoba.errors import UsageError


@command(
    "git:remote",
    "heroku git:remote -a harbour",
    "heroku git:remote -a harbour-staging -r staging",
    app=False,
)
@click.argument("name", required=False, metavar="[APP]")
@click.option("-a", "--app", "app_name", metavar="APP", help="App that the remote leads to.")
@click.option("-r", "--remote", help="Git remote to add or change. Default heroku.")
def remote(session: Session, name: str | None, app_name: str | None, remote: str | None) -> None:
    """Add a git remote to this repository that pushes to an app."""
    wanted = app_name or name or session.settings.app
    if not wanted:
        raise UsageError("Specify an app: heroku git:remote -a APP")
    if not git.in_repository():
        raise UsageError("This folder is no git repository. Make one: git init")
    app = apps.find(session.api, wanted)
    chosen = remote or git.attempt("config", "heroku.remote") or remotes.DEFAULT
    url = remotes.add(session.target, app.name, chosen, session.hosts)
    if session.json:
        session.out.json({"remote": chosen, "url": url, "app": app.name})
    else:
        session.out.data(f"set git remote {chosen} to {url}")


@command("git:clone", "heroku git:clone -a harbour", app=False)
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("-a", "--app", "app_name", metavar="APP", help="App to clone.")
@click.option("-r", "--remote", default=remotes.DEFAULT, help="Name of the git remote.")
def clone(session: Session, directory: Path | None, app_name: str | None, remote: str) -> int:
    """Clone an app's code into a folder, by default of the app's name."""
    wanted = app_name or session.settings.app
    if not wanted:
        raise UsageError("Specify an app: heroku git:clone -a APP")
    app = apps.find(session.api, wanted)
    folder = directory or Path(app.name)
    base = session.target.git_base
    config = ["-c", f"credential.{base}.helper={remotes.helper(session.target, session.hosts)}"]
    if session.target.ca and base.startswith("https:"):
        config += ["-c", f"http.{base}/.sslCAInfo={session.target.ca}"]
    url = session.target.git_url(app.name)
    code = git.run(*config, "clone", "-o", remote, url, str(folder))
    if code == 0:
        remotes.configure(session.target, folder, session.hosts)
    return code


@command("git:credentials", "heroku git:credentials get", app=False)
@click.argument("action")
@click.option("--api", help="URL of the API whose token is meant.")
def credentials_(session: Session, action: str, api: str | None) -> None:
    """Answer git's question for a password; see gitcredentials(7)."""
    if action != "get":
        return
    wanted = dict(line.strip().split("=", 1) for line in sys.stdin if "=" in line)
    target = session.target
    stored = credentials.of_user(session.settings.config_dir, api) if api else None
    # Another platform's token must not go to this host: only an answer for the named API.
    token = stored.token if stored else target.token if api in (None, target.api_url) else None
    hosts = {target.git_host} if stored is None else {_git_host(stored.api_url)}
    if wanted.get("protocol") not in ("http", "https") or wanted.get("host") not in hosts:
        return
    if token is None:
        raise NotLoggedIn(f"Not logged in at {api or target.api_url}: run heroku login.")
    for name, value in (*wanted.items(), ("username", "heroku"), ("password", token)):
        session.out.data(f"{name}={value}")


def _git_host(api_url: str) -> str:
    from hatoba.client.origin import parse
    from hatoba.client.target import Target

    return Target(parse(api_url)[0], None, None).git_host
