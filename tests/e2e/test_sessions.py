"""Sessions into dynos that run: shells, files, ports, by this command line and the official one."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from tests.e2e.platform import BIN, Platform, free_port
from tests.e2e.terminal import Terminal

APP = "sessions"


@pytest.fixture(scope="module")
def app(platform: Platform) -> str:
    path = platform.repo("flask-guestbook", APP)
    with (path / "Procfile").open("a") as procfile:
        procfile.write("\ngreeting: echo $DYNO says hello\n")
    platform.commit(path, "another process type")
    platform.heroku("apps:create", APP, cwd=path).ok()
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    return APP


@contextmanager
def going_on(platform: Platform, ready: str, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command that ends by Ctrl-C, once it has said that it is ready."""
    fresh = ["env", "--default-signal=INT", str(BIN / "heroku"), *argv]
    process = subprocess.Popen(fresh, env=platform.env, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    try:
        assert any(ready in line for line in process.stderr)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_command_inside_sees_the_dyno(platform: Platform, app: str, official_cli: Path) -> None:
    look = "echo $DYNO; ps -eo args | grep -c '[g]unicorn app:app'; exit 7"
    done = platform.heroku("run:inside", "web.1", "-a", app, "--", look)
    assert done.status == 7
    assert re.fullmatch(r"web\.1\n[1-9]\d*\n", done.out), done.all
    theirs = platform.official("run:inside", "web.1", "-x", "-a", app, "--", look)
    assert theirs.status == 7
    assert "web.1" in theirs.out
    assert [d["name"] for d in platform.json("ps", "-a", app)] == ["web.1"]
    typed = platform.heroku("ps:exec", "-a", app, "--", "cat", stdin="typed\n").ok()
    assert typed.out == "typed\n"
    assert "ready" in platform.heroku("ps:exec", "--status", "-a", app).ok().out
    refused = platform.heroku("run:inside", "web.9", "ls", "-a", app)
    assert (refused.status, "Couldn't find that dyno" in refused.err) == (1, True)


def test_a_process_type_is_run_by_its_name(platform: Platform, app: str) -> None:
    done = platform.heroku("run", "greeting", "-a", app).ok()
    assert re.fullmatch(r"run\.\d+ says hello\n", done.out)


def test_a_shell_follows_the_size_of_its_terminal(platform: Platform, app: str) -> None:
    command = f"{BIN / 'heroku'} ps:exec -a {app}"
    terminal = Terminal(command, cwd=platform.folder, env=platform.env)
    terminal.until("$ ", seconds=60)
    terminal.type("trap 'stty size; exit 4' WINCH; stty size; echo re''ady\n")
    terminal.until("ready", seconds=20)
    assert "40 100" in terminal.screen
    termios.tcsetwinsize(terminal.own, (50, 150))
    done = terminal.end(seconds=20)
    assert (done.status, "50 150" in done.screen) == (4, True), done.screen


def test_four_times_ctrl_c_leave_a_dyno_that_does_not_care(platform: Platform, app: str) -> None:
    command = f"{BIN / 'heroku'} run -a {app} -- \"trap '' INT; echo re''ady; sleep 1000\""
    terminal = Terminal(command, cwd=platform.folder, env=platform.env)
    terminal.until("ready", seconds=60)
    for _ in range(4):
        terminal.type("\x03")
    done = terminal.end(seconds=30)
    assert (done.status, "by force" in done.screen) == (1, True), done.screen


def test_a_file_is_copied_whole(platform: Platform, app: str, tmp_path: Path) -> None:
    make = "head -c 3000000 /dev/urandom > blob; printf '\\004' >> blob; sha256sum blob"
    digest = platform.heroku("ps:exec", "-a", app, "--", make).ok().out.split()[0]
    copied = platform.heroku("ps:copy", "blob", "-a", app, cwd=tmp_path).ok()
    assert digest in copied.err
    assert (tmp_path / "blob").stat().st_size == 3_000_001
    again = platform.heroku("ps:copy", "blob", "-a", app, cwd=tmp_path)
    assert (again.status, "exists already" in again.err) == (1, True)
    for name, why in (("nothing", "no such file"), ("/app", "it is a folder")):
        refused = platform.heroku("ps:copy", name, "-a", app, "-o", "copy", cwd=tmp_path)
        assert (refused.status, why in refused.err) == (1, True), refused.all
    assert [path.name for path in tmp_path.iterdir()] == ["blob"]


def test_ports_of_a_dyno_are_reached(platform: Platform, app: str) -> None:
    there = int(platform.heroku("ps:exec", "-a", app, "--", "echo $PORT").ok().out)
    here = free_port()
    with going_on(platform, "Use CTRL+C", "ps:forward", f"{here}:{there}", "-a", app):
        body = b"message=" + b"\x04" * 70_000
        answers = [
            urllib3.request("GET", f"http://127.0.0.1:{here}/", retries=False),
            urllib3.request("POST", f"http://127.0.0.1:{here}/none", body=body, retries=False),
        ]
        assert [answer.status for answer in answers] == [200, 404]
        taken = platform.heroku("ps:forward", f"{here}:{there}", "-a", app)
        assert (taken.status, "Choose another local port" in taken.err) == (1, True)
    with going_on(platform, "Use CTRL+C", "ps:socks", "-p", str(here), "-a", app):
        assert through_socks(here, there).startswith(b"\x05\x00HTTP/1.0 200")
        assert through_socks(here, 1) == b"\x05\x05"


def through_socks(proxy: int, port: int) -> bytes:
    """Ask for / at a port inside the dyno by its name; return the reply's code and the answer."""
    with socket.create_connection(("127.0.0.1", proxy), timeout=30) as near:
        near.sendall(b"\x05\x01\x00")
        assert near.recv(2) == b"\x05\x00"
        name = b"localhost"
        address = bytes((5, 1, 0, 3, len(name))) + name + port.to_bytes(2, "big")
        near.sendall(address)
        reply = near.recv(10)
        if reply[1]:
            return reply[:2]
        near.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        return reply[:2] + near.recv(100)
