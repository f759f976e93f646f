"""Encryption at rest, fingerprints and signatures, all from one key."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hatoba import errors
from hatoba.kit.files import write_atomic
from hatoba.kit.secret import fingerprint

_KEY_BYTES = 32
_NONCE_BYTES = 12  # https://csrc.nist.gov/pubs/sp/800/38/d/final: 96 bits for GCM.


class Vault:
    """Holds the platform's key. What one purpose signed or sealed is of no use for another."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(self._derived("seal"))

    @classmethod
    def open(cls, path: Path) -> Vault:
        """Read the key file, or make it (mode 600) for a new platform."""
        if not path.exists():
            write_atomic(path, os.urandom(_KEY_BYTES))
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise errors.StartupError(
                f"The key file {path} is damaged; restore it from your backup, "
                "config vars can't be read without it."
            )
        return cls(key)

    def _derived(self, purpose: str) -> bytes:
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).digest()

    def seal(self, data: bytes, bound_to: str) -> bytes:
        """Encrypt; ``bound_to`` must be given again to read it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt what ``seal`` made. Raises HatobaError when it isn't that."""
        nonce, data = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, data, bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise errors.HatobaError(
                "A sealed value can't be read: the platform's key file is not the one it was "
                "sealed with."
            ) from error

    def file_key(self, name: str) -> bytes:
        """Return the 32 bytes that encrypt one file and no other."""
        return self._derived(f"file:{name}")

    def seal_config(self, app_id: UUID, values: Mapping[str, str]) -> bytes:
        """Encrypt an app's config vars."""
        return self.seal(json.dumps(dict(values)).encode(), f"config:{app_id}")

    def unseal_config(self, app_id: UUID, sealed: bytes) -> dict[str, str]:
        """Decrypt an app's config vars."""
        values: dict[str, str] = json.loads(self.unseal(sealed, f"config:{app_id}"))
        return values

    def fingerprint(self, app_id: UUID, value: str) -> str:
        """Return the four digits by which people compare a value without seeing it."""
        return fingerprint(self._derived(f"fingerprint:{app_id}"), value)

    def sign(self, purpose: str, text: str) -> str:
        """Return a signature that only this platform can make."""
        return hmac.new(self._derived(f"sign:{purpose}"), text.encode(), "sha256").hexdigest()

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Tell whether ``sign`` made the signature for this purpose and text."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())
