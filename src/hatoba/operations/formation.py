"""Scaling and sizing process types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hatoba.client import apps, checks
from hatoba.client import formation as formations
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.kit.text import listing
from hatoba.operations import world
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Formation

# TYPE=N, TYPE+N or TYPE-N, and a size after a colon: web=2:standard-1x
_SCALE = re.compile(r"([\w-]+?)([=+-])(\d+)(?::([\w.-]+))?")
_SIZE = re.compile(r"([\w-]+)=([A-Za-z][\w.-]*)")


@dataclass(frozen=True)
class Wish:
    """A wanted change of one process type; None leaves quantity or size alone."""

    type: str
    quantity: int | None = None
    step: int | None = None
    size: str | None = None


def parse_scale(words: Sequence[str]) -> list[Wish]:
    """Read ``web=2``, ``worker+1`` or ``web=1:standard-2x``. Raises UsageError."""
    return [_scale_wish(word) for word in words]


def _scale_wish(word: str) -> Wish:
    match = _SCALE.fullmatch(word)
    if match is None:
        raise UsageError(f"{word} is not TYPE=QUANTITY or TYPE=QUANTITY:SIZE, such as web=2:basic.")
    type_, sign, digits, size = match.groups()
    if sign == "=":
        return Wish(type_, quantity=int(digits), size=size)
    return Wish(type_, step=int(f"{sign}{digits}"), size=size)


def parse_sizes(words: Sequence[str], types: Sequence[str]) -> list[Wish]:
    """Read ``standard-1x`` for every type, or ``web=standard-1x``. Raises UsageError."""
    if len(words) == 1 and "=" not in words[0]:
        return [Wish(type_, size=words[0]) for type_ in types]
    matches = [_SIZE.fullmatch(word) for word in words]
    for word, match in zip(words, matches, strict=True):
        if match is None:
            raise UsageError(f"{word} is not TYPE=SIZE, such as web=standard-1x.")
    return [Wish(m[1], size=m[2]) for m in matches if m]


class Scale(Operation):
    """Changes quantities and sizes of process types."""

    name = "ps:scale"

    def __init__(
        self, api: Api, app: str, wishes: Sequence[Wish], *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wishes = wishes

    def review(self) -> Review:
        """Show each process type from quantity and size to quantity and size."""
        app, version = apps.reviewed(self.api, self.app)
        now = {f.type: f for f in formations.listed(self.api, self.app)}
        wanted = {wish.type: self._resolve(now, wish) for wish in self._wishes}
        changed = {t: w for t, w in wanted.items() if w != _state(now[t])}
        updates = [_update(t, w) for t, w in wanted.items()]
        checks.formation(self.api, app.name, updates)
        return Review(
            title=f"{app.name} formation",
            rows=tuple(_row(now[t], *wanted[t]) for t in wanted),
            kind=Kind.RISKY if _hurts(now, changed) else Kind.CHANGE,
            why=_why(now, changed),
            before={t: _words(_state(now[t])) for t in wanted},
            after={t: _words(w) for t, w in wanted.items()},
            request={"updates": updates},
            version=version,
            nothing=None if changed else "Nothing to change: the formation is already so.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Change all of them in one step."""
        with ui.progress("Scaling"):
            formations.update(self.api, self.app, review.request["updates"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the formation back, then look at the dynos and the app."""
        found = formations.listed(self.api, self.app)
        seen = {f.type: _words(_state(f)) for f in found}
        wanted = {u["type"]: _words((u["quantity"], u["size"])) for u in review.request["updates"]}
        good = all(seen.get(t) == words for t, words in wanted.items())
        shown = " ".join(f"{t}={seen.get(t, 'gone')}" for t in wanted)
        yield Check(f"formation is {shown}", good, "" if good else "that is not what was asked")
        expected = world.Expected({f.type: f.quantity for f in found if f.type in wanted})
        yield from world.running(self.api, apps.find(self.api, self.app), expected, self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that scales back."""
        words = " ".join(f"{t}={state}" for t, state in review.before.items())
        return f"heroku ps:scale {words} -a {self.app}"

    def _resolve(self, now: dict[str, Formation], wish: Wish) -> tuple[int, str]:
        found = now.get(wish.type)
        if found is None:
            known = listing(sorted(now)) or "none: push code with a Procfile first"
            raise ClientError(f"{self.app} has no process type {wish.type}. It has {known}.")
        quantity = found.quantity if wish.quantity is None else wish.quantity
        size = wish.size.lower() if wish.size else found.size.lower()
        return max(0, quantity + (wish.step or 0)), size


class Resize(Scale):
    """Changes sizes alone."""

    name = "ps:type"

    def undo(self, review: Review) -> str:
        """Return the command that gives the sizes back."""
        words = " ".join(f"{t}={s.partition(':')[2]}" for t, s in review.before.items())
        return f"heroku ps:type {words} -a {self.app}"


def _state(found: Formation) -> tuple[int, str]:
    return found.quantity, found.size.lower()


def _words(state: tuple[int, str]) -> str:
    return f"{state[0]}:{state[1]}"


def _update(type_: str, state: tuple[int, str]) -> Json:
    return {"type": type_, "quantity": state[0], "size": state[1]}


def _row(found: Formation, quantity: int, size: str) -> Row:
    before, sizes = found.size.lower(), size
    if before != size:
        sizes = f"{before} → {size}"
    changed = (quantity, size) != _state(found)
    return Row("~" if changed else " ", found.type, str(found.quantity), str(quantity), sizes)


def _hurts(now: dict[str, Formation], changed: dict[str, tuple[int, str]]) -> bool:
    """Tell whether something running is taken away: fewer dynos, or all of them replaced."""
    return any(
        quantity < now[t].quantity or (size != now[t].size.lower() and now[t].quantity > 0)
        for t, (quantity, size) in changed.items()
    )


def _why(now: dict[str, Formation], changed: dict[str, tuple[int, str]]) -> str:
    if "web" in changed and changed["web"][0] == 0 and now["web"].quantity:
        return "This stops all web traffic."
    fewer = [t for t, (quantity, _) in changed.items() if quantity < now[t].quantity]
    if fewer:
        return f"This stops dynos of {listing(fewer)}."
    sized = [t for t, (_, size) in changed.items() if size != now[t].size.lower()]
    return f"This restarts all dynos of {listing(sized)}." if sized else ""
