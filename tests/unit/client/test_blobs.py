"""Archives fetched from and put to URLs that carry their own permission."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hatoba.client import blobs
from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError, Unreachable
from hatoba.client.origin import Origin
from hatoba.client.target import Target


class Store(BaseHTTPRequestHandler):
    """Gives and takes, well and badly."""

    taken: dict[str, tuple[str | None, bytes]] = {}  # noqa: RUF012 the class is the store

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self._answer(302, b"", location="/good")
        elif self.path == "/around":
            self._answer(302, b"", location="/around")
        elif self.path == "/cut":
            self._answer(200, b"half", length=8)
        else:
            self._answer(200 if self.path == "/good" else 403, b"content")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.taken[self.path] = (self.headers["authorization"], body)
        refused = b'{"id":"invalid_params","message":"It has no app in it."}'
        self._answer(200, b"") if self.path == "/good" else self._answer(422, refused)

    def _answer(self, status: int, body: bytes, *, length: int = -1, location: str = "") -> None:
        assert self.headers["authorization"] is None
        self.send_response(status)
        self.send_header("content-length", str(len(body) if length < 0 else length))
        if location:
            self.send_header("location", f"http://127.0.0.1:{self.server.server_port}{location}")  # type: ignore[attr-defined]
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(base: str) -> Api:
    return Api(Target(Origin("http", "localhost", 1), "a-token", None))


@pytest.mark.parametrize("path", ["/good", "/moved/from/here"])
def test_what_is_there_is_fetched_without_the_token(
    api: Api, base: str, path: str, tmp_path: Path
) -> None:
    blobs.fetch(api, base + path, tmp_path / "got", most=7)
    assert (tmp_path / "got").read_bytes() == b"content"


@pytest.mark.parametrize(
    ("path", "error", "told"),
    [
        ("/none", ApiError, "403"),
        ("/around", ClientError, "without end"),
        ("/cut", Unreachable, "lost during the download"),
    ],
)
def test_what_can_not_be_fetched_is_told(
    api: Api, base: str, path: str, error: type[Exception], told: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=told):
        blobs.fetch(api, base + path, tmp_path / "got", most=100)


def test_more_than_was_asked_for_is_not_taken(api: Api, base: str, tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="larger"):
        blobs.fetch(api, f"{base}/good", tmp_path / "got", most=6)


def test_a_file_is_put_and_a_refusal_told(api: Api, base: str, tmp_path: Path) -> None:
    archive = tmp_path / "slug.tgz"
    archive.write_bytes(b"archive")
    blobs.put(api, f"{base}/good", archive)
    assert Store.taken["/good"] == (None, b"archive")
    with pytest.raises(ApiError, match="no app in it"):
        blobs.put(api, f"{base}/bad", archive)
