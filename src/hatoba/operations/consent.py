"""Confirming a change: by its class, at a terminal or without one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from hatoba.client import platform
from hatoba.client.errors import ApiError
from hatoba.operations.base import Kind, Operation, Review, Ui
from hatoba.operations.errors import Moved, NotConfirmed
from hatoba.schema.hatoba import Plan, PlanRequest


@dataclass(frozen=True)
class Consent:
    """What the caller agreed to beforehand."""

    yes: bool = False
    plan: str | None = None
    confirm: str | None = None


def obtain(operation: Operation, review: Review, ui: Ui, given: Consent) -> None:
    """Return when the change may be made.

    Raises NotConfirmed when it is not agreed to, and Moved when the plan is for another state.
    """
    if review.kind is Kind.DESTRUCTIVE:
        _name(operation, review, ui, given.confirm)
    elif given.plan is not None:
        _take_plan(operation, review, given.plan)
    elif given.confirm is not None:
        # The official command takes the app's name where a yes is enough here.
        _name(operation, review, ui, given.confirm)
    elif review.kind is Kind.RISKY and not given.yes:
        _yes(operation, review, ui)


def digest(operation: Operation, review: Review) -> str:
    """Return the sha256 of exactly what would be sent, as plans are compared by."""
    exact = {"operation": operation.name, "app": operation.app, "request": review.request}
    return hashlib.sha256(msgspec.json.encode(exact, order="deterministic")).hexdigest()


def _yes(operation: Operation, review: Review, ui: Ui) -> None:
    if not ui.interactive:
        raise _unasked(operation, review)
    if ui.ask(f"{review.why} Go on? [y/N]").lower() not in ("y", "yes"):
        raise NotConfirmed("Nothing was changed.", review)


def _name(operation: Operation, review: Review, ui: Ui, confirmed: str | None) -> None:
    app = operation.app
    if confirmed is not None:
        if confirmed != app:
            raise NotConfirmed(f"{confirmed} is not {app}. Nothing was changed.", review)
        return
    if not ui.interactive:
        raise NotConfirmed(
            f"Nothing was changed: this needs confirmation. {review.why}\n"
            f"To confirm without a terminal: the same command with --confirm {app}",
            review,
        )
    answer = ui.ask(f"{review.why}\nType {app} to go on:")
    if answer != app:
        raise NotConfirmed(f"That is not {app}. Nothing was changed.", review)


def _unasked(operation: Operation, review: Review) -> NotConfirmed:
    plan = _keep_plan(operation, review)
    by_plan = f"--plan {plan.id} (until {plan.expires_at[11:16]} UTC), or with " if plan else ""
    return NotConfirmed(
        f"Nothing was changed: this needs confirmation. {review.why}\n"
        f"To apply exactly this: the same command with {by_plan}--yes",
        review,
        plan,
    )


def _keep_plan(operation: Operation, review: Review) -> Plan | None:
    if review.version is None:
        return None
    request = PlanRequest(
        operation=operation.name,
        app_version=review.version,
        digest=digest(operation, review),
        review=review.shown,
    )
    return platform.make_plan(operation.api, operation.app, request)


def _take_plan(operation: Operation, review: Review, plan_id: str) -> None:
    """Use the plan up, if it is for exactly this change of exactly this state."""
    try:
        plan = platform.find_plan(operation.api, operation.app, plan_id)
    except ApiError as error:
        if error.status != 404:
            raise
        raise NotConfirmed(
            f"There is no plan {plan_id} for {operation.app}. Nothing was changed.", review
        ) from error
    if (plan.operation, plan.digest) != (operation.name, digest(operation, review)):
        raise NotConfirmed(
            f"Plan {plan_id} is for another change: {plan.review.get('title')}. "
            "Nothing was changed.",
            review,
        )
    if plan.app_version != review.version:
        raise Moved(
            f"{operation.app} has changed since plan {plan_id} was made. Nothing was changed.\n"
            "Run the command without --plan to review it again."
        )
    try:
        platform.use_plan(operation.api, operation.app, plan_id)
    except ApiError as error:
        raise NotConfirmed(f"{error.message} Nothing was changed.", review) from error
