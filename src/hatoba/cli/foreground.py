"""Programs that are run with the user's own terminal, such as psql."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program to its end and return its exit code; Ctrl-C is for it alone.

    Raises OSError when it can't be started.
    """
    # A handler that does nothing, unlike SIG_IGN, is not inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(argv, env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
