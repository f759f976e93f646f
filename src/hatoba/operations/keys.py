"""The account's public SSH keys."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba.client import account
from hatoba.client.api import Api
from hatoba.operations.entries import Plain, PlainEntry
from hatoba.schema.platform import Key

_LOOK = "heroku keys"


def known(key: Key) -> str:
    """Return how a key is named: its comment, or its fingerprint where it has none."""
    return key.comment or key.fingerprint


def _present(api: Api) -> Mapping[str, str]:
    return {_material(key.public_key): known(key) for key in account.keys(api)}


def _material(line: str) -> str:
    """Return kind and shortened body of a key, by which two are told apart."""
    kind, _, rest = line.strip().partition(" ")
    body = rest.strip().partition(" ")[0]
    return f"{kind} {body[:10]}...{body[-10:]}"


def add(api: Api, line: str) -> PlainEntry:
    """Return what adds the key of a ``.pub`` file's line."""
    comment = " ".join(line.strip().split(" ")[2:])
    return PlainEntry(
        api,
        _material(line),
        comment or "a key without a comment",
        Plain(
            name="keys:add",
            doing=f"Uploading {comment or 'SSH key'}",
            look=_LOOK,
            present=lambda: _named(api, line, comment),
            carry_out=lambda: _add(api, line),
            undo=f"heroku keys:remove {comment}" if comment else None,
        ),
    )


def _named(api: Api, line: str, comment: str) -> Mapping[str, str]:
    there = _present(api)
    mine = _material(line)
    return {**there, mine: comment or "a key without a comment"} if mine in there else there


def _add(api: Api, line: str) -> None:
    account.add_key(api, line)


def remove(api: Api, key: Key, *, command: str = "keys:remove") -> PlainEntry:
    """Return what removes a key."""
    return PlainEntry(
        api,
        _material(key.public_key),
        None,
        Plain(
            name=command,
            doing=f"Removing {known(key)} SSH key",
            look=_LOOK,
            present=lambda: _present(api),
            carry_out=lambda: _remove(api, key.id),
            why=f"{known(key)} is no key of yours any more.",
        ),
    )


def _remove(api: Api, key_id: str) -> None:
    account.remove_key(api, key_id)
