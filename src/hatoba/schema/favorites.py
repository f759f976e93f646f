"""Favorites as Heroku's dashboard has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec


class Favorite(msgspec.Struct, frozen=True):
    """An app that somebody likes to have at hand."""

    id: str
    resource_id: str
    resource_name: str
    type: str = "app"
