"""autocomplete, completion: commands and apps completed by the shell."""

from __future__ import annotations

import click

from hatoba.cli.command import command
from hatoba.cli.completion import SHELLS
from hatoba.cli.session import Session

_LINES = {
    "bash": "echo 'eval \"$({program} completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$({program} completion zsh)\"' >> ~/.zshrc",
    "fish": "{program} completion fish > ~/.config/fish/completions/{program}.fish",
}
_SHELL = click.argument("shell", type=click.Choice(SHELLS))


@command("completion", 'eval "$(heroku completion bash)"', app=False)
@_SHELL
def script(session: Session, shell: str) -> None:
    """Print the script that has a shell complete commands, options and apps."""
    from hatoba.cli import completion

    text = completion.script(shell, session.program)
    if session.json:
        session.out.json({"shell": shell, "script": text})
    else:
        session.out.data(text)


@command("autocomplete", "heroku autocomplete", "heroku autocomplete zsh", app=False)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.option("-r", "--refresh-cache", is_flag=True, hidden=True)
def instructions(session: Session, shell: str | None, refresh_cache: bool) -> None:
    """Say how to have a shell complete commands, options and apps."""
    del refresh_cache
    chosen = [shell] if shell else list(SHELLS)
    lines = {name: _LINES[name].format(program=session.program) for name in chosen}
    if session.json:
        session.out.json(lines)
        return
    for name, line in lines.items():
        session.out.header(name)
        session.out.data(f"{line}\n")
    session.out.say("Run the line of your shell once, then open a new terminal.")
