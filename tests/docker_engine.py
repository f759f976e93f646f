"""A Docker Engine for tests: its own folders and socket, started and stopped by hand as root."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

_READY_SECONDS = 60.0
_CONTAINERD = 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'


def missing() -> str | None:
    """Say what keeps tests from starting an engine here, None when nothing does."""
    if not os.environ.get("HATOBA_TEST_DOCKER"):
        return "the tests with a Docker Engine are run by `make test-docker`"
    if os.getuid() != 0:
        return "a Docker Engine is started as root"
    absent = [name for name in ("dockerd", "containerd", "iptables") if not shutil.which(name)]
    if absent:
        return f"there is no {absent[0]}; apt-get install docker.io iptables"
    return None


class DockerEngine:
    """dockerd and the containerd below it, which outlives it, as on a machine with systemd.

    Without ``live_restore`` dockerd ends all containers when it comes back.
    """

    def __init__(self, *, live_restore: bool = True) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hatoba-docker-"))
        self._live_restore = live_restore
        self._containerd: subprocess.Popen[bytes] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None
        self.socket = self._folder / "docker.sock"

    def start(self) -> None:
        if self._containerd is None:
            config = self._folder / "containerd.toml"
            config.write_text(_CONTAINERD)
            folders = [f"--{name}={self._folder / name}" for name in ("root", "state")]
            address = f"--address={self._folder / 'containerd.sock'}"
            self._containerd = self._spawn("containerd", f"--config={config}", *folders, address)
        options = {
            "containerd": self._folder / "containerd.sock",
            "data-root": self._folder / "data",
            "exec-root": self._folder / "exec",
            "pidfile": self._folder / "dockerd.pid",
            "host": f"unix://{self.socket}",
            "bridge": "none",
            "group": "root",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        live = ["--live-restore"] if self._live_restore else []
        self._dockerd = self._spawn("dockerd", *arguments, *live)

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a program and wait until it says that it is ready, as it would to systemd."""
        address = self._folder / f"{program}.notify"
        address.unlink(missing_ok=True)
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told,
            (self._folder / f"{program}.log").open("ab") as log,
        ):
            told.bind(str(address))
            told.settimeout(_READY_SECONDS)
            env = {**os.environ, "NOTIFY_SOCKET": str(address)}
            process = subprocess.Popen(
                [program, *arguments], env=env, stdout=log, stderr=log, start_new_session=True
            )
            while b"READY=1" not in told.recv(4096):
                continue
        return process

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End dockerd; containers and containerd go on if it can leave them alone."""
        if self._dockerd is not None:
            self._dockerd.send_signal(number)
            self._dockerd.wait()
            self._dockerd = None
            (self._folder / "dockerd.pid").unlink(missing_ok=True)

    def close(self) -> None:
        self.stop()
        if self._containerd is not None:
            self._containerd.terminate()
            self._containerd.wait()
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        below = [
            line.split()[1] for line in mounts if line.split()[1].startswith(f"{self._folder}/")
        ]
        for path in reversed(below):
            subprocess.run(["umount", "--lazy", path], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)
