"""Answers to reads, kept for as long as nothing is written to the store."""

from __future__ import annotations

from collections.abc import Hashable

from hatoba.control.replies import StoredReply

_ENTRIES = 2000
_LARGEST = 256 * 1024


class Kept:
    """Answers that depend on nothing but the store, by who asked for what.

    ``age`` is the store's at the moment before the answer was made, or is asked for.
    """

    def __init__(self) -> None:
        self._age = -1
        self._replies: dict[Hashable, StoredReply] = {}

    def get(self, key: Hashable, age: int) -> StoredReply | None:
        """Return the answer if it still holds."""
        return self._replies.get(key) if age == self._age else None

    def put(self, key: Hashable, age: int, reply: StoredReply) -> None:
        """Keep an answer, unless the store has moved on since."""
        if age < self._age or len(reply.body) > _LARGEST:
            return
        if age > self._age or len(self._replies) >= _ENTRIES:
            self._replies.clear()
            self._age = age
        self._replies[key] = reply
