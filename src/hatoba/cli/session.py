"""What a command has at hand: the settings, the printer, the platform and the app."""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path

from hatoba.cli.output import Output
from hatoba.client import credentials, target
from hatoba.client.api import Api
from hatoba.client.target import Target
from hatoba.errors import UsageError
from hatoba.settings import ClientSettings


class Session:
    """One call of the command line."""

    def __init__(self, settings: ClientSettings, output: Output, program: str) -> None:
        self.settings = settings
        self.out = output
        self.program = program
        self.json = False
        self.acting_on: str | None = None

    @cached_property
    def target(self) -> Target:
        """The platform that is talked to."""
        return target.find(self.settings)

    @cached_property
    def api(self) -> Api:
        """The platform's API."""
        made = Api(self.target)
        made.ask_code = self._ask_code if self.interactive else None
        return made

    def _ask_code(self, why: str) -> str:
        self.out.say(why)
        return self.out.ask("Two-factor code:")

    @cached_property
    def anybody(self) -> Api:
        """The platform's API for who has no token yet."""
        return Api(Target(self.target.origin, "", self.target.ca))

    @property
    def hosts(self) -> Path:
        """The file of this user's logins."""
        return self.settings.config_dir / credentials.HOSTS

    @property
    def interactive(self) -> bool:
        """Tell whether somebody can be asked: input and what is said are a terminal.

        Where the data goes does not matter.
        """
        return sys.stdin.isatty() and self.out.terminal

    def app(self, named: str | None, remote: str | None) -> str:
        """Return the app to act on and say which it is.

        By ``--app``, HEROKU_APP, ``--remote`` and the git remote, in this order.
        """
        name, source = self._find_app(named, remote)
        self.acting_on = name
        self.out.say(f"App {name} ({source})", "dim")
        return name

    def app_if_any(self, named: str | None, remote: str | None) -> str | None:
        """Return the app to act on as ``app`` does, None where nothing says which it is."""
        try:
            return self.app(named, remote)
        except UsageError:
            if remote:
                raise
            return None

    def _find_app(self, named: str | None, remote: str | None) -> tuple[str, str]:
        if named:
            return named, "--app"
        if self.settings.app and not remote:
            return self.settings.app, "HEROKU_APP"
        from hatoba.cli import remotes

        found = remotes.app(self.target, remote)
        if found is None:
            raise UsageError(_no_app(remote))
        return found


def _no_app(remote: str | None) -> str:
    if remote:
        return f"The git remote {remote} is not one of this platform. See: git remote -v"
    return "Missing required flag: -a, --app APP. Or run this in a folder with a git remote heroku."
