"""Processes of a dyno, as /proc shows them. Standard library only."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


def start_time(pid: int) -> int | None:
    """Return field 22 of /proc/PID/stat, or None when the process is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def descendants(pid: int) -> list[int]:
    """Return the processes below one, parents first."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        try:
            threads = list(Path(f"/proc/{parent}/task").iterdir())
            texts = [(thread / "children").read_text() for thread in threads]
        except OSError:
            continue
        children = [int(word) for text in texts for word in text.split()]
        found += children
        waiting += children
    return found


def session(leader: int) -> list[int]:
    """Return the processes of the session that this one leads or led."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            stat = path.read_bytes()
        except OSError:
            continue
        if int(stat[stat.rindex(b")") + 2 :].split()[3]) == leader:
            found.append(int(path.parent.name))
    return found


def named_in(pid: int, word: str) -> bool:
    """Tell whether a process's command line holds that word."""
    try:
        return word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def send(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each that still runs."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


@dataclass
class Memory:
    """Bytes that processes keep for themselves and share fairly.

    ``rss`` is their own memory, ``cache`` pages of files that they have mapped.
    """

    rss: int = 0
    cache: int = 0
    swap: int = 0

    @property
    def total(self) -> int:
        """All of it: what counts against a quota."""
        return self.rss + self.cache + self.swap


_KINDS = {"Pss_Anon": "rss", "Pss_Shmem": "rss", "Pss_File": "cache", "SwapPss": "swap"}


def memory(pids: list[int]) -> Memory:
    """Return the memory that these processes use."""
    used = Memory()
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        for line in text.splitlines():
            name, _, rest = line.partition(":")
            if (kind := _KINDS.get(name)) is not None:
                setattr(used, kind, getattr(used, kind) + int(rest.split()[0]) * 1024)
    return used


def runnable(pids: list[int]) -> int:
    """Return how many threads of these processes run, or wait for a processor or a disk."""
    count = 0
    for pid in pids:
        for stat in Path(f"/proc/{pid}/task").glob("[0-9]*/stat"):
            try:
                text = stat.read_bytes()
            except OSError:
                continue
            count += text[text.rindex(b")") + 2 :][:1] in (b"R", b"D")
    return count
