"""A small Platform API in memory: enough of it to test clients without a daemon."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hatoba.client.transport import Response
from hatoba.kit.secret import DOTS, fingerprint

NOW = "2026-11-23T10:00:00Z"
USER = {"id": "u-1", "email": "ada@harbour.example"}
KEY = b"key of the fake"

Json = dict[str, Any]
Handler = Callable[..., tuple[int, Any]]
PYTHON = {"namespace": "heroku", "name": "python", "category": "languages", "description": "Python"}


class FakePlatform:
    """One app, ``harbour``, whose dynos come up as soon as they are looked at.

    ``crash`` names dynos that crash instead, ``web_status`` is what a visitor gets.
    ``log`` is what its log holds, ``requests`` records what was asked: method, path, body.
    """

    def __init__(self, *, port: int = 8080) -> None:
        self.port = port
        self.version = 7
        self.name = "harbour"
        self.maintenance = False
        self.destroyed = False
        self.config = {"STRIPE_KEY": "sk_live_old"}
        self.quantities = {"web": 1, "worker": 0}
        self.sizes = {"web": "basic", "worker": "basic"}
        self.releases = [("Initial release", "succeeded"), ("Deploy 1f2e3d4c", "succeeded")]
        # Of which release the dynos are, when not of the newest.
        self.serving: int | None = None
        self.generation = 0
        self.crash: set[str] = set()
        self.web_status = 200
        self.plans: dict[str, Json] = {}
        self.receipts: list[Json] = []
        self.log: list[str] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.attach: Callable[[str], str] | None = None
        self.before_change: Callable[[], None] | None = None

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        """Answer as a transport would."""
        data = json.loads(body) if body else None
        self.requests.append((method, target, data))
        status, answer, more = self.answer(method, target, headers, data)
        raw = answer if isinstance(answer, bytes) else b""
        if answer is not None and not isinstance(answer, bytes):
            raw = json.dumps(answer).encode()
        return Response(status, {"content-type": "application/json", **more}, raw)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], data: Json | None
    ) -> tuple[int, Any, dict[str, str]]:
        lower = {name.lower(): value for name, value in headers.items()}
        if method != "GET" and "/hatoba/" not in target:
            if self.before_change is not None:
                self.before_change()
            wanted = lower.get("hatoba-if-version")
            if wanted is not None and int(wanted) != self.version:
                return 409, {"id": "stale_review", "message": "The app has changed."}, {}
        for verb, pattern, handler in self._routes():
            match = re.fullmatch(pattern, target.partition("?")[0])
            if verb == method and match:
                status, answer = handler(*match.groups(), data)
                more = {"hatoba-version": str(self.version)}
                if "hatoba-mask" in lower and target.endswith("config-vars"):
                    answer = {k: f"{DOTS} {fingerprint(KEY, v)}" for k, v in answer.items()}
                    more["hatoba-masked"] = "fingerprint"
                return status, answer, more
        return 404, {"id": "not_found", "message": f"Couldn't find that: {target}."}, {}

    def _routes(self) -> list[tuple[str, str, Handler]]:
        app = f"/apps/{self.name}"
        own = f"/hatoba/apps/(?:{self.name}|a-1)"
        return [
            ("GET", "/account", lambda _: (200, self._account())),
            ("GET", "/users/~/apps", lambda _: (200, [self.app()])),
            ("GET", app, lambda _: (404, gone()) if self.destroyed else (200, self.app())),
            ("PATCH", app, self._update),
            ("DELETE", app, self._destroy),
            ("GET", f"{app}/addons", lambda _: (200, [])),
            ("GET", f"{app}/addon-attachments", lambda _: (200, [])),
            ("GET", f"{app}/collaborators", lambda _: (200, [])),
            (
                "GET",
                f"{app}/dynos",
                lambda _: (404, gone()) if self.destroyed else (200, self.dynos()),
            ),
            ("POST", f"{app}/dynos", self._run),
            ("DELETE", f"{app}/dynos", self._restart),
            ("DELETE", f"{app}/formations/([a-z]+)", lambda _, data: self._restart(data)),
            ("GET", f"{app}/formation", lambda _: (200, self.formation())),
            ("PATCH", f"{app}/formation", self._scale),
            ("GET", f"{app}/config-vars", lambda _: (200, self.config)),
            ("PATCH", f"{app}/config-vars", self._configure),
            ("GET", f"{app}/releases", lambda _: (200, self.all_releases())),
            ("GET", f"{app}/releases/([0-9]+)", self._release),
            ("GET", f"{app}/releases/([0-9]+)/config-vars", lambda _n, _: (200, self.config)),
            ("POST", f"{app}/releases", self._rollback),
            ("POST", f"{own}/fingerprints", self._fingerprints),
            ("POST", f"{own}/checks/[a-z-]+", lambda data: (200, {"good": self._good(data)})),
            ("POST", f"{own}/plans", self._plan),
            ("GET", f"{own}/plans/([a-z0-9-]+)", lambda i, _: (200, self.plans[i])),
            ("POST", f"{own}/plans/([a-z0-9-]+)/actions/use", self._use),
            ("POST", f"{own}/receipts", self._receipt),
            ("GET", f"{app}/features/[a-z]+", lambda _: (404, _no_feature())),
            ("POST", f"{app}/log-sessions", lambda _: (201, self._log_session())),
            (
                "GET",
                "/stream",
                lambda _: (200, "".join(f"data: {x}\n\n" for x in self.log).encode()),
            ),
            ("GET", "/hatoba/trash", lambda _: (200, self._trash())),
            ("GET", "/buildpacks", lambda _: (200, [PYTHON])),
        ]

    def _good(self, data: Json) -> str:
        return str(data.get("hostname") or data.get("url") or "")

    def _log_session(self) -> Json:
        url = f"http://localhost:{self.port}/stream"
        return {"id": "l", "logplex_url": url, "created_at": NOW, "updated_at": NOW}

    def _account(self) -> Json:
        return {**USER, "name": None, "created_at": NOW, "updated_at": NOW}

    def app(self) -> Json:
        named = {"id": "a-1", "name": "us"}
        return {
            "id": "a-1", "name": self.name, "owner": USER, "region": named,
            "stack": {"id": "s-1", "name": "heroku-24"},
            "build_stack": {"id": "s-1", "name": "heroku-24"},
            "generation": {"id": "g-1", "name": "cedar"}, "maintenance": self.maintenance,
            "git_url": f"https://localhost:{self.port}/{self.name}.git",
            "web_url": f"http://{self.name}.localhost:{self.port}/",
            "created_at": NOW, "updated_at": NOW, "released_at": NOW, "archived_at": None,
            "buildpack_provided_description": None, "repo_size": 2048, "slug_size": None,
        }  # fmt: skip

    def _named(self) -> Json:
        return {"id": "a-1", "name": self.name}

    def dynos(self) -> list[Json]:
        now = datetime.now(UTC).isoformat()
        return [
            {
                "id": f"d-{kind}-{number}-{self.generation}", "name": f"{kind}.{number}",
                "type": kind, "size": self.sizes[kind], "app": self._named(),
                "state": "crashed" if f"{kind}.{number}" in self.crash else "up",
                "command": f"bin/{kind}", "created_at": now, "updated_at": now,
                "release": self._running(),
            }
            for kind, quantity in self.quantities.items()
            for number in range(1, quantity + 1)
        ]  # fmt: skip

    def formation(self) -> list[Json]:
        return [
            {
                "id": f"f-{kind}", "app": self._named(), "type": kind, "command": f"bin/{kind}",
                "quantity": quantity, "size": self.sizes[kind],
                "dyno_size": {"id": "z", "name": self.sizes[kind]},
                "created_at": NOW, "updated_at": NOW,
            }
            for kind, quantity in self.quantities.items()
        ]  # fmt: skip

    def _running(self) -> Json:
        version = self.serving or len(self.releases)
        return {"id": f"r-{version}", "version": version}

    def all_releases(self) -> list[Json]:
        return [self._release_json(n) for n in range(len(self.releases), 0, -1)]

    def _release_json(self, number: int) -> Json:
        description, status = self.releases[number - 1]
        return {
            "id": f"r-{number}", "app": self._named(), "version": number,
            "description": description, "status": status, "user": USER,
            "current": number == len(self.releases), "slug": None if number == 1 else {"id": "s"},
            "artifacts": [], "addon_plan_names": [], "output_stream_url": None,
            "eligible_for_rollback": number > 1, "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip

    def _release(self, number: str, _: object) -> tuple[int, Any]:
        if int(number) > len(self.releases):
            return 404, {"id": "not_found", "message": "Couldn't find that release."}
        return 200, self._release_json(int(number))

    def _new_release(self, description: str) -> None:
        self.version += 1
        self.generation += 1
        self.releases.append((description, "succeeded"))

    def _rollback(self, data: Json) -> tuple[int, Any]:
        self._new_release(f"Rollback to v{data['release'].removeprefix('r-')}")
        return 201, self._release_json(len(self.releases))

    def _configure(self, data: Mapping[str, str | None]) -> tuple[int, Any]:
        for name, value in data.items():
            if value is None:
                self.config.pop(name, None)
            else:
                self.config[name] = value
        self._new_release(f"Set {', '.join(data)} config vars")
        return 200, self.config

    def _scale(self, data: Json) -> tuple[int, Any]:
        self.version += 1
        for update in data["updates"]:
            if "quantity" in update:
                self.quantities[update["type"]] = int(update["quantity"])
            if "size" in update:
                self.sizes[update["type"]] = update["size"]
        return 200, self.formation()

    def _run(self, data: Json) -> tuple[int, object]:
        url = self.attach(data["command"]) if self.attach and data["attach"] else None
        return 201, {
            "id": "d-run", "name": "run.1", "type": "run", "size": "basic", "state": "starting",
            "command": data["command"], "app": self._named(), "attach_url": url,
            "release": {"id": "r-2", "version": 2}, "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip

    def _restart(self, _: object) -> tuple[int, Any]:
        self.generation += 1
        return 202, {}

    def _update(self, data: Json) -> tuple[int, Any]:
        self.version += 1
        self.maintenance = data.get("maintenance", self.maintenance)
        self.name = data.get("name", self.name)
        return 200, self.app()

    def _destroy(self, _: object) -> tuple[int, Any]:
        self.destroyed = True
        return 200, self.app()

    def _trash(self) -> list[Json]:
        entry = {"id": "a-1", "name": self.name, "owner": USER["email"], "destroyed_at": NOW}
        return [{**entry, "until": "2026-11-30T10:00:00Z"}] if self.destroyed else []

    def _fingerprints(self, data: Json) -> tuple[int, Any]:
        marks = {name: fingerprint(KEY, value) for name, value in data["values"].items()}
        return 200, {"fingerprints": marks}

    def _plan(self, data: Json) -> tuple[int, Any]:
        number = f"p-{len(self.plans) + 1}"
        more = {"id": number, "app": self._named(), "expires_at": NOW, "used_at": None}
        self.plans[number] = {**data, **more}
        return 201, self.plans[number]

    def _use(self, number: str, _: object) -> tuple[int, Any]:
        if self.plans[number]["used_at"]:
            return 409, {"id": "conflict", "message": "This plan was applied already."}
        self.plans[number]["used_at"] = NOW
        return 200, self.plans[number]

    def _receipt(self, data: Json) -> tuple[int, Any]:
        more = {"id": f"r{len(self.receipts)}", "app": self.name, "user": USER["email"]}
        self.receipts.append({**data, **more, "created_at": NOW})
        return 201, self.receipts[-1]


def _no_feature() -> Json:
    message = "Couldn't find that app feature."
    return {"id": "not_found", "message": message, "resource": "app_feature"}


def gone() -> Json:
    return {"id": "not_found", "message": "Couldn't find that app.", "resource": "app"}
