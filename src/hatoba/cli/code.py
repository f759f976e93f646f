"""Code that is taken over: fetched from one platform's git, and pushed to another's."""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from dataclasses import dataclass

from hatoba.cli.git import GitError
from hatoba.client.errors import ClientError
from hatoba.client.target import Target
from hatoba.operations.base import Ui
from hatoba.operations.imports.source import SourceApp
from hatoba.operations.imports.steps import Code, State, Step

_BRANCHES = ("main", "master")


@dataclass(frozen=True)
class GitCode:
    """The way of an app's code by git, or ``otherwise`` where it is in none.

    With ``wanted`` off it is left to somebody's own push.
    """

    there: Target
    here: Target
    otherwise: Code
    wanted: bool = True

    def step(self, source: SourceApp, app: str) -> Step:
        """Look at both repositories; the code is there already when both have the same commit."""
        what = f"code of {source.name}"
        if not self.wanted:
            return Step(what, State.NO_COUNTERPART, "push it yourself: git push heroku main")
        found = self._head(self.there, source.name)
        if found is None:
            return self.otherwise.step(source, app)
        branch, commit = found
        note = f"{branch} at {commit[:8]}"
        if (now := self._head(self.here, app)) and now[1] == commit:
            return Step(what, State.THERE, note)
        return Step(what, State.TO_DO, note, lambda ui: self._bring(ui, source.name, app, branch))

    def _head(self, target: Target, app: str) -> tuple[str, str] | None:
        """Return the branch that is deployed and its commit, None where there is none."""
        try:
            listed = self._git("ls-remote", "--heads", target.git_url(app)).stdout
        except GitError:
            return None
        pairs = [line.split("\t") for line in listed.splitlines()]
        heads = {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}
        return next(((name, heads[name]) for name in _BRANCHES if name in heads), None)

    def _bring(self, ui: Ui, name: str, app: str, branch: str) -> bool:
        """Fetch and push; the push is refused unless the new release boots and serves."""
        with tempfile.TemporaryDirectory(prefix="hatoba-import-") as folder:
            url = self.there.git_url(name)
            with ui.progress(f"Fetching {name}'s code"):
                self._git("clone", "--quiet", "--bare", "--branch", branch, url, folder)
            ui.say(f"Pushing {branch} to {app}")
            refs = f"{branch}:refs/heads/main"
            try:
                self._git("-C", folder, "push", self.here.git_url(app), refs, show=True)
            except GitError as error:
                raise ClientError(
                    f"the push of {app} was refused; its output above says why"
                ) from error
        return True

    def _git(self, *arguments: str, show: bool = False) -> subprocess.CompletedProcess[str]:
        try:
            done = subprocess.run(
                ["git", *arguments],
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=None if show else subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise GitError("git is not installed. On Debian: apt-get install git") from None
        if done.returncode != 0:
            raise GitError((done.stderr or "").strip() or f"git {arguments[0]} failed.")
        return done

    def _environment(self) -> dict[str, str]:
        """Return the environment in which git knows both tokens: its arguments are for all to see.

        https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT
        """
        settings: dict[str, str] = {"credential.helper": ""}
        for target in (self.there, self.here):
            pair = base64.b64encode(f"heroku:{target.token}".encode()).decode()
            settings[f"http.{target.git_base}/.extraHeader"] = f"Authorization: Basic {pair}"
            if target.ca:
                settings[f"http.{target.git_base}/.sslCAInfo"] = str(target.ca)
        told = {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0"}
        for number, (name, value) in enumerate(settings.items()):
            told |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return {**os.environ, **told}
