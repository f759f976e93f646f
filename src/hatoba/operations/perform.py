"""The one way that a change goes: review, confirm, apply, verify, receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hatoba.client import platform
from hatoba.client.errors import ApiError, ClientError
from hatoba.operations import consent
from hatoba.operations.base import Json, Operation, Review, Row, Ui
from hatoba.operations.consent import Consent
from hatoba.operations.errors import Moved
from hatoba.schema.hatoba import Check, ReceiptRequest

DONE = 0
NOT_VERIFIED = 4


@dataclass(frozen=True)
class Outcome:
    """What became of an operation. ``receipt`` is its id in the audit trail, if it has one."""

    operation: str
    app: str
    before: Json
    after: Json
    checks: tuple[Check, ...]
    changed: bool
    undo: str | None = None
    receipt: str | None = None

    @property
    def verified(self) -> bool:
        """Tell whether every check was good."""
        return all(check.ok for check in self.checks)

    @property
    def exit_code(self) -> int:
        """Return 0 when it is done and verified, 4 when it is applied but not verified."""
        return DONE if self.verified else NOT_VERIFIED

    @property
    def shown(self) -> Json:
        """Return the outcome as data."""
        checks = [{"what": c.what, "ok": c.ok, "seen": c.seen} for c in self.checks]
        return {
            "operation": self.operation,
            "app": self.app,
            "before": self.before,
            "after": self.after,
            "checks": checks,
            "verified": self.verified,
            "changed": self.changed,
            "undo": self.undo,
            "receipt": self.receipt,
        }


def perform(operation: Operation, ui: Ui, given: Consent) -> Outcome:
    """Carry an operation through and say what happens.

    Raises NotConfirmed or Moved, with nothing changed, and what the platform refuses with.
    """
    operation.pace = replace(operation.pace, waiting=ui.waiting)
    review = operation.review()
    _show(review, ui)
    if review.nothing is not None:
        ui.say(review.nothing)
        checks = _verify(operation, review, ui)
        return _outcome(operation, review, checks, changed=False)
    consent.obtain(operation, review, ui, given)
    _apply(operation, review, ui)
    checks = _verify(operation, review, ui)
    outcome = _outcome(operation, review, checks, changed=True)
    kept = _keep(operation, outcome, ui)
    _conclude(operation, kept, ui)
    return kept


def _show(review: Review, ui: Ui) -> None:
    ui.say(review.title)
    width = max((len(row.name) for row in review.rows), default=0)
    for row in review.rows:
        ui.say(_line(row, width))


def _line(row: Row, width: int) -> str:
    change = f"{row.before} → {row.after}" if row.before and row.after else row.before or row.after
    return f"  {row.sign} {row.name.ljust(width)}   {change}   {row.note}".rstrip()


def _apply(operation: Operation, review: Review, ui: Ui) -> None:
    # A platform without versions can't compare in the same transaction: looking again just
    # before is the best that can be done there.
    if review.version is None and operation.review().before != review.before:
        raise _moved(operation, review)
    try:
        operation.apply(review, ui)
    except ApiError as error:
        if error.id != "stale_review":
            raise
        raise _moved(operation, review) from error


def _moved(operation: Operation, review: Review) -> Moved:
    """Look again and say what is different from what was reviewed."""
    now = operation.review()
    names = {**review.before, **now.before}
    lines = [
        f"  {name}: {review.before.get(name)} → {now.before.get(name)}"
        for name in names
        if review.before.get(name) != now.before.get(name)
    ]
    detail = lines or ["  something else of the app, such as its release"]
    return Moved(
        "\n".join(
            [
                f"{operation.app} was changed by somebody else meanwhile. Nothing was changed.",
                *detail,
                "Run the command again to review it anew.",
            ]
        )
    )


def _verify(operation: Operation, review: Review, ui: Ui) -> tuple[Check, ...]:
    checks: list[Check] = []
    try:
        for check in operation.checks(review):
            checks.append(check)
            _tell(check, ui)
    except ClientError as error:
        # The change is made: an error while looking is a look that failed, not a failed change.
        check = Check("the platform answers", ok=False, seen=error.message)
        checks.append(check)
        _tell(check, ui)
    return tuple(checks)


def _tell(check: Check, ui: Ui) -> None:
    first, *more = check.seen.splitlines() or [""]
    text = f"{check.what}: {first}" if first else check.what
    ui.say(f"{'✓' if check.ok else '✗'} {text}", "green" if check.ok else "red")
    for line in more:
        ui.say(f"    {line}")


def _outcome(
    operation: Operation, review: Review, checks: tuple[Check, ...], *, changed: bool
) -> Outcome:
    return Outcome(
        operation=operation.name,
        app=operation.app,
        before=review.before,
        after=review.after if changed else review.before,
        checks=checks,
        changed=changed,
        undo=operation.undo(review) if changed else None,
    )


def _keep(operation: Operation, outcome: Outcome, ui: Ui) -> Outcome:
    """Add the outcome to the audit trail; a failure of that is said, not raised."""
    if operation.api.target.is_heroku:
        return outcome
    request = ReceiptRequest(
        operation=outcome.operation,
        before=outcome.before,
        after=outcome.after,
        checks=list(outcome.checks),
        verified=outcome.verified,
        undo=outcome.undo,
        about=operation.about,
    )
    try:
        kept = platform.keep_receipt(operation.api, operation.ledger, request)
    except ClientError as error:
        ui.say(f"The receipt could not be kept: {error.message}", "yellow")
        return outcome
    return replace(outcome, receipt=kept.id)


def _conclude(operation: Operation, outcome: Outcome, ui: Ui) -> None:
    if not outcome.verified:
        ui.say("Applied, but not verified (exit 4).", "red")
        ui.say(f"Look: {operation.look()}")
    parts = [f"Undo: {outcome.undo}"] if outcome.undo else []
    if outcome.receipt:
        parts.append(f"receipt {outcome.receipt}")
    if parts:
        ui.say("   ".join(parts), "dim")
