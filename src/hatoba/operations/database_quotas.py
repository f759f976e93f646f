"""Setting how much a database may store."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import database_quotas
from hatoba.client.api import Api
from hatoba.operations import database_world
from hatoba.operations.base import Json, Kind, Review, Row, Ui
from hatoba.operations.databases import DatabaseOperation
from hatoba.schema.data_postgres import Quota
from hatoba.schema.hatoba import Check

_LABELS = {
    "warning_gb": "warning",
    "critical_gb": "critical",
    "enforcement_action": "enforcement action",
}


class ChangeQuota(DatabaseOperation):
    """Sets the sizes at which somebody is told, or writes are refused."""

    name = "pg:quotas:update"

    def __init__(self, api: Api, app: str, database: str | None, changes: Json) -> None:
        super().__init__(api, app, database)
        self._changes = changes

    def review(self) -> Review:
        """Show what is set now, and what the database stores."""
        found, version = self.resolve()
        quota = database_quotas.storage(self.api, found.addon.id)
        now = {name: getattr(quota, name) for name in self._changes}
        moved = [name for name, value in self._changes.items() if now[name] != value]
        critical = self._changes.get("critical_gb")
        restricts = self._changes.get("enforcement_action", quota.enforcement_action) == "restrict"
        refuses = restricts and critical is not None and quota.current_gb > critical
        return Review(
            title=f"{found.addon.name} on {self.app} stores {quota.current_gb:.3f} GB",
            rows=tuple(
                Row("~", _LABELS[name], shown(now[name]), shown(self._changes[name]))
                for name in moved
            ),
            kind=Kind.RISKY if refuses else Kind.CHANGE,
            why="It stores more than that already: writes are refused at once." if refuses else "",
            before=now,
            after=self._changes,
            request={"database": found.addon.id, "quota": self._changes},
            version=version,
            nothing=None if moved else "The quota is so already.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set it."""
        asked = review.request
        with ui.progress(f"Updating storage quota on {self.database.addon.name}"):
            database_quotas.change(self.api, asked["database"], asked["quota"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and ask the database whether it takes writes."""
        now = database_quotas.storage(self.api, review.request["database"])
        for name, wanted in self._changes.items():
            # Without a critical size of one's own, the plan's counts.
            ok = getattr(now, name) == wanted or (name == "critical_gb" and wanted is None)
            yield Check(f"{_LABELS[name]} is {shown(getattr(now, name))}", ok=ok, seen="")
        refused = now.enforcement_active
        yield database_world.refuses(self.api, self.database, refused=refused)

    def undo(self, review: Review) -> str:
        """Return the command that sets what was before."""
        before = " ".join(f"{_flag(name)} {shown(value)}" for name, value in review.before.items())
        return f"heroku pg:quotas:update {self.database.name} {before} -a {self.app}"


def shown(value: object) -> str:
    """Return a size or an action as the command line takes it."""
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def status(quota: Quota) -> str:
    """Return what a database stores, and how that stands to its sizes."""
    said = f"{quota.current_gb:.3f} GB / {quota.critical_gb:g} GB"
    if quota.enforcement_active:
        return f"{said} (writes refused)"
    if quota.current_gb > quota.critical_gb:
        return f"{said} (over the critical size)"
    over = quota.warning_gb is not None and quota.current_gb > quota.warning_gb
    return f"{said} (over the warning size)" if over else f"{said} (within its sizes)"


def _flag(name: str) -> str:
    return f"--{_LABELS[name].replace(' ', '-')}"
