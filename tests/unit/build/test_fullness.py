from __future__ import annotations

import os
import shutil
from errno import EACCES, ENOSPC
from pathlib import Path

import pytest

from hatoba import errors
from hatoba.build.fullness import Fullness

WORDS = os.strerror(ENOSPC).encode()


@pytest.mark.parametrize("cut", range(1, len(WORDS)))
def test_the_complaint_is_seen_across_pieces(tmp_path: Path, cut: int) -> None:
    heard: list[bytes] = []
    fullness = Fullness(tmp_path)
    watch = fullness.watching(heard.append)
    for piece in (b"cp: ", WORDS[:cut], WORDS[cut:], b"\n"):
        watch(piece)
    assert b"".join(heard) == b"cp: " + WORDS + b"\n"
    assert fullness.explains(errors.BuildFailed())


def test_what_a_full_disk_explains(tmp_path: Path) -> None:
    fullness = Fullness(tmp_path)
    copied = [("a", "b", str(OSError(ENOSPC, WORDS.decode())))]
    for error in (OSError(ENOSPC, "x"), errors.DiskFull(), shutil.Error(copied)):
        assert fullness.explains(error)
    for other in (OSError(EACCES, "x"), errors.BuildFailed(), shutil.Error([])):
        assert not fullness.explains(other)
