"""A Docker Engine for tests: its own folders, socket and network, started and stopped as root."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from time import monotonic, sleep

from hatoba.engines.node import processes
from hatoba.engines.swarm import relay

_READY_SECONDS = 60.0
_CONTAINERD = 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
_KEEPER = Path(__file__).with_name("docker_keeper.py")
_SPACES = (("net", "net"), ("mount", "mnt"))
_UNSHARE = ("unshare", "--net", "--mount", "--propagation", "slave")
# Each engine takes the first of these that no other has.
_RANGES = tuple(IPv4Network("10.192.0.0/10").subnets(new_prefix=16))


@cache
def missing() -> str | None:
    """Say what keeps tests from starting an engine here, None when nothing does."""
    if os.getuid() != 0:
        return "a Docker Engine is started as root"
    programs = ("dockerd", "containerd", "iptables", "ip", "nsenter", "unshare")
    absent = [name for name in programs if not shutil.which(name)]
    if absent:
        return f"there is no {absent[0]}; apt-get install docker.io iptables iproute2"
    if subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode:
        return "this machine lets nobody make a network namespace, which a Docker Engine has"
    return None


class DockerEngine:
    """dockerd and the containerd below it, which outlives it, as on a machine with systemd.

    Both are in a network namespace of their own, so that several engines, or what is left of
    them, share neither firewall rules nor bridges; this machine reaches their containers by a
    route. Without ``live_restore`` dockerd ends all containers when it comes back.
    """

    def __init__(self, *, live_restore: bool = True) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hatoba-docker-"))
        self._live_restore = live_restore
        self._containerd: int | None = None
        self._dockerd: int | None = None
        self._relays: list[subprocess.Popen[bytes]] = []
        self.socket = self._folder / "docker.sock"
        self.data = self._folder / "data"
        self._link = f"hb{os.urandom(4).hex()}"
        inside = [f"{self._folder}", f"{self._link}i"]
        self._keeper = subprocess.Popen(
            [*_UNSHARE, sys.executable, str(_KEEPER), *inside, "198.18.0.2/30", "198.18.0.1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        # Of its containers: /17 for apps, the rest for what is no app's.
        whole = self._connect()
        self.networks, self._others = whole.subnets()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a platform whose dynos are its containers."""
        return {
            "HATOBA_ENGINE": "swarm",
            "HATOBA_DOCKER_HOST": f"unix://{self.socket}",
            "HATOBA_DYNO_NETWORKS": str(self.networks),
        }

    @property
    def client_settings(self) -> dict[str, str]:
        """The same, and that of docker's own command line."""
        return {**self.settings, "DOCKER_HOST": f"unix://{self.socket}"}

    def _connect(self) -> IPv4Network:
        """Link this machine's network with the engine's; return the addresses behind the link."""
        assert self._answer() == "apart"
        _ip(f"link add {self._link} type veth peer name {self._link}i")
        _ip(f"address add 198.18.0.1/30 dev {self._link}")
        _ip(f"link set {self._link} up")
        _ip(f"link set {self._link}i netns {self._keeper.pid}")
        whole = next(found for found in _RANGES if self._routed(found))
        assert self._ask("") == "ready"
        return whole

    def _routed(self, addresses: IPv4Network) -> bool:
        """Send what is for those addresses to the engine, unless they have a way already."""
        taken = subprocess.run(
            ["ip", "route", "show", "root", str(addresses)], capture_output=True, check=True
        )
        asked = ["ip", "route", "add", str(addresses), "via", "198.18.0.2", "dev", self._link]
        return not taken.stdout and not subprocess.run(asked, check=False).returncode

    def _ask(self, line: str) -> str:
        assert self._keeper.stdin
        self._keeper.stdin.write(f"{line}\n")
        self._keeper.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._keeper.stdout
        return self._keeper.stdout.readline().strip()

    def start(self) -> None:
        if self._containerd is None:
            config = self._folder / "containerd.toml"
            config.write_text(_CONTAINERD)
            folders = [f"--{name}={self._folder / name}" for name in ("root", "state")]
            address = f"--address={self._folder / 'containerd.sock'}"
            self._containerd = self._spawn("containerd", f"--config={config}", *folders, address)
        # This machine's own settings are for its own engine.
        settings = self._folder / "daemon.json"
        settings.write_text("{}")
        options = {
            "config-file": settings,
            "containerd": self._folder / "containerd.sock",
            "data-root": self.data,
            "exec-root": self._folder / "exec",
            "pidfile": self._folder / "dockerd.pid",
            "host": f"unix://{self.socket}",
            "bip": f"{self._others[1]}/24",
            "group": "root",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        live = ["--live-restore"] if self._live_restore else []
        self._dockerd = self._spawn("dockerd", *arguments, *live)

    def _spawn(self, program: str, *arguments: str) -> int:
        """Start a program and wait until it says that it is ready, as it would to systemd."""
        address = self._folder / f"{program}.notify"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(str(address))
            told.settimeout(_READY_SECONDS)
            asked = {
                "argv": [program, *arguments],
                "env": {"NOTIFY_SOCKET": str(address)},
                "output": str(self._folder / f"{program}.log"),
            }
            pid = int(self._ask(json.dumps(asked)))
            while b"READY=1" not in told.recv(4096):
                continue
        return pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End dockerd; containers and containerd go on if it can leave them alone."""
        if self._dockerd is not None:
            _end(self._dockerd, number)
            self._dockerd = None
            (self._folder / "dockerd.pid").unlink(missing_ok=True)

    @property
    def entering(self) -> list[str]:
        """The words before a command that is to be run where the engine is."""
        return ["nsenter", *(f"--{n}=/proc/{self._keeper.pid}/ns/{kind}" for n, kind in _SPACES)]

    def in_network(self, *command: str) -> None:
        """Run a command where the engine's firewall rules are."""
        entered = ["nsenter", f"--net=/proc/{self._keeper.pid}/ns/net", *command]
        subprocess.run(entered, check=True)

    def carry(self, port: int) -> None:
        """Let the engine reach a port of this machine's loopback as its own, as one here would."""
        folder = self._folder / f"relay-{port}"
        note = folder / str(port) / relay.NOTE
        note.parent.mkdir(parents=True)
        pid = self._keeper.pid
        asked = relay.Reach(str(port), pid, processes.start_time(pid) or 0, (port,))
        note.write_text(json.dumps(asdict(asked)))
        address = folder / "sock"
        argv = [sys.executable, "-I", "-m", relay.__name__, str(folder), str(address)]
        self._relays.append(subprocess.Popen(argv))
        end = monotonic() + _READY_SECONDS
        while not address.exists():
            assert monotonic() < end, "the relay does not start"
            sleep(0.01)

    def close(self) -> None:
        self.stop()
        for carrying in self._relays:
            carrying.terminate()
            carrying.wait()
        self._keeper.communicate()


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True)


def _end(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and wait until it has ended, by whom it may be reaped."""
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(ended, number)
        select.select([ended], [], [])
    finally:
        os.close(ended)
