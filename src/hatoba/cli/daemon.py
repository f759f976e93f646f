"""The platform on this machine: start it, find it, stop it. It is never imported."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hatoba import settings
from hatoba.client import credentials, platform
from hatoba.client.api import Api
from hatoba.client.credentials import Login
from hatoba.client.errors import ClientError
from hatoba.client.origin import parse
from hatoba.client.target import Target
from hatoba.client.transport import Transport
from hatoba.kit import files, process
from hatoba.kit.process import ProcessId
from hatoba.schema.hatoba import Status
from hatoba.settings import Settings, daemon_environment

# initdb, migrations and Envoy take a few seconds; a slow disk gets much more than that.
READY_SECONDS = 180.0
# Dynos have 30 s to shut down, Postgres and Envoy come after them.
STOP_SECONDS = 90.0
LOOK_SECONDS = 0.1
# A daemon that dies so often before it was ever ready won't get better by itself.
DEATHS_AT_START = 3


class NotStarted(ClientError):
    """The platform could not be started."""

    id = "not_started"


@dataclass(frozen=True)
class Running:
    """The processes of a platform that is up: its keeper (None: killed) and its daemon.

    ``deaths`` counts how often the daemon has died in a row.
    """

    keeper: ProcessId | None
    daemon: ProcessId | None
    deaths: int = 0

    @property
    def main(self) -> ProcessId | None:
        """Return whom to ask to stop."""
        return self.keeper or self.daemon


def find(chosen: Settings) -> Running:
    """Return what runs for this data folder."""
    try:
        state = json.loads((chosen.runtime_dir / "keeper.json").read_text())
    except (OSError, ValueError):
        return Running(None, None)
    deaths = int(state.get("deaths", 0))
    return Running(_alive(state.get("keeper")), _alive(state.get("daemon")), deaths)


def _alive(entry: dict[str, int] | None) -> ProcessId | None:
    return process.recalled(entry) if entry else None


def left_behind(chosen: Settings) -> dict[str, ProcessId]:
    """Return the parts of this folder's platform that outlived their daemon, by name."""
    found = {}
    for record in [*chosen.runtime_dir.glob("*.json"), *chosen.runtime_dir.glob("router/*.json")]:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if (part := process.recalled(json.loads(record.read_text()))) is not None:
                found[record.stem] = part
    return found


def start(chosen: Settings) -> ProcessId:
    """Start the keeper, which starts the daemon; return the keeper.

    Raises NotStarted with one clear line when the folder or the port can't be used.
    """
    _prepare_folders(chosen)
    try:
        settings.dyno_disk()
        settings.release_days()
    except ValueError as error:
        raise NotStarted(str(error)) from None
    if chosen.engine == "swarm":
        _check_docker()
        _check_stack(chosen)
    if login(chosen) is None:
        # A platform that was here before may have left its router running, on this very port:
        # the daemon takes that over, and knows it from another program.
        _check_port(chosen.port)
    daemon = [sys.executable, "-P", "-m", "hatoba.server"]
    keeper = [sys.executable, "-P", "-m", "hatoba.keeper"]
    log = chosen.log_file
    with log.open("ab") as output:
        return process.spawn_detached(
            [*keeper, str(chosen.runtime_dir), str(log), *daemon],
            env=daemon_environment(chosen),
            output=output,
            cwd=chosen.data_dir,
        )


def _prepare_folders(chosen: Settings) -> None:
    try:
        chosen.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.private_dir(chosen.log_file.parent)
        chosen.log_file.touch(mode=0o600)
    except OSError as error:
        raise NotStarted(
            f"The data folder {chosen.data_dir} can't be used: {error.strerror}. "
            "Choose another: hatoba up --data-dir DIR"
        ) from error
    _own_runtime_dir(chosen.runtime_dir)


def _own_runtime_dir(path: Path) -> None:
    """Make the folder for sockets. Its name can be foreseen: another user's is refused."""
    path.mkdir(mode=0o711, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise NotStarted(f"{path} belongs to somebody else. Remove it, then start again.")
    path.chmod(0o711)


def _check_docker() -> None:
    """See that Docker is there: without it no dyno would ever start."""
    if os.getuid() != 0:
        raise NotStarted("The swarm engine needs root: it enters the networks of containers.")
    try:
        path = settings.docker_socket()
        settings.dyno_networks()
    except ValueError as error:
        raise NotStarted(str(error)) from None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError as error:
            raise NotStarted(
                f"Docker does not answer at {path} ({error.strerror}). Start it, install it "
                "(apt-get install docker.io), or name its socket: HATOBA_DOCKER_HOST=unix://PATH"
            ) from None


def _check_stack(chosen: Settings) -> None:
    archive = settings.stack(chosen.data_dir)
    if archive is not None and not archive.is_file():
        raise NotStarted(f"The stack {archive} is not there. Build it: hatoba stack build")


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 the router listens there
        except PermissionError:
            raise NotStarted(
                f"Port {port} may not be used by this user: choose 1024 or above."
            ) from None
        except OSError:
            raise NotStarted(
                f"Port {port} is taken by another program. "
                f"Choose another: hatoba up --port {port + 1}"
            ) from None


def until_ready(chosen: Settings, keeper: ProcessId) -> Iterator[Status]:
    """Look at the platform until it is ready, giving each new status.

    Raises NotStarted, with the daemon's own last words, when it does not come up.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        found = status(chosen)
        if found is not None:
            yield found
            if found.ready:
                return
        if not process.alive(keeper):
            process.reap(keeper)
            raise NotStarted(last_words(chosen))
        if find(chosen).deaths >= DEATHS_AT_START:
            stop(find(chosen))
            raise NotStarted(last_words(chosen))
        time.sleep(LOOK_SECONDS)
    raise NotStarted(
        f"The platform is not ready after {READY_SECONDS:.0f} s. Its log: {chosen.log_file}"
    )


def status(chosen: Settings) -> Status | None:
    """Return the platform's status, or None while it does not answer."""
    own = login(chosen)
    if own is None:
        return None
    target = Target(parse(own.api_url)[0], own.token, _ca(own))
    # One attempt: whoever waits for the platform looks again soon anyway.
    sender = Transport(target.origin, ca=target.ca, attempts=1)
    try:
        return platform.status(Api(target, sender, attempts=1))
    except ClientError:
        return None
    finally:
        sender.close()


def login(chosen: Settings) -> Login | None:
    """Return the login that the platform wrote, if it is for the chosen port."""
    own = credentials.of_platform(chosen.data_dir)
    return own if own and parse(own.api_url)[0].port == chosen.port else None


def _ca(own: Login) -> Path | None:
    return Path(own.ca) if own.ca else None


def last_words(chosen: Settings) -> str:
    """Return the last line that the daemon printed: with a StartupError, the reason."""
    lines = [line for line in tail(chosen.log_file, 50) if line.strip()]
    said = [line for line in lines if not line.startswith(("keeper:", " ", "Traceback"))]
    reason = said[-1] if said else "The daemon ended without saying why."
    return f"{reason}\nIts log: {chosen.log_file}"


def tail(path: Path, count: int) -> list[str]:
    """Return the last lines of a file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - count * 1000))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except OSError:
        return []


def stop(running: Running) -> bool:
    """Ask the platform to stop in order and wait for it; tell whether it did."""
    main = running.main
    if main is None:
        return True
    process.send(main, signal.SIGTERM)
    both = [p for p in (running.keeper, running.daemon) if p is not None]
    return all(process.gone_within(p, STOP_SECONDS) for p in both)
