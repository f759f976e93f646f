"""Every command of the official CLI that makes sense here, unmodified, in a meaningful order."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.official.groups import GROUPS
from tests.e2e.official.harness import Typist
from tests.e2e.official.left_out import LEFT_OUT
from tests.e2e.platform import Platform

# Two people type at a time, each their own group.
_PEOPLE = 2


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory, official_cli: Path) -> Iterator[Platform]:
    """A platform with the apps that the lines speak of."""
    assert official_cli.exists()
    platform = Platform.up(tmp_path_factory.mktemp("every"))
    platform.deployed("flask-guestbook", "quay")
    platform.deployed("flask-guestbook", "quay2", more="release: echo released $((6*7))\n")
    for name in ("crew", "depot", "store", "yard", "wire", "tide", "mast"):
        platform.heroku("apps:create", name).ok()
    for email in ("friend@example.com", "third@example.com"):
        platform.heroku("users:add", email).ok()
    platform.heroku("teams:create", "harbourmasters").ok()
    platform.heroku("pipelines:create", "fleet", "-s", "staging", "-a", "mast").ok()
    yield platform
    platform.down()


class Sink(BaseHTTPRequestHandler):
    """Takes whatever is delivered."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def sink() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def evenings(harbour: Platform, sink: int) -> Iterator[dict[str, Future[Typist]]]:
    """Every group being typed."""

    def work(group: str) -> Typist:
        typist = Typist(harbour, group)
        typist.known["sink"] = str(sink)
        typist.type(GROUPS[group])
        return typist

    with ThreadPoolExecutor(_PEOPLE) as people:
        yield {group: people.submit(work, group) for group in GROUPS}


@pytest.mark.parametrize("group", GROUPS)
def test_each_line_works(evenings: dict[str, Future[Typist]], group: str) -> None:
    typist = evenings[group].result()
    assert not typist.failures, "\n\n".join(typist.failures)


def test_every_command_is_typed_or_left_out_for_a_reason(
    official_cli: Path, say: Callable[[str], None]
) -> None:
    listed = subprocess.run(
        [str(official_cli), "commands", "--json"], capture_output=True, check=True, text=True
    )
    known = {one["id"] for one in json.loads(listed.stdout)}
    meant = {line.command for lines in GROUPS.values() for line in lines}
    say(f"official CLI: {len(meant)} of {len(known)} commands typed, {len(LEFT_OUT)} left out")
    assert known - meant - set(LEFT_OUT) == set()
    assert meant & set(LEFT_OUT) == set()
    assert (meant | set(LEFT_OUT)) - known == set()
