"""Archives that clients put here, several at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from hatoba.api.uploads import Uploads
from hatoba.kit.clock import SystemClock


async def _pieces() -> AsyncIterator[bytes]:
    yield b"an archive"


async def test_one_that_is_gone_in_the_middle_of_tidying_is_no_failure(tmp_path: Path) -> None:
    # It is listed and can't be looked at, as one that is taken away between the two.
    (tmp_path / "gone.upload").symlink_to(tmp_path / "nowhere")
    uploads, mine = Uploads(tmp_path, SystemClock()), uuid4()
    await uploads.put(mine, _pieces())
    assert uploads.path(mine).read_bytes() == b"an archive"
