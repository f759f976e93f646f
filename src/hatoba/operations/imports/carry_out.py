"""Showing what an import will do, and doing it: what can't be taken over stops nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hatoba.client.errors import ClientError
from hatoba.errors import HatobaError
from hatoba.operations.base import Json, Ui
from hatoba.operations.imports.steps import Import, State, Step

_SIGNS = {State.TO_DO: "+", State.OVERWRITES: "~", State.THERE: "=", State.NO_COUNTERPART: "✗"}


@dataclass(frozen=True)
class Taken:
    """What became of a step: verified or not, or why it failed."""

    step: Step
    verified: bool | None = None
    problem: str | None = None

    @property
    def shown(self) -> Json:
        """Return it as data."""
        return {
            "what": self.step.what,
            "state": self.step.state.value,
            "note": self.step.note,
            "verified": self.verified,
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Report:
    """What became of an app."""

    app: str
    source: str
    taken: tuple[Taken, ...]

    @property
    def failed(self) -> tuple[Taken, ...]:
        """The steps that could not be done."""
        return tuple(one for one in self.taken if one.problem is not None)

    @property
    def unverified(self) -> tuple[Taken, ...]:
        """The steps that were done, and were not seen to have worked."""
        return tuple(one for one in self.taken if one.verified is False)

    @property
    def exit_code(self) -> int:
        """Return 1 when something failed, 4 when something was not verified, else 0."""
        if self.failed:
            return 1
        return 4 if self.unverified else 0

    @property
    def shown(self) -> Json:
        """Return it as data."""
        return {"app": self.app, "from": self.source, "steps": [one.shown for one in self.taken]}


def show(steps: Sequence[Step], ui: Ui) -> None:
    """Say what would be done, what is there already, and what has no counterpart."""
    width = max((len(step.what) for step in steps), default=0)
    for step in steps:
        said = step.note or (step.state.value if step.work is None else "")
        ui.say(f"  {_SIGNS[step.state]} {step.what.ljust(width)}   {said}".rstrip())


def take_over(one: Import, steps: Sequence[Step], ui: Ui) -> Report:
    """Do the steps in their order, and say at the end what is left to do."""
    taken: list[Taken] = []
    for step in steps:
        done = _taken(step, ui)
        taken.append(done)
        if done.problem is not None:
            ui.say(f"✗ {step.what}: {done.problem}", "red")
        if done.problem is not None and step is steps[0]:
            # Without the app there is nothing that the rest could be done to.
            break
    report = Report(one.app, one.source.name, tuple(taken))
    _conclude(report, ui)
    return report


def _taken(step: Step, ui: Ui) -> Taken:
    if step.work is None:
        return Taken(step)
    try:
        return Taken(step, verified=step.work(ui))
    except (ClientError, HatobaError) as error:
        return Taken(step, problem=error.message)


def _conclude(report: Report, ui: Ui) -> None:
    good = sum(1 for one in report.taken if one.verified)
    there = sum(1 for one in report.taken if one.step.state is State.THERE)
    ui.say(f"{report.app}: {good} done and verified, {there} there already.", "bold")
    for one in report.taken:
        if one.problem is not None:
            ui.say(f"  failed: {one.step.what}: {one.problem}", "red")
        elif one.verified is False:
            ui.say(f"  not verified: {one.step.what}", "red")
        elif one.step.state is State.NO_COUNTERPART:
            ui.say(f"  no counterpart: {one.step.what}: {one.step.note}".rstrip(": "), "yellow")
