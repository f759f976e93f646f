"""What a dyno finds around it on every engine: environment, profile scripts, user. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from hatoba.engines.base import DynoSpec

HOME = "/app"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# As on Heroku the slug's own scripts set the environment before the command.
# https://devcenter.heroku.com/articles/buildpack-api#profile-d-scripts
_LAUNCH = """
cd "$HOME"
for script in .profile.d/*.sh; do [ -f "$script" ] && . "$script"; done
[ -f .profile ] && . ./.profile
unset script
exec bash -c "$1"
"""
# Only here, with no rights left, does the process take over the environment: one with a
# LD_PRELOAD must not have its way with the programs that build the sandbox.
_TAKE_OVER = """
while IFS= read -r -d '' -u "$2" _hatoba_pair; do export "$_hatoba_pair"; done 2> /dev/null
eval "exec $2<&-"
unset _hatoba_pair
"""
# What an image sets, and where it works, is known to the dyno's first process.
_AS_THE_FIRST = """
while IFS= read -r -d '' _hatoba_pair; do
export "$_hatoba_pair"; done 2> /dev/null < /proc/1/environ
cd /proc/1/cwd
"""


def shell(spec: DynoSpec) -> list[str]:
    """Return the command line that runs the dyno's command after the profile scripts."""
    return ["bash", "-c", _LAUNCH, "bash", _line(spec)]


def handed_shell(spec: DynoSpec, descriptor: str) -> list[str]:
    """Return the same for a process that reads its environment from a descriptor first."""
    return ["bash", "-c", _TAKE_OVER + _LAUNCH, "bash", _line(spec), descriptor]


def handed_words(spec: DynoSpec, descriptor: str, shell: Sequence[str]) -> list[str]:
    """Return the same inside a dyno of an image, whose commands are lists; ``shell`` is a bash."""
    script = _AS_THE_FIRST + _TAKE_OVER + 'shift 2; exec "$@"'
    return [*shell, "-c", script, "bash", "", descriptor, *words(spec)]


def words(spec: DynoSpec) -> list[str]:
    """Return the command of a dyno of an image."""
    return ["/bin/sh", "-c", spec.command] if isinstance(spec.command, str) else [*spec.command]


def _line(spec: DynoSpec) -> str:
    return spec.command if isinstance(spec.command, str) else shlex.join(spec.command)


def environment(spec: DynoSpec, *, home: str = HOME, temporary: str = "/tmp") -> dict[str, str]:  # noqa: S108 the dyno's own
    """Return the dyno's environment: the config vars, and what the engine decides about."""
    env = {
        "PATH": PATH,
        "LANG": "C.UTF-8",
        **spec.env,
        "HOME": home,
        "DYNO": spec.name,
        "TMPDIR": temporary,
    }
    if spec.terminal:
        env.setdefault("TERM", "xterm")
    return env


def image_environment(spec: DynoSpec) -> dict[str, str]:
    """Return the environment of a dyno of an image, besides what the image sets."""
    env = {**spec.env, "DYNO": spec.name}
    if spec.terminal:
        env.setdefault("TERM", "xterm")
    return env


def passwd_line(user: int) -> str:
    """Return the lines of /etc/passwd by which a dyno's user is known inside."""
    return f"root:x:0:0:root:/root:/bin/sh\ndyno:x:{user}:{user}:dyno:{HOME}:/bin/bash\n"
