"""Files encrypted as they stream: whatever is changed, left out or cut off is noticed.

The STREAM construction (https://eprint.iacr.org/2015/189) over AES-256-GCM, as age and Tink
have it: pieces of 64 KB, each sealed with a nonce of its number and a flag on the last one. The
key is derived from the platform's and a salt of each file's own, so that no nonce comes twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hatoba import errors

MAGIC = b"hatoba backup 1\n"
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES
PIECE = 64 * 1024
_TAG_BYTES = 16
SEALED_PIECE = PIECE + _TAG_BYTES


class Damaged(errors.HatobaError):
    """The stored backup is damaged or truncated, and can't be used."""

    id = "damaged_backup"
    status = 422


class Sealer:
    """Encrypts one file: ``header`` first, then what ``feed`` and in the end ``finish`` give."""

    def __init__(self, key: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self.header = MAGIC + salt
        self._cipher = AESGCM(_file_key(key, salt))
        self._number = 0
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take plain bytes; give sealed pieces. The last piece is held back: it has a flag."""
        self._rest += data
        while len(self._rest) > PIECE:
            piece = bytes(self._rest[:PIECE])
            del self._rest[:PIECE]
            yield self._seal(piece, last=False)

    def finish(self) -> bytes:
        """Give the last piece."""
        return self._seal(bytes(self._rest), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._number, last=last)
        self._number += 1
        return self._cipher.encrypt(nonce, piece, None)


class Opener:
    """Decrypts what a Sealer made. Raises Damaged as soon as it is something else."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher: AESGCM | None = None
        self._number = 0
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take sealed bytes; give plain pieces, each of them authentic."""
        self._rest += data
        if self._cipher is None:
            if len(self._rest) < HEADER_BYTES:
                return
            self._cipher = self._begin(bytes(self._rest[:HEADER_BYTES]))
            del self._rest[:HEADER_BYTES]
        while len(self._rest) > SEALED_PIECE:
            piece = bytes(self._rest[:SEALED_PIECE])
            del self._rest[:SEALED_PIECE]
            yield self._open(self._cipher, piece, last=False)

    def finish(self) -> bytes:
        """Give the last piece. Raises Damaged when the file was cut off before it."""
        if self._cipher is None:
            raise Damaged
        return self._open(self._cipher, bytes(self._rest), last=True)

    def _begin(self, header: bytes) -> AESGCM:
        if not header.startswith(MAGIC):
            raise Damaged
        return AESGCM(_file_key(self._key, header[len(MAGIC) :]))

    def _open(self, cipher: AESGCM, piece: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._number, last=last)
        self._number += 1
        try:
            return cipher.decrypt(nonce, piece, None)
        except (InvalidTag, ValueError) as error:
            raise Damaged from error


def _file_key(key: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, b"hatoba backup").derive(key)


def _nonce(number: int, *, last: bool) -> bytes:
    """Return the 12 bytes of a piece's nonce; 2**88 pieces are more than any disk holds."""
    return number.to_bytes(11, "big") + bytes([last])
