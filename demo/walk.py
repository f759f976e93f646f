"""The demo: a platform of its own, a sample app by a real `git push`, then the workflows.

Everything below is a real command against a real platform. It is left running at the end,
unless HATOBA_DEMO_STOP is set.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
BIN = Path(sys.executable).parent
SAMPLE = "django-guestbook"
WITH_DOCKER = (
    "hatoba up --engine swarm runs dynos as containers, and deploys images: container:push, "
    "container:release, or git push of a Dockerfile. See docs/how-to/deploy-containers.md"
)


class Demo:
    """Runs commands in the open: what is typed, what comes back, and how long it took."""

    def __init__(self, port: int) -> None:
        self.app = "harbour"
        self.live = "harbour-live"
        self.data = HOME / "data"
        self.repo = HOME / self.app
        self.port = port
        self.env = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HATOBA_DATA_DIR": str(self.data),
            "HATOBA_PORT": str(port),
            "GIT_TERMINAL_PROMPT": "0",
        }
        for name in ("HEROKU_HOST", "HEROKU_API_KEY", "HEROKU_APP"):
            self.env.pop(name, None)

    def title(self, text: str) -> None:
        print(f"\n\033[1m── {text}\033[0m" if sys.stdout.isatty() else f"\n── {text}", flush=True)

    def run(self, *argv: str, may_fail: bool = False) -> int:
        """Type one command and show what it says; end the demo if it fails."""
        print(f"$ {' '.join(argv)}", flush=True)
        started = time.monotonic()
        done = subprocess.run(argv, env=self.env, cwd=self.repo, check=False)
        print(f"  ({time.monotonic() - started:.1f} s)", flush=True)
        if done.returncode and not may_fail:
            sys.exit(f"The demo stops here: {argv[0]} ended with {done.returncode}.")
        return done.returncode

    def quietly(self, *argv: str) -> bool:
        """Run a command of the set-up; tell whether it succeeded."""
        done = subprocess.run(argv, env=self.env, cwd=self.repo, capture_output=True, check=False)
        return done.returncode == 0

    def sample(self) -> None:
        """Copy the sample app into a git repository of its own, once."""
        if (self.repo / ".git").is_dir():
            return
        shutil.copytree(ROOT / "examples" / SAMPLE, self.repo, dirs_exist_ok=True)
        self.quietly("git", "init", "--initial-branch=main")
        self.quietly("git", "config", "user.name", "Demo")
        self.quietly("git", "config", "user.email", "demo@example.com")
        self.commit("A guestbook")

    def commit(self, subject: str) -> None:
        self.quietly("git", "add", "--all")
        self.quietly("git", "commit", "--allow-empty", "-m", subject)

    def deploy(self) -> None:
        self.title("Workflow 1: deploy an application")
        if not self.quietly("heroku", "apps:info", "-a", self.app):
            self.run("heroku", "apps:create", self.app)
        self.run("heroku", "git:remote", "-a", self.app)
        if not self.quietly("heroku", "pg:psql", "-a", self.app, "-c", "SELECT 1"):
            self.run("heroku", "addons:create", "heroku-postgresql:essential-0", "-a", self.app)
        self.run("git", "push", "heroku", "main")
        self.run("heroku", "releases", "-a", self.app, "-n", "5")
        self.run("heroku", "ps", "-a", self.app)
        self.run("heroku", "logs", "-a", self.app, "-n", "12")

    def operate(self) -> None:
        app = ("-a", self.app)
        self.title("Workflow 2: diagnose and debug")
        self.run("heroku", "config", "-s", *app)
        self.run("heroku", "logs", "-n", "5", "--source", "app", *app)
        self.run("heroku", "run", *app, "--", "python", "--version")
        self.run("heroku", "ps:exec", *app, "--", "ps -o pid,args | head -4")
        self.title("Workflow 3: manage configuration")
        self.run("heroku", "config:set", "GREETING=Ahoy", *app, "--yes")
        self.run("heroku", "config:get", "GREETING", *app)
        self.run("heroku", "config:unset", "GREETING", *app, "--yes")
        self.title("Workflow 4: scale and restart")
        self.run("heroku", "ps:scale", "web=2", *app)
        self.run("heroku", "ps:type", *app)
        self.run("heroku", "ps:restart", *app)
        self.run("heroku", "ps:scale", "web=1", *app, "--yes")

    def keep(self) -> None:
        app = ("-a", self.app)
        self.title("Workflow 5: database operations")
        self.run("heroku", "pg:info", *app)
        self.run("heroku", "pg:credentials", *app)
        signed = (
            "INSERT INTO guestbook_entry (name, message, written_at) VALUES ('Ada', 'Ahoy', now())"
        )
        self.run("heroku", "pg:psql", *app, "-c", signed)
        self.run("heroku", "pg:backups:capture", *app)
        at = "02:00 America/New_York"
        self.run("heroku", "pg:backups:schedule", "DATABASE", "--at", at, *app, "--yes")
        self.run("heroku", "pg:backups", *app)

    def recover(self) -> None:
        app = ("-a", self.app)
        self.title("Workflow 6: releases and rollback")
        self.commit("Another version")
        self.run("git", "push", "heroku", "main")
        self.run("heroku", "rollback", *app, "--yes")
        self.run("heroku", "releases", "-n", "3", *app)
        self.title("Workflow 7: maintenance mode")
        self.run("heroku", "maintenance:on", *app, "--yes")
        self.run("heroku", "maintenance", *app)
        self.run("heroku", "maintenance:off", *app)

    def promote(self) -> None:
        self.title("And beyond: from staging to production")
        if not self.quietly("heroku", "pipelines:info", "quayside"):
            self.run("heroku", "apps:create", self.live, "--no-remote")
            self.run("heroku", "pipelines:create", "quayside", "-s", "staging", "-a", self.app)
            self.run("heroku", "pipelines:add", "quayside", "-s", "production", "-a", self.live)
        self.run("heroku", "addons:create", "heroku-postgresql:essential-0", "-a", self.live)
        self.run("heroku", "pipelines:promote", "-a", self.app, "--yes")

    def refuse(self) -> None:
        self.title("What an agent can't do by mistake")
        self.run("heroku", "apps:destroy", "-a", self.app, may_fail=True)
        self.title("With a Docker Engine")
        print(f"  {WITH_DOCKER}")


def free_port() -> int:
    """Return 8080, or the next port that is free (or where this demo is up already)."""
    note = HOME / "port"
    if note.exists():
        return int(note.read_text())
    for port in range(8080, 8180):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                note.write_text(str(port))
                return port
    sys.exit("No port between 8080 and 8179 is free.")


def main() -> None:
    HOME.mkdir(exist_ok=True)
    demo = Demo(free_port())
    demo.repo.mkdir(exist_ok=True)
    demo.sample()
    demo.title("A platform")
    demo.run("hatoba", "up", "--detach")
    demo.run("hatoba", "status")
    demo.deploy()
    demo.operate()
    demo.keep()
    demo.recover()
    demo.promote()
    demo.refuse()
    if os.environ.get("HATOBA_DEMO_STOP"):
        demo.run("hatoba", "down")
        return
    demo.title("It is yours")
    print(f"  The app:     http://{demo.app}.localhost:{demo.port}/")
    print(f"  Go on with:  export HATOBA_DATA_DIR={demo.data} HATOBA_PORT={demo.port}")
    print(f"               {BIN}/heroku ps -a {demo.app}")
    print(f"  Stop it:     {BIN}/hatoba down")


if __name__ == "__main__":
    main()
