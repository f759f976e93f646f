"""Public SSH keys of accounts."""

from __future__ import annotations

import hashlib
from base64 import b64decode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from sqlalchemy.exc import IntegrityError

from hatoba import errors
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account, Key
from hatoba.store import keys as rows
from hatoba.store.database import Store


async def listed(store: Store, account: Account) -> list[Key]:
    """Return the account's keys, the oldest first."""
    async with store.begin() as conn:
        return await rows.of_account(conn, account.id)


async def find(store: Store, account: Account, identity: str) -> Key:
    """Return one of the account's keys by id, fingerprint or comment. Raises NotFound."""
    wanted = as_uuid(identity)
    for key in await listed(store, account):
        if key.id == wanted or identity in (key.fingerprint, key.comment):
            return key
    raise errors.NotFound("Couldn't find that key.", resource="key")


async def add(store: Store, account: Account, text: str) -> Key:
    """Add a key as it stands in a ``.pub`` file. Raises InvalidParams when it is none."""
    kind, _, rest = text.strip().partition(" ")
    encoded, _, comment = rest.strip().partition(" ")
    try:
        # Checked as a whole: its parts name each other.
        load_ssh_public_key(f"{kind} {encoded}".encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise errors.InvalidParams(
            "Key is invalid: it must be a public SSH key such as the one in ~/.ssh/id_ed25519.pub."
        ) from error
    try:
        async with store.begin() as conn:
            return await rows.insert(
                conn,
                account_id=account.id,
                comment=comment.strip(),
                fingerprint=fingerprint(encoded),
                public_key=f"{kind} {encoded} {comment}".strip(),
            )
    except IntegrityError as error:
        raise errors.InvalidParams("Key is already in use by an account.") from error


def fingerprint(encoded: str) -> str:
    """Return a key's fingerprint as the API writes it: the pairs of an MD5's digits.

    https://devcenter.heroku.com/articles/platform-api-reference#key
    """
    digits = hashlib.md5(b64decode(encoded), usedforsecurity=False).hexdigest()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


async def remove(store: Store, key: Key) -> None:
    """Remove a key."""
    async with store.begin() as conn:
        await rows.delete(conn, key.id)
