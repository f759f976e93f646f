"""Holds all processes of a Docker Engine for tests, and ends them when the tests are gone.

``unshare --net --mount --propagation slave python docker_keeper.py FOLDER LINK ADDRESS GATEWAY``.
What containerd leaves to itself (shims and containers) becomes a child of this process, so that
nothing outlives it: it ends them, and deletes the folder, once its standard input is closed, which
a killed test run does too. The network namespace, with Docker's firewall rules and bridges, goes
with the last process in it.

Each line of standard input is JSON: the command line of a program to start, the variables added
to its environment, and a file for what it prints. The answer is its process id.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def connect(link: str, address: str, gateway: str) -> None:
    """Make the way to the machine's own network, and let the machine reach all containers."""
    for command in (
        f"ip link set lo up\nip address add {address} dev {link}\nip link set {link} up\n"
        f"ip route add default via {gateway}\niptables --wait --new-chain DOCKER-USER\n"
        f"iptables --wait --append DOCKER-USER --in-interface {link} --jump ACCEPT"
    ).splitlines():
        subprocess.run(command.split(), check=True)


def die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(argv: list[str], env: dict[str, str], output: str) -> int:
    """Start a program that ends with this process."""
    with Path(output).open("ab") as log:
        process = subprocess.Popen(
            argv,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 there are no threads
        )
    process.returncode = 0  # It is reaped below, with those that became children later.
    return process.pid


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def end_all() -> None:
    """Kill until there is no child left: those of the killed become children."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(ChildProcessError):
        while True:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for pid in children:
                os.kill(int(pid), signal.SIGKILL)
            os.wait()


def clear(folder: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for path in reversed([path for path in mounts if path.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", path], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def main(folder: Path, link: str, address: str, gateway: str) -> None:
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGCHLD, reap)
    say("apart")
    sys.stdin.readline()  # The link is there now.
    connect(link, address, gateway)
    try:
        say("ready")
        for line in sys.stdin:
            say(start(**json.loads(line)))
    finally:
        end_all()
        clear(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
