"""How an operation can end other than well; each has its exit code."""

from __future__ import annotations

from hatoba.client.errors import ClientError
from hatoba.operations.base import Review
from hatoba.schema.hatoba import Plan


class NotConfirmed(ClientError):
    """Nothing was changed: the change was not confirmed."""

    id = "confirmation_required"
    exit_code = 3

    def __init__(self, message: str, review: Review, plan: Plan | None = None) -> None:
        super().__init__(message)
        self.review = review
        self.plan = plan


class Moved(ClientError):
    """Nothing was changed: the app is not any more as it was reviewed."""

    id = "stale_review"
    exit_code = 3
