"""A platform in a network of its own with a Docker Engine, reached as paas.herokudev.com is.

The official command line takes container:* to a bare host name only, its registry is at
``registry.`` below it, and both are on port 443. Here the names lead to the network's own
loopback, and the platform's certificate authority is the system's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docker_engine import DockerEngine
from tests.e2e.platform import NODE, Done, Platform

HOST = "local.herokudev.com"
REGISTRY = f"registry.{HOST}"
_NAMES = ("", "api.", "git.", "registry.", "harbour.", "pier.")
_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass
class Apart(Platform):
    """All commands are run where the engine is."""

    engine: DockerEngine | None = None

    @classmethod
    def beside(cls, engine: DockerEngine, folder: Path) -> Apart:
        """Start a platform in the engine's network."""
        programs = folder / "bin"
        programs.mkdir()
        # The official command asks a newer one for what Debian's does not know.
        (programs / "docker").symlink_to("/usr/bin/docker")
        settings = {
            **engine.settings,
            "HATOBA_DOMAIN": HOST,
            "DOCKER_HOST": f"unix://{engine.socket}",
        }
        plain = Platform.of(folder, 443, settings)
        plain.env["PATH"] = f"{programs}:{plain.env['PATH']}"
        made = cls(plain.folder, plain.port, plain.env, engine=engine)
        hosts = folder / "hosts"
        names = " ".join(f"{name}{HOST}" for name in _NAMES)
        hosts.write_text(f"127.0.0.1 localhost {names}\n")
        made.mount(hosts, Path("/etc/hosts"))
        made.hatoba("up", "--detach", timeout=120).ok()
        bundle = folder / "bundle.pem"
        bundle.write_bytes(_BUNDLE.read_bytes() + (folder / "data/ca.pem").read_bytes())
        made.mount(bundle, _BUNDLE)
        return made

    def mount(self, path: Path, target: Path) -> None:
        """Put a file in the place of one of the system's, for what is started here."""
        self.command("mount", "--bind", str(path), str(target)).ok()

    def command(self, *argv: str, **options: Any) -> Done:
        assert self.engine is not None
        there = f"--wdns={options.get('cwd') or self.folder}"
        done = super().command(*self.engine.entering, there, "--", *argv, **options)
        return Done(argv, done.status, done.out, done.err)

    def official_env(self) -> dict[str, str]:
        return {
            "HEROKU_HOST": HOST,
            "HEROKU_API_KEY": self.token,
            "NODE_EXTRA_CA_CERTS": str(self.folder / "data/ca.pem"),
            "HEROKU_SKIP_NEW_VERSION_CHECK": "1",
            "DISABLE_TELEMETRY": "true",
            "PATH": f"{NODE}:{self.env['PATH']}",
        }

    @property
    def token(self) -> str:
        login = json.loads((self.folder / "data/login.json").read_text())
        return str(login["token"])

    def fetch(self, url: str) -> str:
        """Return what is answered at a URL."""
        return self.command("curl", "--silent", "--show-error", "--max-time", "20", url).ok().out


def context(folder: Path, files: Mapping[str, str], programs: Path) -> Path:
    """Make a folder to build an image in, with the one program that it needs."""
    folder.mkdir()
    (folder / "busybox").write_bytes(programs.read_bytes())
    (folder / "busybox").chmod(0o755)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
