"""apps:transfer, apps:transfers, apps:join, apps:leave, apps:lock, apps:unlock."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.client import account, apps
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.ownership import Answer, Join, Lock, Transfer


@command(
    "apps:transfer",
    "heroku apps:transfer ada@example.com -a harbour",
    "heroku apps:transfer crew -a harbour --locked",
)
@click.argument("recipient")
@click.option("-l", "--locked", is_flag=True, help="Lock the app once the team has it.")
@confirm
@consent
def transfer(session: Session, app: str, recipient: str, locked: bool, given: Consent) -> int:
    """Give an app to a team, or offer it to another account, which must accept."""
    if locked and "@" in recipient:
        raise UsageError("Only a team's app can be locked.")
    done = carry_out(session, Transfer(session.api, app, recipient), given).exit_code
    if done or not locked:
        return done
    return carry_out(session, Lock(session.api, app, locked=True), given).exit_code


@command(
    "apps:transfer:bulk",
    "heroku apps:transfer:bulk crew harbour lighthouse",
    app=False,
)
@click.argument("recipient")
@click.argument("names", nargs=-1, required=True)
@consent
def bulk(session: Session, recipient: str, names: tuple[str, ...], given: Consent) -> int:
    """Give several apps of your own to a team, or offer them to another account, one by one."""
    codes = []
    for name in names:
        session.out.say(f"App {name}", "dim")
        codes.append(carry_out(session, Transfer(session.api, name, recipient), given).exit_code)
    return max(codes)


@command("apps:transfers", "heroku apps:transfers", app=False)
def transfers(session: Session) -> None:
    """List the apps that you offer, and those that are offered to you."""
    found = account.transfers(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    if not found:
        session.out.say("No app is on offer. Offer one: heroku apps:transfer EMAIL -a APP")
        return
    rows = [(one.app.name, one.owner.email, one.recipient.email, one.state) for one in found]
    session.out.table(rows, ("App", "Owner", "Recipient", "State"))
    mine = apps.account(session.api).email
    for one in found:
        if one.state == "pending" and one.recipient.email == mine:
            session.out.say(f"Accept: heroku apps:transfers:accept -a {one.app.name}", "dim")


@command("apps:transfers:accept", "heroku apps:transfers:accept -a harbour")
@consent
def accept(session: Session, app: str, given: Consent) -> int:
    """Take an app that is offered to you."""
    return carry_out(session, Answer(session.api, app, "accept"), given).exit_code


@command("apps:transfers:decline", "heroku apps:transfers:decline -a harbour")
@consent
def decline(session: Session, app: str, given: Consent) -> int:
    """Decline an app that is offered to you."""
    return carry_out(session, Answer(session.api, app, "decline"), given).exit_code


@command("apps:transfers:cancel", "heroku apps:transfers:cancel -a harbour")
@consent
def cancel(session: Session, app: str, given: Consent) -> int:
    """Take back the offer of an app."""
    return carry_out(session, Answer(session.api, app, "cancel"), given).exit_code


@command("apps:lock", "heroku apps:lock -a harbour")
@consent
def lock(session: Session, app: str, given: Consent) -> int:
    """Keep members of the team from joining an app by themselves."""
    return carry_out(session, Lock(session.api, app, locked=True), given).exit_code


@command("apps:unlock", "heroku apps:unlock -a harbour")
@consent
def unlock(session: Session, app: str, given: Consent) -> int:
    """Let members of the team join an app again."""
    return carry_out(session, Lock(session.api, app, locked=False), given).exit_code


@command("apps:join", "heroku apps:join -a harbour")
@consent
def join(session: Session, app: str, given: Consent) -> int:
    """Make yourself a collaborator of an app of your team."""
    return carry_out(session, Join(session.api, app, join=True), given).exit_code


@command("apps:leave", "heroku apps:leave -a harbour")
@consent
def leave(session: Session, app: str, given: Consent) -> int:
    """Give up your own access to an app."""
    return carry_out(session, Join(session.api, app, join=False), given).exit_code
