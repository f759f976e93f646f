"""The command line as its user has it: a process of its own, against a platform over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.unit.fake_platform import FakePlatform


@dataclass(frozen=True)
class Done:
    """What a command gave."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands without a terminal, in a home of its own."""

    def __init__(self, platform: FakePlatform, home: Path) -> None:
        self.platform = platform
        self.home = home
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HEROKU_HOST": f"http://localhost:{platform.port}",
            "HEROKU_API_KEY": "a-token",
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def __call__(
        self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "hatoba.cli.main", *arguments],
            env={**self.env, **(env or {})},
            cwd=self.home,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Done(done.returncode, done.stdout, done.stderr)


def _handler(platform: FakePlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length) if length else None
            if self.headers["Host"].startswith("localhost"):
                answer = platform.request(self.command, self.path, dict(self.headers), body)
                status, headers, content = answer.status, answer.headers, answer.body
            else:
                status, content = self.app()
                headers = {}
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def app(self) -> tuple[int, bytes]:
            if platform.destroyed:
                return 404, b"There is no such app."
            if platform.maintenance:
                return 503, b"<h1>Offline for Maintenance</h1>"
            return 200, b"hello"

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_one  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def shell(tmp_path: Path, platform: FakePlatform) -> Iterator[Shell]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(platform))
    platform.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Shell(platform, tmp_path)
    server.shutdown()
    server.server_close()
    thread.join()
