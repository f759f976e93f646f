"""A platform in memory whose app has two databases, as the command line asks about them."""

from __future__ import annotations

from typing import Any

from tests.unit.fake_platform import FakePlatform, Handler, Json


class DatabasePlatform(FakePlatform):
    """``harbour`` has the databases ``round`` (DATABASE) and ``flat`` (COPY).

    ``waiting`` says whether something is still being done with ``flat``, ``following`` whom it
    follows; ``rotated`` records what was asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waiting = False
        self.following: str | None = None
        self.names = {"DATABASE": "round", "COPY": "flat"}
        self.rotated: list[str] = []
        self.config |= {"DATABASE_URL": "postgres://u:p@localhost:1/x", "COPY_URL": "postgres://"}

    def _routes(self) -> list[tuple[str, str, Handler]]:
        base = "/postgres/v0/databases/[a-z]+"
        return [
            ("GET", "/apps/harbour/addon-attachments", lambda _: (200, self._attachments())),
            ("GET", "/client/v11/databases/([a-z]+)/wait_status", lambda _d, _: self._status()),
            ("GET", "/client/v11/databases/([a-z]+)", lambda name, _: (200, self._info(name))),
            ("GET", f"{base}/credentials", lambda _: (200, self._credentials())),
            ("POST", f"({base}/.*credentials_rotation)", self._rotate),
            ("POST", "/addon-attachments", self._promote),
            *super()._routes(),
        ]

    def _attachments(self) -> list[Json]:
        return [self._attachment(name, addon) for name, addon in self.names.items()]

    def _attachment(self, name: str, addon: str) -> Json:
        app = {"id": "a-1", "name": "harbour"}
        of = {"id": addon, "name": addon, "app": app}
        return {"id": f"at-{name}", "name": name, "app": app, "addon": of}

    def _info(self, name: str) -> Json:
        leader = self.following if name == "flat" else None
        words = "addon_id name plan state resource_url created_at postgres_version database_name"
        counts = "num_bytes num_bytes_limit num_tables num_connections"
        known = {**dict.fromkeys(words.split(), name), **dict.fromkeys(counts.split(), 0)}
        return {**known, "num_connections_limit": 20, "following": leader, "leader": leader} | {
            "info": []
        }

    def _status(self) -> tuple[int, Any]:
        return 200, {"waiting?": self.waiting, "error?": False, "message": "preparing"}

    def _credentials(self) -> list[Json]:
        common = {"uuid": "c", "state": "active", "database": "x", "host": "localhost", "port": 1}
        return [{**common, "name": name, "credentials": []} for name in ("default", "analyst")]

    def _rotate(self, path: str, data: Json) -> tuple[int, Any]:
        self.rotated.append(f"{path} {data}")
        return 200, {"message": "Rotated."}

    def _promote(self, data: Json) -> tuple[int, Any]:
        self.names[data.get("name") or "HEROKU_POSTGRESQL_JADE"] = data["addon"]
        return 201, self._attachment(data.get("name") or "HEROKU_POSTGRESQL_JADE", data["addon"])
