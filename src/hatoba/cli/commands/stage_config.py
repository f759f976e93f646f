"""ci:config and reviewapps:config: what test runs and review apps are made with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import Body, Command, command, consent
from hatoba.cli.commands.config import line
from hatoba.cli.commands.config_change import pairs_of
from hatoba.cli.pipeline_choice import Place, chosen, pipeline_or_app
from hatoba.cli.session import Session
from hatoba.client import review_apps
from hatoba.client.config import mark
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.stage_config import ChangeStage

_REVEAL = "Show values. They may be secrets: mind who sees your screen and logs."
_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


def _listing(topic: str, stage: str, what: str) -> Command:
    @pipeline_or_app
    @click.option("-s", "--shell", is_flag=True, help="Print in shell format; masked: comments.")
    @click.option("--reveal", is_flag=True, help=_REVEAL)
    def body(session: Session, place: Place, shell: bool, reveal: bool) -> None:
        found = chosen(session, place)
        shown = _values(session, found.id, stage, reveal=reveal)
        if session.json:
            session.out.json(shown)
        elif shell:
            for name, value in shown.items():
                session.out.data(line(name, value, shell=shell, reveal=reveal))
        else:
            session.out.header(f"{found.name} {stage} config vars")
            session.out.fields(shown)

    body.__doc__ = f"List the config vars that {what} are made with; masked unless revealed."
    return _declared(body, topic, f"heroku {topic} -p harbour")


def _values(session: Session, pipeline_id: str, stage: str, *, reveal: bool) -> dict[str, str]:
    if reveal:
        return dict(sorted(review_apps.revealed(session.api, pipeline_id, stage).items()))
    found = review_apps.fingerprints(session.api, pipeline_id, stage)
    return {name: mark(digits) for name, digits in sorted(found.items())}


def _get(topic: str, stage: str, what: str) -> Command:
    @click.argument("name")
    @pipeline_or_app
    @click.option("-s", "--shell", is_flag=True, help="Print in shell format; masked: a comment.")
    @click.option("--reveal", is_flag=True, help=_REVEAL)
    def body(session: Session, name: str, place: Place, shell: bool, reveal: bool) -> int:
        found = chosen(session, place)
        shown = _values(session, found.id, stage, reveal=reveal)
        if session.json:
            session.out.json({"key": name, "value": shown.get(name)})
        else:
            session.out.data(line(name, shown.get(name, ""), shell=shell, reveal=reveal))
        return 0 if name in shown else 1

    body.__doc__ = f"Show whether a config var of {what} is set; its value with --reveal."
    return _declared(body, f"{topic}:get", f"heroku {topic}:get LEVEL -p harbour")


def _set(topic: str, stage: str, what: str) -> Command:
    @click.argument("pairs", nargs=-1, metavar="NAME=VALUE...")
    @pipeline_or_app
    @click.option("--file", type=_FILE, help="Read NAME=VALUE lines, - for standard input.")
    @consent
    def body(
        session: Session,
        pairs: tuple[str, ...],
        place: Place,
        file: Path | None,
        given: Consent,
    ) -> int:
        values = pairs_of(pairs, file)
        if not values:
            raise UsageError(f"Say what to set: heroku {topic}:set NAME=VALUE [NAME=VALUE ...]")
        found = chosen(session, place)
        return carry_out(session, ChangeStage(session.api, found, stage, values), given).exit_code

    body.__doc__ = f"Set config vars that {what} are made with."
    return _declared(body, f"{topic}:set", f"heroku {topic}:set LEVEL=debug -p harbour")


def _unset(topic: str, stage: str, what: str) -> Command:
    @click.argument("names", nargs=-1, required=True, metavar="NAME...")
    @pipeline_or_app
    @consent
    def body(
        session: Session,
        names: tuple[str, ...],
        place: Place,
        given: Consent,
    ) -> int:
        found = chosen(session, place)
        gone = dict.fromkeys(names)
        return carry_out(session, ChangeStage(session.api, found, stage, gone), given).exit_code

    body.__doc__ = f"Unset config vars that {what} are made with."
    return _declared(body, f"{topic}:unset", f"heroku {topic}:unset LEVEL -p harbour")


def _declared(body: Body, name: str, example: str) -> Command:
    declare: Callable[[Body], Command] = command(name, example, app=False)
    return declare(body)


_TEST = ("ci:config", "test", "test runs")
_REVIEW = ("reviewapps:config", "review", "review apps")
ci, ci_get, ci_set, ci_unset = _listing(*_TEST), _get(*_TEST), _set(*_TEST), _unset(*_TEST)
review, review_get = _listing(*_REVIEW), _get(*_REVIEW)
review_set, review_unset = _set(*_REVIEW), _unset(*_REVIEW)
