"""A session with an MCP server over its standard input and output."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any


class McpSession:
    """Requests one after another; what the server says in between is passed over."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._number = 0

    def request(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return its result; an error of the protocol fails the test."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            assert line, f"the server ended during {method}"
            answer = json.loads(line)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def notify(self, method: str) -> None:
        """Tell the server something."""
        self._send({"method": method})

    def call(self, tool: str, **arguments: Any) -> str:
        """Call a tool and return its text."""
        result = self.request("tools/call", name=tool, arguments=arguments)
        text = "\n".join(one["text"] for one in result["content"])
        assert not result.get("isError"), text
        return text

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()


@contextmanager
def session(argv: Sequence[str], env: Mapping[str, str]) -> Iterator[McpSession]:
    """Start a server, greet it, and end it at last."""
    process = subprocess.Popen(
        argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        opened = McpSession(process)
        opened.request(
            "initialize",
            protocolVersion="2024-11-05",
            capabilities={},
            clientInfo={"name": "tests", "version": "1"},
        )
        opened.notify("notifications/initialized")
        yield opened
    finally:
        process.terminate()
        process.wait(timeout=20)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
