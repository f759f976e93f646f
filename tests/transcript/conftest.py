"""The real command line as a process, against the real API over a real Postgres."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from tests.contract.api_platform import database as fresh_database
from tests.contract.api_platform import served

T = TypeVar("T")
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Place:
    """A platform to type at."""

    port: int
    email: str
    env: dict[str, str]
    home: Path

    def type(self, argv: list[str]) -> tuple[int, str, str]:
        """Run a command without a terminal; return exit code and both outputs."""
        known = argv[0] in ("heroku", "hatoba")
        program = str(BIN / argv[0]) if known else argv[0]
        done = subprocess.run(
            [program, *argv[1:]],
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@contextmanager
def in_a_thread(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold what an asynchronous context manager gives on a loop of its own."""
    started, ended = threading.Event(), asyncio.Event()
    found: list[T] = []
    loop = asyncio.new_event_loop()

    async def hold() -> None:
        async with manager as given:
            found.append(given)
            started.set()
            await ended.wait()

    def run() -> None:
        try:
            loop.run_until_complete(hold())
        finally:
            started.set()
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait(120)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(60)


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    with in_a_thread(fresh_database()) as url:
        yield url


@pytest.fixture
def place(database: str, tmp_path: Path) -> Iterator[Place]:
    home = tmp_path / "home"
    home.mkdir()
    data = tmp_path / "platform"
    data.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", home], check=True)
    with in_a_thread(served(database, data)) as api:
        port = int(api.url.rpartition(":")[2])
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HEROKU_HOST": f"http://localhost:{port}",
            "HEROKU_API_KEY": api.token,
            "GIT_CONFIG_NOSYSTEM": "1",
            "TZ": "UTC",
        }
        yield Place(port, api.account.email, env, home)
