"""Git remotes that lead to apps of this platform."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from hatoba.cli import git, git_login
from hatoba.client.target import Target
from hatoba.errors import UsageError

DEFAULT = "heroku"


def app(target: Target, remote: str | None) -> tuple[str, str] | None:
    """Return the app of the named remote, of ``heroku``, or of the only one there is.

    The second value says where it was found. Raises UsageError when several fit.
    """
    found = apps(target)
    chosen = remote or git.attempt("config", "heroku.remote") or DEFAULT
    if chosen in found:
        return found[chosen], f"git remote {chosen}"
    if remote or not found:
        return None
    if len(set(found.values())) > 1:
        names = ", ".join(sorted(found))
        raise UsageError(f"Several git remotes are apps: {names}. Say which: -r REMOTE or -a APP.")
    name = min(found)
    return found[name], f"git remote {name}"


def apps(target: Target) -> dict[str, str]:
    """Return the apps by the names of the remotes that push to them."""
    lines = (git.attempt("remote", "-v") or "").splitlines()
    pairs = (line.split() for line in lines if line.endswith("(push)"))
    named = ((name, app_of(target, url)) for name, url, _ in pairs)
    return {name: app for name, app in named if app}


def app_of(target: Target, url: str) -> str | None:
    """Return the app that a remote's URL pushes to, or None when it is elsewhere."""
    parts = urlsplit(url)
    same = parts.netloc.rpartition("@")[2] == target.git_host
    if not same or not parts.path.endswith(".git"):
        return None
    return parts.path.removeprefix("/").removesuffix(".git") or None


def add(target: Target, name: str, remote: str, hosts: Path) -> str:
    """Point the remote at the app, and let git trust and log in there; return the URL."""
    url = target.git_url(name)
    known = (git.attempt("remote") or "").split()
    git.output("remote", "set-url" if remote in known else "add", remote, url)
    configure(target, Path.cwd(), hosts)
    return url


def configure(target: Target, folder: Path, hosts: Path) -> None:
    """Write the certificate authority and the credential helper into the repository.

    The helper is absolute, so that a push needs neither PATH nor the environment; the empty
    value before it drops helpers of the user's own that would be asked first.
    """
    secure = f"https://{target.git_host}"
    if target.ca is not None:
        git.set_in(folder, f"http.{secure}/.sslCAInfo", str(target.ca))
    # The official command adds remotes by https always: both are to work in one repository.
    for base in {target.git_base, secure}:
        git.set_in(folder, f"credential.{base}.helper", "", helper(target, hosts))


def helper(target: Target, hosts: Path) -> str:
    """Return the credential helper's command line, which git gives to a shell.

    git calls it again to store what it has answered: that needs no program at all.
    """
    # -I: the repository that git runs in must not be a place to import modules from.
    program = [sys.executable, "-IS", str(Path(git_login.__file__))]
    words = shlex.join([*program, str(hosts), target.api_url])
    return f'!f() {{ test "$1" != get || exec {words} get; }}; f'


def rename(target: Target, old: str, new: str) -> list[str]:
    """Point the remotes of the old name at the new one; return their names."""
    changed = [remote for remote, name in apps(target).items() if name == old]
    for remote in changed:
        git.output("remote", "set-url", remote, target.git_url(new))
    return changed


def remove(target: Target, name: str) -> list[str]:
    """Remove the remotes of an app; return their names."""
    gone = [remote for remote, app in apps(target).items() if app == name]
    for remote in gone:
        git.output("remote", "remove", remote)
    return gone
