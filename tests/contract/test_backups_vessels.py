"""Where dumps are kept, a folder or a bucket: whole, encrypted, or not there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
import urllib3

from hatoba import errors
from hatoba.control.backups_bucket import Bucket
from hatoba.control.backups_cipher import Damaged
from hatoba.control.backups_files import BackupFiles, Folder, Vessel
from hatoba.control.vault import Vault
from hatoba.settings import BackupBucket, backup_bucket

PIECE = os.urandom(100_000)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3; yield its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    retries = urllib3.Retry(60, backoff_factor=0.1, backoff_max=0.5)
    began = monotonic()
    urllib3.request("PUT", f"{url}/dumps", retries=retries, timeout=10)
    assert monotonic() - began < 60
    yield url
    server.terminate()
    server.wait(20)


@pytest.fixture(params=["folder", "bucket"])
def vessel(request: pytest.FixtureRequest, tmp_path: Path) -> Vessel:
    if request.param == "folder":
        return Folder(tmp_path / "kept")
    return Bucket(place(request.getfixturevalue("s3"), f"p-{uuid4().hex}"))


def place(url: str, prefix: str = "", name: str = "dumps") -> BackupBucket:
    return BackupBucket(name, url, "us-east-1", prefix, "key", "secret")


async def dump(pieces: int) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield PIECE


async def test_a_dump_comes_back_as_it_was(vessel: Vessel, tmp_path: Path) -> None:
    files, dump_id = BackupFiles(tmp_path / "own", Vault(b"k" * 32), vessel), uuid4()
    kept = await files.keep(dump_id, dump(150), lambda _: None)
    assert kept.size == 150 * len(PIECE)
    assert b"".join([piece async for piece in files.read(dump_id)]) == PIECE * 150
    assert await files.names() == {str(dump_id)}
    raw = b"".join([piece async for piece in vessel.get(str(dump_id))])
    assert PIECE[:64] not in raw
    await files.delete(dump_id)
    await files.delete(dump_id)
    assert await files.names() == set()
    with pytest.raises(Damaged):
        [piece async for piece in files.read(dump_id)]
    assert not list((tmp_path / "own/drafts").iterdir())


async def test_a_file_that_was_cut_is_damaged(vessel: Vessel, tmp_path: Path) -> None:
    files, dump_id = BackupFiles(tmp_path / "own", Vault(b"k" * 32), vessel), uuid4()
    await files.keep(dump_id, dump(3), lambda _: None)
    raw = b"".join([piece async for piece in vessel.get(str(dump_id))])
    cut = tmp_path / "cut"
    cut.write_bytes(raw[:-1])
    await vessel.put(str(dump_id), cut)
    with pytest.raises(Damaged):
        [piece async for piece in files.read(dump_id)]


async def test_a_bucket_that_is_not_there_is_told(s3: str, tmp_path: Path) -> None:
    files = BackupFiles(tmp_path, Vault(b"k" * 32), Bucket(place(s3, name="nowhere")))
    with pytest.raises(errors.Conflict, match="The bucket nowhere for backups can't be used"):
        await files.keep(uuid4(), dump(1), lambda _: None)
    assert not list((tmp_path / "drafts").iterdir())


def test_a_bucket_is_named_wholly_or_not_at_all() -> None:
    whole = {
        "HATOBA_BACKUPS_BUCKET": "dumps",
        "HATOBA_BACKUPS_ENDPOINT": "https://s3.example",
        "HATOBA_BACKUPS_ACCESS_KEY": "key",
        "HATOBA_BACKUPS_SECRET_KEY": "secret",
    }
    found = backup_bucket(whole)
    assert found == place("https://s3.example")
    assert "secret=" not in repr(found)
    assert backup_bucket({}) is None
    for name in whole:
        with pytest.raises(ValueError, match=name):
            backup_bucket({k: v for k, v in whole.items() if k != name})
