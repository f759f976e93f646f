"""App and account features as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec


class AppFeature(msgspec.Struct, frozen=True):
    """A feature; ``state`` is general, or beta for those that are listed by ``labs``."""

    id: str
    name: str
    display_name: str
    description: str
    doc_url: str
    feedback_email: str
    state: str
    enabled: bool
    created_at: str
    updated_at: str
