"""A platform for a benchmark, in a folder of its own that is removed afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.platform import Platform


@contextmanager
def a_platform() -> Iterator[Platform]:
    """Start a platform, hand it over, stop it and remove its folder."""
    folder = Path(tempfile.mkdtemp(prefix="hatoba-bench-"))
    folder.chmod(0o711)
    platform = Platform.up(folder)
    try:
        yield platform
    finally:
        platform.down()
        shutil.rmtree(folder, ignore_errors=True)
