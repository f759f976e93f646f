"""config:edit: config vars in an editor."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from hatoba.cli import editor
from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import config
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations.config_edit import EditConfig
from hatoba.operations.consent import Consent


@command("config:edit", "heroku config:edit -a harbour", "heroku config:edit GREETING -a harbour")
@click.argument("name", required=False, metavar="[NAME]")
@consent
def edit(session: Session, app: str, name: str | None, given: Consent) -> int:
    """Edit config vars, or the value of one, in $VISUAL or $EDITOR.

    Their values are shown there, in a file of your own that is removed afterwards.
    """
    before = config.revealed(session.api, app)
    if name is not None and name not in before:
        raise ClientError(f"{app} has no config var {name}. Set it: heroku config:set {name}=VALUE")
    session.out.say(f"Editing with {editor.program(session.settings)}")
    text = before[name] if name else written(before)
    with tempfile.TemporaryDirectory(prefix="heroku-config-") as folder:
        path = Path(folder) / f"{app}-config.sh"
        path.touch(mode=0o600)
        path.write_text(text)
        editor.run(session.settings, path)
        edited = path.read_text()
    after = {**before, name: _one(text, edited)} if name else read(edited)
    return carry_out(session, EditConfig(session.api, app, before, after), given).exit_code


def _one(before: str, edited: str) -> str:
    """Return a value without the line end that editors add."""
    return edited.removesuffix("\n") if not before.endswith("\n") else edited


def written(values: Mapping[str, str]) -> str:
    """Return config vars as lines for an editor, quoted as a shell reads them."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(values.items()))


def read(text: str) -> dict[str, str]:
    """Read such lines; a quoted value may have several. Raises UsageError without the text."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        raise UsageError("The file has a quote without an end. Nothing was changed.") from error
    pairs = [word.partition("=") for word in words]
    if not all(name and equals for name, equals, _ in pairs):
        raise UsageError(
            "Each line must be NAME=VALUE, in quotes where there are spaces. Nothing was changed."
        )
    return {name: value for name, _, value in pairs}
