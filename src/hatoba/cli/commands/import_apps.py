"""import: apps taken over from Heroku, or from another Hatoba."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import click

from hatoba.cli.change import TerminalUi
from hatoba.cli.code import GitCode
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import target
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.client.target import Target
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.imports import carry_out, source
from hatoba.operations.imports.slug import SlugCode
from hatoba.operations.imports.steps import Import, State, Step

_HEROKU = "heroku.com"


@dataclass(frozen=True)
class Wanted:
    """The options, as they are declared below."""

    named: str | None
    called: str | None
    pipeline: str | None
    everything: bool
    origin: str
    no_code: bool
    no_data: bool
    dry: bool
    given: Consent

    def check(self) -> None:
        """Raise UsageError unless they say which apps are meant."""
        if sum(map(bool, (self.named, self.pipeline, self.everything))) != 1:
            raise UsageError("Say which apps: --app NAME, --pipeline NAME, or --all.")
        if self.called and not self.named:
            raise UsageError("--as is for one app: it goes with --app.")


@command(
    "import",
    "hatoba import --app harbour --plan",
    "hatoba import --app harbour",
    "hatoba import --pipeline quayside --yes",
    app=False,
)
@click.option("--app", "-a", "named", metavar="NAME", help="App to take over.")
@click.option("--as", "called", metavar="NAME", help="Its name here. Default: the same.")
@click.option("--pipeline", metavar="NAME", help="Take over all apps of a pipeline.")
@click.option("--all", "everything", is_flag=True, help="Take over all apps of the account.")
@click.option("--from", "origin", metavar="HOST", default=_HEROKU, help="Default heroku.com.")
@click.option("--no-code", is_flag=True, help="Leave the code to a push of your own.")
@click.option("--no-data", is_flag=True, help="Leave the databases empty.")
@click.option("--plan", "dry", is_flag=True, help="Show what would be done; change nothing.")
@click.option("--yes", "-y", is_flag=True, help="Overwrite what is different here without asking.")
def import_(session: Session, **options: Any) -> int:  # noqa: ANN401 as declared above
    """Take apps over from Heroku: code, config vars, add-ons, data, formation, domains."""
    wanted = Wanted(**options)
    wanted.check()
    there = _source(session, wanted.origin)
    planned = [(move, list(move.steps())) for move in _moves(session, there, wanted)]
    ui = TerminalUi(session)
    for move, steps in planned:
        ui.say(f"{move.source.name} at {there.api_url} → {move.app} here", "bold")
        carry_out.show(steps, ui)
        if move.copies_data and not move.source.maintenance:
            ui.say(f"  Writes to {move.source.name} after the copy of its data stay behind.")
    if wanted.dry:
        return _told(session, planned)
    _confirm(ui, [step for _, steps in planned for step in steps], yes=wanted.given.yes)
    reports = [carry_out.take_over(move, steps, ui) for move, steps in planned]
    if session.json:
        session.out.json([report.shown for report in reports])
    codes = {report.exit_code for report in reports}
    return 1 if 1 in codes else max(codes, default=0)


def _moves(session: Session, there: Target, wanted: Wanted) -> list[Import]:
    read = Api(there)
    by_slug = SlugCode(read, session.api)
    code = GitCode(there, session.target, by_slug, wanted=not wanted.no_code)
    names = source.names(read, app=wanted.named, pipeline=wanted.pipeline)
    return [
        Import(session.api, one, wanted.called or one.name, code, copies_data=not wanted.no_data)
        for one in (source.read(read, name) for name in names)
    ]


def _source(session: Session, origin: str) -> Target:
    """Return the platform that the apps come from. Raises ClientError without a token for it."""
    chosen = replace(session.settings, host=origin, api_key=session.settings.import_key)
    there = target.find(chosen)
    if there.token is None:
        raise ClientError(
            f"There is no token for {there.api_url}: set HATOBA_IMPORT_API_KEY to one of your "
            "account there (heroku auth:token shows it), or log in with the official command."
        )
    if there.api_url == session.target.api_url:
        raise UsageError(f"{there.api_url} is this platform itself: name another with --from.")
    return there


def _told(session: Session, planned: list[tuple[Import, list[Step]]]) -> int:
    session.out.say("Nothing was changed: this is a plan. Leave --plan out to do it.")
    if session.json:
        session.out.json(
            [
                carry_out.Report(
                    move.app, move.source.name, tuple(carry_out.Taken(s) for s in steps)
                ).shown
                for move, steps in planned
            ]
        )
    return 0


def _confirm(ui: TerminalUi, steps: list[Step], *, yes: bool) -> None:
    lost = [step for step in steps if step.state is State.OVERWRITES]
    if not lost or yes:
        return
    shown = "; ".join(f"{step.what} {step.note}".strip() for step in lost)
    if not ui.interactive:
        raise Unconfirmed(
            f"Nothing was changed: this overwrites what is here ({shown}).\n"
            "To do it without a terminal: the same command with --yes"
        )
    if ui.ask(f"This overwrites what is here: {shown}. Go on? [y/N]").lower() not in ("y", "yes"):
        raise Unconfirmed("Nothing was changed.")


class Unconfirmed(ClientError):
    """Nothing was changed: it was not confirmed."""

    id = "confirmation_required"
    exit_code = 3
