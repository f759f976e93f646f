"""Config vars as somebody has edited them: several set and unset in one release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatoba.client import apps, config, releases
from hatoba.client.api import Api
from hatoba.client.config import mark
from hatoba.client.errors import ClientError
from hatoba.kit.text import listing
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check


class EditConfig(Operation):
    """Brings config vars from what they were when the editing began to what it ended with."""

    name = "config:edit"

    def __init__(
        self,
        api: Api,
        app: str,
        before: Mapping[str, str],
        after: Mapping[str, str],
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._before = before
        changed = {n: v for n, v in after.items() if before.get(n) != v}
        self._changes: dict[str, str | None] = {**dict.fromkeys(before.keys() - after), **changed}
        self._wanted: dict[str, str] = {}
        self._release: int | None = None

    def review(self) -> Review:
        """Show names with fingerprints. Raises ClientError when somebody else changed them."""
        _, version = apps.reviewed(self.api, self.app)
        if config.revealed(self.api, self.app) != dict(self._before):
            raise ClientError(
                "Config changed on server while it was edited. Nothing was changed: "
                f"edit what is there now with heroku config:edit -a {self.app}"
            )
        current = releases.current(self.api, self.app)
        self._release = current.version if current else None
        now = config.fingerprints(self.api, self.app)
        new = {name: value for name, value in self._changes.items() if value is not None}
        self._wanted = config.expected(self.api, self.app, new) if new else {}
        lost = sorted(name for name in self._changes if name in now)
        return Review(
            title=f"{self.app} config vars",
            rows=tuple(self._row(name, now) for name in sorted(self._changes)),
            kind=Kind.RISKY if lost else Kind.CHANGE,
            why=f"{listing(lost)} will be overwritten or removed." if lost else "",
            before={name: mark(now[name]) for name in lost},
            after={name: mark(digits) for name, digits in self._wanted.items()},
            request={"changes": self._changes},
            version=version,
            nothing=None if self._changes else "Nothing to change: the config vars are as before.",
        )

    def _row(self, name: str, now: Mapping[str, str]) -> Row:
        before = mark(now[name]) if name in now else ""
        after = mark(self._wanted[name]) if name in self._wanted else ""
        sign = "+" if not before else "~" if after else "-"
        return Row(sign, name, before, after)

    def apply(self, review: Review, ui: Ui) -> None:
        """Set and unset all of them in one release."""
        names = ", ".join(sorted(self._changes))
        with ui.progress(f"Changing {names} and restarting {self.app}"):
            config.change(self.api, self.app, self._changes, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the fingerprints back, then look at the release and its dynos."""
        if review.nothing:
            return
        now = config.fingerprints(self.api, self.app)
        wrong = [name for name in self._changes if now.get(name) != self._wanted.get(name)]
        yield Check("read back: all as edited", not wrong, f"not {listing(wrong)}" if wrong else "")
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to the release before."""
        return f"heroku rollback v{self._release} -a {self.app}" if self._release else None
