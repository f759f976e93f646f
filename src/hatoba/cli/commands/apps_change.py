"""apps:rename, apps:destroy, apps:restore."""

from __future__ import annotations

import click

from hatoba.cli import git, remotes
from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.operations.apps import Rename
from hatoba.operations.consent import Consent
from hatoba.operations.stacks import SetStack
from hatoba.operations.trash import Destroy, Restore


@command("apps:rename", "heroku apps:rename pier -a harbour")
@click.argument("name", metavar="NEWNAME")
@consent
def rename(session: Session, app: str, name: str, given: Consent) -> int:
    """Rename an app, and the git remotes of this repository."""
    operation = Rename(session.api, app, name)
    outcome = carry_out(session, operation, given)
    made = operation.made
    if made is not None:
        if git.in_repository():
            for remote in remotes.rename(session.target, app, made.name):
                session.out.say(f"Git remote {remote} updated")
        if not session.json:
            session.out.data(f"{made.web_url} | {session.target.git_url(made.name)}")
        session.out.warn(
            "Don't forget to update git remotes for all other local checkouts of the app."
        )
    return outcome.exit_code


@command(
    "apps:destroy",
    "heroku apps:destroy -a harbour",
    "heroku apps:destroy harbour --confirm harbour",
    app=False,
)
@click.argument("name", required=False, metavar="[APP]")
@click.option("-a", "--app", "app_name", metavar="APP", help="App to destroy.")
@click.option("-r", "--remote", metavar="REMOTE", help="Git remote of the app to destroy.")
@confirm
def destroy(
    session: Session,
    name: str | None,
    app_name: str | None,
    remote: str | None,
    given: Consent,
) -> int:
    """Destroy an app. A Hatoba keeps it in the trash for 7 days: see apps:trash."""
    app = session.app(name or app_name, remote)
    outcome = carry_out(session, Destroy(session.api, app), given)
    if git.in_repository():
        for gone in remotes.remove(session.target, app):
            session.out.say(f"Git remote {gone} removed")
    return outcome.exit_code


@command("apps:restore", "heroku apps:restore harbour", app=False)
@click.argument("identity", metavar="NAME | ID")
def restore(session: Session, identity: str) -> int:
    """Bring a destroyed app back from the trash."""
    return carry_out(session, Restore(session.api, identity)).exit_code


@command("apps:stacks:set", "heroku apps:stacks:set heroku-24 -a harbour")
@click.argument("stack")
@consent
def set_stack(session: Session, app: str, stack: str, given: Consent) -> int:
    """Set the stack that the next build uses."""
    return carry_out(session, SetStack(session.api, app, stack), given).exit_code
