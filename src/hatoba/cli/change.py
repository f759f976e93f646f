"""Carrying an operation through at a terminal, and printing what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from hatoba.cli.session import Session
from hatoba.operations.base import Operation, Progress
from hatoba.operations.consent import Consent
from hatoba.operations.errors import NotConfirmed
from hatoba.operations.perform import Outcome, perform


class TerminalUi:
    """The session's terminal, as operations need it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def interactive(self) -> bool:
        """Tell whether somebody can be asked."""
        return self._session.interactive

    def say(self, line: str, color: str = "") -> None:
        """Print a line that is not data."""
        self._session.out.say(line, color)

    def ask(self, question: str) -> str:
        """Ask; the end of the input is no."""
        try:
            return self._session.out.ask(question)
        except EOFError:
            return ""

    def progress(self, text: str) -> Progress:
        """Start a line that ends with how it went."""
        return self._session.out.progress(text)

    def waiting(self, seconds: float) -> None:
        """Show how long a look at the world waits by now."""
        self._session.out.waiting(seconds)


def carry_out(session: Session, operation: Operation, given: Consent | None = None) -> Outcome:
    """Perform the operation; with ``--json`` print its receipt, or the review it stopped at."""
    outcome = _performed(session, operation, given)
    if session.json:
        session.out.json(outcome.shown)
    return outcome


def carry_out_all(
    session: Session, operations: Iterable[Operation], given: Consent | None = None
) -> list[Outcome]:
    """Perform one after the other, each by itself; with ``--json`` print a list of receipts."""
    outcomes = [_performed(session, operation, given) for operation in operations]
    if session.json:
        session.out.json([outcome.shown for outcome in outcomes])
    return outcomes


def _performed(session: Session, operation: Operation, given: Consent | None) -> Outcome:
    try:
        return perform(operation, TerminalUi(session), given or Consent())
    except NotConfirmed as error:
        if session.json:
            kept = error.plan.id if error.plan else None
            session.out.json({**error.review.shown, "changed": False, "plan": kept})
        raise
