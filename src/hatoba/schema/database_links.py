"""Shapes of links between databases, as the official command line reads them."""

from __future__ import annotations

import msgspec


class Remote(msgspec.Struct, frozen=True):
    """The database that a link leads to: its add-on, and one of its attachments."""

    name: str
    attachment_name: str


class Link(msgspec.Struct, frozen=True):
    """A link; ``name`` is that of its schema. ``problem`` says why it isn't in force."""

    id: str
    name: str
    created_at: str
    remote: Remote
    problem: str | None = None
