"""A platform in memory whose apps have add-ons, as the command line asks about them."""

from __future__ import annotations

from typing import Any

from tests.unit.fake_platform import NOW, FakePlatform, Handler, Json, gone

_GONE = {"id": "not_found", "message": "Couldn't find that add-on.", "resource": "add_on"}
_PLANS = ("test", "premium")


class AddonPlatform(FakePlatform):
    """Apps ``harbour`` (add-ons lamp and rope) and ``pier`` (add-on buoy), all of ``acme``.

    ``lingering`` is how often one that was destroyed is still seen before it is gone;
    ``attached`` and ``created`` record what was asked to be attached and made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.app_of = {"lamp": "harbour", "rope": "harbour", "buoy": "pier"}
        self.ids = {name: f"id-{name}" for name in self.app_of}
        self.on = dict.fromkeys(self.app_of, "acme:test")
        self.attachments = [self.attachment("ACME", "lamp")]
        self.attached: list[Json] = []
        self.created: list[Json] = []
        self.lingering = 0

    def _routes(self) -> list[tuple[str, str, Handler]]:
        one = "/apps/([a-z]+)/addons/([^/]+)"
        return [
            ("GET", "/addons", lambda _: (200, [self.shown(name) for name in self.on])),
            ("GET", "/addons/([^/]+)/addon-attachments", lambda _n, _: (200, [])),
            ("GET", "/addon-services", lambda _: (200, [self._service()])),
            ("GET", "/addon-services/acme/plans", lambda _: (200, self._offered())),
            ("GET", "/apps/harbour/addons", lambda _: (200, self._of("harbour"))),
            ("GET", "/apps/harbour/addon-attachments", lambda _: (200, self.attachments)),
            ("GET", "/addon-services/[a-z]+/plans", lambda _: (404, _unknown_service())),
            ("GET", one, self._find),
            ("PATCH", one, self._change),
            ("DELETE", one, self._remove),
            ("POST", "/actions/addons/resolve", self._resolve),
            ("POST", "/apps/harbour/addons", self._create),
            ("GET", "/hatoba/apps/harbour/addons/trash", lambda _: (200, [self._sunk()])),
            ("POST", "/addon-attachments", self._attach),
            ("DELETE", "/addon-attachments/([a-z0-9-]+)", self._detach),
            ("GET", "/apps/pier", lambda _: (200, {**self.app(), "name": "pier"})),
            ("GET", "/apps/pier/releases", lambda _: (200, self.all_releases())),
            ("GET", "/apps/pier/dynos", lambda _: (200, [])),
            ("GET", "/apps/pier/formation", lambda _: (200, [])),
            ("POST", "/hatoba/apps/pier/receipts", self._receipt),
            *super()._routes(),
        ]

    def shown(self, name: str, state: str = "provisioned") -> Json:
        return {
            "id": self.ids[name], "name": name, "state": state, "config_vars": [],
            "app": {"id": f"a-{self.app_of[name]}", "name": self.app_of[name]},
            "addon_service": {"id": "s", "name": "acme"}, "created_at": NOW,
            "plan": {"id": "p", "name": self.on.get(name, "acme:test")}, "provision_message": None,
            "web_url": f"https://acme.example/{name}",
        }  # fmt: skip

    def attachment(self, name: str, addon: str) -> Json:
        app = {"id": "a-1", "name": "harbour"}
        of = {"id": self.ids[addon], "name": addon, "app": self.shown(addon)["app"]}
        return {"id": f"at-{name.lower()}", "name": name, "app": app, "addon": of}

    def _service(self) -> Json:
        return {"id": "s", "name": "acme", "human_name": "Acme", "state": "ga"}

    def _offered(self) -> list[Json]:
        common = {"id": "p", "human_name": "", "description": "", "default": False}
        return [{**common, "name": f"acme:{plan}"} for plan in _PLANS]

    def _of(self, app: str) -> list[Json]:
        return [self.shown(name) for name in self.on if self.app_of[name] == app]

    def _find(self, app: str, name: str, _: object) -> tuple[int, Any]:
        if app not in self.app_of.values():
            return 404, gone()
        if self.app_of.get(name) != app:
            return 404, _GONE
        if name in self.on:
            return 200, self.shown(name)
        self.lingering -= 1
        return (200, self.shown(name, "deprovisioning")) if self.lingering >= 0 else (404, _GONE)

    def _change(self, app: str, name: str, data: Json) -> tuple[int, Any]:
        if "plan" in data:
            self.on[name] = data["plan"]["name"]
            return 200, self.shown(name)
        self.on[data["name"]] = self.on.pop(name)
        self.app_of[data["name"]] = app
        self.ids[data["name"]] = self.ids[name]
        return 200, self.shown(data["name"])

    def _create(self, data: Json) -> tuple[int, Any]:
        self.created.append(data)
        self.ids["mast"], self.app_of["mast"] = "id-mast", "harbour"
        self.on["mast"] = "acme:test"
        return 201, self.shown("mast")

    def _sunk(self) -> Json:
        times = {"destroyed_at": NOW, "until": NOW}
        return {"id": "id-sunk", "name": "sunk", "plan": "acme:test", **times}

    def _remove(self, _app: str, name: str, _: object) -> tuple[int, Any]:
        gone = self.shown(name, "deprovisioned")
        del self.on[name]
        return 200, gone

    def _resolve(self, data: Json) -> tuple[int, Any]:
        app, wanted = data["app"], data["addon"]
        found = [n for n in self.on if wanted in (n, self.ids[n])]
        of_app = [n for n in self.on if app in (None, self.app_of[n])]
        found = found or (of_app if wanted == "acme" else [])
        return (200, [self.shown(n) for n in found]) if found else (404, _GONE)

    def _attach(self, data: Json) -> tuple[int, Any]:
        self.attached.append(data)
        made = self.attachment(data["name"], data["addon"]["name"])
        self.attachments = [a for a in self.attachments if a["name"] != data["name"]] + [made]
        return 201, made

    def _detach(self, identity: str, _: object) -> tuple[int, Any]:
        (gone,) = (a for a in self.attachments if a["id"] == identity)
        self.attachments.remove(gone)
        return 200, gone


def _unknown_service() -> Json:
    message = "Couldn't find that add-on service."
    return {"id": "not_found", "message": message, "resource": "addon_service"}
