"""From a dyno's spec to the command line and environment that start it. Pure, but for ``which``."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hatoba.engines.base import DynoSpec
from hatoba.engines.local.child import ENV_MARK, INSIDE_MARK, STATUS_MARK
from hatoba.kit import sandbox
from hatoba.kit.sandbox import Isolation

HOME = "/app"
_NSENTER = shutil.which("nsenter") or "nsenter"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# As on Heroku the slug's own scripts set the environment before the command.
# https://devcenter.heroku.com/articles/buildpack-api#profile-d-scripts
# Only here, with no rights left, does the process take over the environment: one with a
# LD_PRELOAD must not have its way with the programs that build the sandbox.
_LAUNCH = """
while IFS= read -r -d '' -u "$2" _hatoba_pair; do export "$_hatoba_pair"; done 2> /dev/null
eval "exec $2<&-"
unset _hatoba_pair
cd "$HOME"
for script in .profile.d/*.sh; do [ -f "$script" ] && . "$script"; done
[ -f .profile ] && . ./.profile
unset script
exec bash -c "$1"
"""


@dataclass(frozen=True)
class Launch:
    """What the runner is told to start; the environment holds config vars."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)


def launch(spec: DynoSpec, folder: Path, isolation: Isolation, passwd: Path) -> Launch:
    """Return how to start a dyno whose slug lies in ``folder/app``, or a command inside it.

    ``passwd`` is a file that names the dyno's user, for programs that look themselves up.
    """
    home = HOME if isolation.bwrap else str(folder / "app")
    env = {
        "PATH": PATH,
        "LANG": "C.UTF-8",
        **spec.env,
        "HOME": home,
        "DYNO": spec.name,
        "TMPDIR": "/tmp" if isolation.bwrap else str(folder / "tmp"),  # noqa: S108 the dyno's own
    }
    if spec.terminal:
        env.setdefault("TERM", "xterm")
    shell = ["bash", "-c", _LAUNCH, "bash", spec.command, ENV_MARK]
    if spec.terminal:
        # The terminal belongs to a session inside: ^C must not reach the sandbox itself.
        shell = ["setsid", "--ctty", "--wait", *shell]
    if spec.inside:
        return Launch(tuple(_joined(spec, isolation, shell)), env)
    return Launch(tuple(_isolated(spec, folder, isolation, passwd, shell)), env)


def _joined(spec: DynoSpec, isolation: Isolation, shell: list[str]) -> list[str]:
    """Return the command line that enters the namespaces of a running dyno.

    As root nsenter itself changes the user: until then nothing of the dyno's is run.
    """
    user = isolation.user(spec.user)
    if isolation.bwrap is None:
        return [*sandbox.become(user), *shell] if user is not None else shell
    enter = [_NSENTER, "--target", INSIDE_MARK, "--mount", "--uts", "--ipc", "--pid"]
    if user is None:
        return [*enter, "--user", "--preserve-credentials", "--", *shell]
    who = ["--setgid", str(user), "--setuid", str(user)]
    return [*enter, *who, "--", sandbox.SETPRIV, "--no-new-privs", "--", *shell]


def _isolated(
    spec: DynoSpec, folder: Path, isolation: Isolation, passwd: Path, shell: list[str]
) -> list[str]:
    if isolation.bwrap is None:
        user = isolation.user(spec.user)
        if user is None:
            return shell
        return [*sandbox.become(user), *shell]
    box = sandbox.Box(
        user=isolation.user(spec.user) or 0,
        readable={**{str(p): p for p in isolation.readable}, "/etc/passwd": passwd},
        writable={HOME: folder / "app"},
    )
    options = ["--json-status-fd", STATUS_MARK, "--hostname", spec.name]
    return sandbox.argv(isolation.bwrap, box, shell, root=isolation.root, options=options)


def passwd_line(user: int) -> str:
    """Return the line of /etc/passwd by which a dyno's user is known inside."""
    return f"root:x:0:0:root:/root:/bin/sh\ndyno:x:{user}:{user}:dyno:{HOME}:/bin/bash\n"
