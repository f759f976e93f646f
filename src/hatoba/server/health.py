"""How the platform's parts are, and the keeper's keeper."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from hatoba.control.status import Part
from hatoba.kit import process
from hatoba.kit.process import ProcessId
from hatoba.kit.sandbox import Isolation
from hatoba.kit.text import size
from hatoba.settings import Settings

log = structlog.get_logger("health")

# Below this share of free disk an operator is told.
_DISK_SHARE = 0.05
_RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Watched:
    """A part that has a process. ``pid`` is asked for each time, None while it does not run."""

    name: str
    detail: str
    pid: Callable[[], int | None]


class PlatformHealth:
    """Implements ``control.status.Health``. ``ready`` is set once everything was started."""

    def __init__(self, chosen: Settings) -> None:
        self._settings = chosen
        self._watched: list[Watched] = [Watched("hatobad", "the daemon", os.getpid)]
        self._notices: list[str] = []
        self.ready = False

    def watch(self, name: str, detail: str, pid: Callable[[], int | None]) -> None:
        """Show a part from now on."""
        self._watched.append(Watched(name, detail, pid))

    def tell(self, notice: str | None) -> None:
        """Have operators read this sentence."""
        if notice:
            self._notices.append(notice)

    async def parts(self) -> list[Part]:
        """Return every part as it is now."""
        return [self._part(w) for w in self._watched]

    def _part(self, watched: Watched) -> Part:
        pid = watched.pid()
        up = pid is not None and (self.ready or watched.name != "hatobad")
        state = "up" if up else "down" if self.ready else "starting"
        return Part(watched.name, state, watched.detail, pid, _memory(pid) if pid else None)

    def notices(self) -> list[str]:
        """Return whole sentences that an operator must read."""
        disk = shutil.disk_usage(self._settings.data_dir)
        if disk.free < _DISK_SHARE * disk.total:
            left = f"Only {size(disk.free)} of disk are free below {self._settings.data_dir}."
            return [*self._notices, left]
        return list(self._notices)

    def keeper(self) -> int | None:
        """Return the keeper's process id, if it runs."""
        found = self._keeper()
        return found.pid if found else None

    def _keeper(self) -> ProcessId | None:
        try:
            state = json.loads((self._settings.runtime_dir / "keeper.json").read_text())
            return process.recalled(state["keeper"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    async def keep_keeper(self) -> None:
        """Start the keeper again when it ends: the two look after each other."""
        if self._keeper() is None:
            return  # This daemon was started by hand, and whoever did that keeps it.
        while True:
            keeper = self._keeper()
            if keeper is not None:
                await process.gone(keeper)
                log.warning("the keeper ended; it is started again")
            self._start_keeper()
            await asyncio.sleep(_RETRY_SECONDS)

    def _start_keeper(self) -> None:
        chosen = self._settings
        python = [sys.executable, "-P", "-m"]
        runtime, output = str(chosen.runtime_dir), str(chosen.log_file)
        argv = [*python, "hatoba.keeper", runtime, output, *python, "hatoba.server"]
        with chosen.log_file.open("ab") as file:
            process.spawn_detached(argv, env=os.environ, output=file, cwd=chosen.data_dir)


def _memory(pid: int) -> int | None:
    """Return the bytes of memory that a process has in use."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def isolation_notice(isolation: Isolation) -> str | None:
    """Return what an operator must know of how dynos are kept apart; None when they are."""
    if isolation.bwrap is not None:
        return None
    how = "have users of their own, but see the machine's files"
    if not isolation.root:
        how = "are not isolated from each other or from your files"
    return f"There is no bubblewrap: dynos {how}. Install it: apt-get install bubblewrap."
