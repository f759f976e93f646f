"""What a shell offers while its user types, by click's own means for bash, zsh and fish."""

from __future__ import annotations

import sys

import click
from click import shell_completion

from hatoba.cli import registry
from hatoba.cli.output import Output
from hatoba.cli.session import Session
from hatoba.errors import HatobaError
from hatoba.settings import ClientSettings

VARIABLE = "_HEROKU_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
# Bash takes a colon for the end of a word, and ours are full of them.
_BASH_PREFIX = "COMP_WORDBREAKS=${COMP_WORDBREAKS//:}\n"
# A fresh zsh has not loaded its own completion yet.
_ZSH_LOADS = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\n"


class Everything(click.Group):
    """All commands as click knows groups, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, those of the official command line too."""
        return sorted([*registry.shown(), *registry.ALIASES])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        found = registry.resolve(cmd_name)
        return registry.load(found) if found else None

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[shell_completion.CompletionItem]:
        """Offer names without loading what they name: that would take a second."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return [shell_completion.CompletionItem(name) for name in names]


def script(shell: str, program: str) -> str:
    """Return the script by which a shell asks this program."""
    source = _of(shell, None, program).source()
    if shell == "zsh":
        # The first line stays the first: by it zsh knows a script in a folder of completions.
        return source.replace("\n", f"\n{_ZSH_LOADS}", 1)
    return _BASH_PREFIX + source if shell == "bash" else source


def answer(settings: ClientSettings, program: str) -> int:
    """Answer the question that a shell's script has put into the environment."""
    shell, _, what = settings.completion.partition("_")
    if shell not in SHELLS or what != "complete":
        return 1
    sys.stdout.write(_of(shell, settings, program).complete() + "\n")
    return 0


def apps(context: click.Context, begun: str) -> list[str]:
    """Return the names of apps that begin so; none where the platform can't be asked."""
    from hatoba.client import apps as calls

    session = context.find_object(Session)
    if session is None:
        return []
    try:
        return [app.name for app in calls.listed(session.api) if app.name.startswith(begun)]
    except HatobaError:
        return []


def _of(
    shell: str, settings: ClientSettings | None, program: str
) -> shell_completion.ShellComplete:
    made = shell_completion.get_completion_class(shell)
    assert made is not None  # noqa: S101 click has all of SHELLS
    session = Session(settings, Output(color=False), program) if settings else None
    return made(Everything(program), {"obj": session}, program, VARIABLE)
