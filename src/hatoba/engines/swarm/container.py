"""From a dyno's spec to the container that Docker is asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatoba.engines import launch
from hatoba.engines.base import DynoSpec
from hatoba.engines.node.child import ENV_MARK, HARD_LIMIT, INSIDE_MARK
from hatoba.engines.node.engine import asked_for
from hatoba.engines.swarm.launcher import Launcher
from hatoba.kit import sandbox

# Where the dyno's folder, with its pipes, is inside.
MEETING = "/run/hatoba"
DYNO = "hatoba.dyno"
APP = "hatoba.app"
_MEGABYTE = 1024 * 1024
# https://devcenter.heroku.com/articles/dyno-isolation: processes by size of memory.
_PROCESSES = ((512, 256), (1024, 512), (2560, 16384))
_MOST_PROCESSES = 32768
# The first process: it waits until the runner has taken the dyno over, runs the command with its
# streams where the runner reads them, and leaves word of its end, and of whether the memory limit
# has killed processes: the kernel forgets that with the container. It says nothing itself.
_FIRST = """
exec </dev/null >/dev/null 2>&1
read -r _ <{meeting}/gate
{command}
status=$? killed=0
for told in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
  while read -r name count; do [ "$name" != oom_kill ] || killed=$count; done <$told
done
echo "{{\\"exit-code\\": $status}}
{{\\"oom-kills\\": $killed}}" >>{meeting}/status
"""
_PRINTS = '"$@" <>{meeting}/out >&0 2>&0 </dev/null'
# Its input may have been given, and ended, by now: who opened it to read only would wait for ever.
_ATTACHED = '"$@" 3<>{meeting}/stdin <{meeting}/stdin 3>&- >{meeting}/stdout 2>&1'
# Who opens a terminal as the leader of a session has it: not the first process, for ^C's sake.
_TERMINAL = """{setsid} --wait {shell} -c 'exec <>/dev/console >&0 2>&0; exec "$@"' sh "$@\""""


@dataclass(frozen=True)
class Place:
    """What a dyno is put into: image, network, the folder with its pipes.

    ``mounts`` are files and folders of the machine by path inside, ``device`` is its terminal
    outside, if it has one. ``launcher`` is for an image that is not a stack's.
    """

    image: str
    mounts: Mapping[str, Path]
    network: str
    folder: Path
    device: str | None
    launcher: Launcher | None = None


def config(spec: DynoSpec, user: int, port: int, place: Place) -> dict[str, Any]:
    """Return what Docker must know to make the dyno's container."""
    return {
        "Image": place.image,
        **_process(spec, port, place.launcher),
        "User": f"{user}:{user}",
        "Hostname": spec.name,
        # Its first process hears no SIGTERM: the runner signals those below it. What Docker stops
        # by itself, with the machine, needs not wait in vain.
        "StopSignal": "SIGKILL",
        "Labels": {DYNO: str(spec.id), APP: str(spec.app_id)},
        "HostConfig": {
            "NetworkMode": place.network,
            "Mounts": _mounts(place),
            "LogConfig": {"Type": "none"},
            "RestartPolicy": {"Name": "no"},
            "Init": False,
            **walls(),
            **_limits(spec.memory),
            **({"GroupAdd": [str(group)]} if (group := _group(spec)) is not None else {}),
        },
    }


def joined(spec: DynoSpec, user: int, launcher: Launcher | None = None) -> dict[str, Any]:
    """Return what the runner must know to start a command inside a running dyno's container."""
    if launcher is None:
        shell, env = launch.handed_shell(spec, ENV_MARK), launch.environment(spec)
        setsid, setpriv = ["setsid"], [sandbox.SETPRIV]
    else:
        shell = launch.handed_words(spec, ENV_MARK, launcher.shell)
        env = launch.image_environment(spec)
        setsid, setpriv = launcher.program("setsid"), launcher.program("setpriv")
    if spec.terminal:
        shell = [*setsid, "--ctty", "--wait", *shell]
    return {
        "ask": "start",
        **asked_for(spec, user, sandboxed=True),
        "argv": sandbox.joined(
            INSIDE_MARK, user, shell, network=True, group=_group(spec), setpriv=setpriv
        ),
        "env": env,
    }


def _process(spec: DynoSpec, port: int, launcher: Launcher | None) -> dict[str, Any]:
    """Return the first process of a slug's dyno, or of an image's in its own folder."""
    if launcher is None:
        env, shell, command = launch.environment(spec), ["sh"], launch.shell(spec)
        first = _first(spec, ["setsid"], shell)
        more: dict[str, Any] = {"WorkingDir": "/"}
    else:
        env, shell, command = launch.image_environment(spec), launcher.shell, launch.words(spec)
        first = _first(spec, launcher.program("setsid"), shell)
        # Whether it is healthy shows at its port.
        more = {"Healthcheck": {"Test": ["NONE"]}}
    env["PORT"] = str(port)
    return {
        "Entrypoint": [*shell, "-c", first, "sh"],
        "Cmd": command,
        "Env": [f"{name}={value}" for name, value in env.items()],
        **more,
    }


def _first(spec: DynoSpec, setsid: list[str], shell: list[str]) -> str:
    command = _TERMINAL if spec.terminal else _ATTACHED if spec.attach else _PRINTS
    given = command.format(meeting=MEETING, setsid=" ".join(setsid), shell=" ".join(shell))
    return _FIRST.format(meeting=MEETING, command=given)


def walls() -> dict[str, Any]:
    """Return what keeps a container's processes in it."""
    return {
        "Privileged": False,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        # The uid of a dyno is the one that the runner knows.
        "UsernsMode": "host",
        "IpcMode": "private",
    }


def _group(spec: DynoSpec) -> int | None:
    return spec.image.group if spec.image else None


def hard_limit(quota: int) -> int:
    """Return the bytes of memory at which a dyno is killed: a little more than is R15."""
    return quota * HARD_LIMIT + _MEGABYTE


def _limits(memory: int) -> dict[str, int]:
    megabytes, hard = memory // _MEGABYTE, hard_limit(memory)
    return {
        "Memory": hard,
        "MemorySwap": hard,
        "CpuShares": min(max(2 * megabytes, 2), 262144),
        "PidsLimit": next(
            (most for size, most in _PROCESSES if megabytes <= size), _MOST_PROCESSES
        ),
    }


def _mounts(place: Place) -> list[dict[str, Any]]:
    mounts = [mount(path, inside, read_only=True) for inside, path in place.mounts.items()]
    mounts.append(mount(place.folder, MEETING, read_only=False))
    if place.device:
        mounts.append(mount(Path(place.device), "/dev/console", read_only=False))
    return mounts


def mount(source: Path, target: str, *, read_only: bool) -> dict[str, Any]:
    """Return the mount of a file or folder of the machine."""
    return {"Type": "bind", "Source": str(source), "Target": target, "ReadOnly": read_only}
