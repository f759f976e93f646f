"""Where customers' Postgres servers and their poolers live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServersPlace:
    """Their folders; ``runtime_dir`` is short, for the sockets."""

    data_dir: Path
    work_dir: Path
    runtime_dir: Path
