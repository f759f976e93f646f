"""The keeper with a daemon that lives as long as the test says."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hatoba import keeper

# Writes its pid, then waits for a signal; exits 0 at SIGTERM, as the daemon does.
DAEMON = """
import os, signal, sys
def end(*_):
    open(sys.argv[1] + "/ended", "w").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGHUP, lambda *_: open(sys.argv[1] + "/hup", "w").close())
signal.pthread_sigmask(signal.SIG_SETMASK, [])
with open(sys.argv[1] + "/pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
while True:
    signal.pause()
"""


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        select.select([], [], [], 0.01)


class Kept:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "hatobad.log"

    def start(self, script: str = DAEMON) -> subprocess.Popen[bytes]:
        daemon = [sys.executable, "-c", script, str(self.folder)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hatoba.keeper", str(self.folder), str(self.log), *daemon]
        )
        return self.process

    def pids(self) -> list[int]:
        path = self.folder / "pids"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def state_names(self, pid: int) -> bool:
        found = keeper.daemon_of(self.folder / "keeper.json")
        return found is not None and found.pid == pid and found.alive


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    for pid in [kept.process.pid, *kept.pids()]:
        if keeper.started(pid):
            os.kill(pid, signal.SIGKILL)
    kept.process.wait()


def test_a_killed_daemon_is_started_again(kept: Kept) -> None:
    kept.start()
    until(lambda: len(kept.pids()) == 1)
    os.kill(kept.pids()[0], signal.SIGKILL)
    until(lambda: len(kept.pids()) == 2)
    until(lambda: kept.state_names(kept.pids()[1]))
    assert "hatobad ended with status -9" in kept.log.read_text()


def test_stop_is_handed_on_and_waited_for(kept: Kept) -> None:
    process = kept.start()
    until(lambda: len(kept.pids()) == 1)
    process.terminate()
    assert process.wait(20) == 0
    assert (kept.folder / "ended").exists()
    assert not (kept.folder / "keeper.json").exists()


def test_a_stop_waits_until_the_daemon_can_stop_in_order(kept: Kept) -> None:
    wait = f"import os; open({str(kept.folder / 'fifo')!r}).read()"
    os.mkfifo(kept.folder / "fifo")
    process = kept.start(f"{wait}\n{DAEMON}")
    with (kept.folder / "fifo").open("w"):
        process.terminate()
    assert process.wait(20) == 0
    assert (kept.folder / "ended").exists()


def test_a_stop_while_the_daemon_is_dead_starts_it_to_stop_what_runs_on(kept: Kept) -> None:
    # It dies twice, so that the keeper pauses.
    dies = "import os, sys; n = sys.argv[1] + '/n'; open(n, 'a').write('x')"
    process = kept.start(f"{dies}\nif len(open(n).read()) < 3: os._exit(9)\n{DAEMON}")
    until(lambda: kept.log.exists() and kept.log.read_text().count("ended with status 9") == 2)
    process.terminate()
    assert process.wait(20) == 0
    assert (kept.folder / "ended").exists()


def test_a_daemon_is_never_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os, sys; n = sys.argv[1] + '/n'; open(n, 'a').write('x')"
    script += f"\nif len(open(n).read()) < 15: os._exit(9)\nraise SystemExit({keeper.CANNOT_START})"
    paused: list[int] = []

    def pause(deaths: int) -> float:
        paused.append(deaths)
        return 0.0

    monkeypatch.setattr(keeper, "pause", pause)
    daemon = [sys.executable, "-c", script, str(tmp_path)]
    assert keeper.Keeper(daemon, tmp_path, tmp_path / "log")._keep() == keeper.CANNOT_START
    assert paused == list(range(1, 15))


def test_hangup_is_handed_on(kept: Kept) -> None:
    process = kept.start()
    until(lambda: len(kept.pids()) == 1)
    process.send_signal(signal.SIGHUP)
    until((kept.folder / "hup").exists)
    assert len(kept.pids()) == 1


def test_a_daemon_that_cannot_start_is_not_started_again(kept: Kept) -> None:
    process = kept.start(f"print('The disk is full.'); raise SystemExit({keeper.CANNOT_START})")
    assert process.wait(20) == keeper.CANNOT_START
    assert kept.log.read_text() == "The disk is full.\n"


def test_a_second_keeper_leaves(kept: Kept) -> None:
    kept.start()
    until(lambda: len(kept.pids()) == 1)
    first = kept.process
    assert kept.start().wait(20) == keeper.ALREADY_KEPT
    kept.process = first
    assert len(kept.pids()) == 1


def test_a_daemon_that_outlived_its_keeper_is_taken_over(kept: Kept) -> None:
    first = kept.start()
    until(lambda: len(kept.pids()) == 1)
    daemon = kept.pids()[0]
    until(lambda: kept.state_names(daemon))
    first.kill()
    first.wait()
    second = kept.start()

    def taken_over() -> bool:
        state = json.loads((kept.folder / "keeper.json").read_text())
        return bool(state["keeper"]["pid"] == second.pid)

    until(taken_over)
    assert kept.pids() == [daemon]
    second.terminate()
    assert second.wait(20) == 0
    until((kept.folder / "ended").exists)


def test_pauses_grow_to_a_bound() -> None:
    assert [keeper.pause(n) for n in (1, 2, 3, 4)] == [0.0, 1.0, 2.0, 4.0]
    assert keeper.pause(40) == keeper.LONGEST_PAUSE_SECONDS
