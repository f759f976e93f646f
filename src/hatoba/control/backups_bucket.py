"""Dumps in an S3-compatible bucket: they outlive the machine. They are encrypted before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from hatoba import errors
from hatoba.control.backups_cipher import Damaged
from hatoba.settings import BackupBucket

_PIECE = 1024 * 1024
_SUFFIX = ".dump"
# What it raises; a bucket that is not there is a FileNotFoundError.
_PROBLEMS = (BaseError, OSError)


class Bucket:
    """Files in a bucket, by name."""

    def __init__(self, chosen: BackupBucket) -> None:
        self._name = chosen.name
        self._store = S3Store(
            chosen.name,
            prefix=chosen.prefix or None,
            endpoint=chosen.endpoint,
            region=chosen.region,
            access_key_id=chosen.access_key,
            secret_access_key=chosen.secret_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": chosen.endpoint.startswith("http:"), "timeout": "60s"},
            retry_config={"max_retries": 3},
        )

    async def put(self, name: str, file: Path) -> None:
        """Copy the file to the bucket; it is there whole or not at all."""
        try:
            await obstore.put_async(self._store, f"{name}{_SUFFIX}", file)
        except _PROBLEMS as error:
            raise self._refused(error) from error

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Give the file in pieces."""
        try:
            found = await obstore.get_async(self._store, f"{name}{_SUFFIX}")
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)
        except FileNotFoundError as error:
            raise Damaged("The stored backup is not in the bucket any more.") from error
        except _PROBLEMS as error:
            raise self._refused(error) from error

    async def delete(self, name: str) -> None:
        """Delete the file."""
        try:
            await obstore.delete_async(self._store, f"{name}{_SUFFIX}")
        except FileNotFoundError:
            return
        except _PROBLEMS as error:
            raise self._refused(error) from error

    async def names(self) -> set[str]:
        """List the bucket."""
        found: set[str] = set()
        try:
            async for page in obstore.list(self._store):
                found |= {Path(one["path"]).stem for one in page if one["path"].endswith(_SUFFIX)}
        except _PROBLEMS as error:
            raise self._refused(error) from error
        return found

    def _refused(self, error: Exception) -> errors.HatobaError:
        """Say it without the details, which repeat the request with its key's name."""
        return errors.Conflict(
            f"The bucket {self._name} for backups can't be used ({type(error).__name__}). Check "
            "that it is there, and HATOBA_BACKUPS_ENDPOINT and the keys beside it."
        )
