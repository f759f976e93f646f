"""Reports on what may be wrong with a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

KEPT_DAYS = 30


@dataclass(frozen=True)
class Report:
    """What the checks of a database found; ``database`` is the config var that it is behind."""

    id: UUID
    app_id: UUID
    database: str
    created_at: datetime
    checks: list[dict[str, Any]]
