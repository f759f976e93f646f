"""Serves a folder of files over HTTP, on $PORT. Standard library only."""

from __future__ import annotations

import email.utils
import http.server
import mimetypes
import os
import signal
import sys
import urllib.parse
from http import HTTPStatus
from pathlib import Path

ROOT = Path(sys.argv[1]).resolve()


class Files(http.server.BaseHTTPRequestHandler):
    """GET and HEAD of files; a folder means its index.html; hidden files are not there."""

    protocol_version = "HTTP/1.1"
    server_version = "hatoba-static"
    sys_version = ""
    timeout = 90

    def do_GET(self) -> None:
        self.answer(body=True)

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def answer(self, *, body: bool) -> None:
        path = self.found()
        status = HTTPStatus.OK if path else HTTPStatus.NOT_FOUND
        page = path or ROOT / "404.html"
        if path is None and not page.is_file():
            self.reply(status, "text/plain; charset=utf-8", b"Not found\n", body)
            return
        stat = page.stat()
        tag = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}"'
        if path and self.headers.get("If-None-Match") == tag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        kind = mimetypes.guess_type(page.name)[0] or "application/octet-stream"
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
            kind += "; charset=utf-8"
        self.reply(status, kind, page, body, ETag=tag, modified=stat.st_mtime)

    def found(self) -> Path | None:
        name = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if "\0" in name or any(part.startswith(".") for part in name.split("/") if part):
            return None
        path = (ROOT / name.lstrip("/")).resolve()
        if not path.is_relative_to(ROOT):
            return None
        if path.is_dir():
            path /= "index.html"
        if not path.is_file() and path.with_suffix(".html").is_file():
            path = path.with_suffix(".html")
        return path if path.is_file() else None

    def reply(
        self,
        status: HTTPStatus,
        kind: str,
        content: bytes | Path,
        body: bool,
        modified: float | None = None,
        **headers: str,
    ) -> None:
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.send_header("Cache-Control", "public, max-age=0, must-revalidate")
        if modified is not None:
            self.send_header("Last-Modified", email.utils.formatdate(modified, usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if not body:
            return
        if isinstance(content, bytes):
            self.wfile.write(content)
            return
        with content.open("rb") as file:
            while piece := file.read(65536):
                self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:
        """The router logs requests already."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128


def main() -> None:
    server = Server(("0.0.0.0", int(os.environ["PORT"])), Files)

    def leave(number: int, frame: object) -> None:
        import threading

        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, leave)
    print(f"Serving {ROOT} on port {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
