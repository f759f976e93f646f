"""Passwords, kept as salted scrypt hashes."""

from __future__ import annotations

import hashlib
import hmac
import os

# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: N=2^15, r=8,
# p=3 is one of the equivalent minimum settings; it takes 32 MB.
_N, _R, _P = 2**15, 8, 3
_MEMORY = 64 * 1024 * 1024


def hashed(password: str) -> str:
    """Return what may be stored: ``scrypt$SALT$HASH`` in hex. Takes about 0.3 s."""
    salt = os.urandom(16)
    return f"scrypt${salt.hex()}${_derive(password, salt).hex()}"


def matches(password: str, stored: str) -> bool:
    """Tell whether this is the password that was stored. Takes about 0.3 s."""
    _, salt, digest = stored.split("$")
    return hmac.compare_digest(_derive(password, bytes.fromhex(salt)).hex(), digest)


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=_MEMORY, dklen=32)
