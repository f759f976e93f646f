"""The things that exist while the links are called, and how more of each kind are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from conformance import samples
from conformance.schema import Link, Schema
from tests.contract.api_platform import Api, Got, deployed
from tests.contract.webhook_world import told
from tests.unit.model.certificates import Issuer

# Paths whose parameter the schema takes from another noun's definition.
_RENAMED = {
    "/generations/{}": ("generation",),
    "/addons/{}/webhooks/{}": ("add-on", "add-on-webhook"),
    "/addons/{}/webhook-deliveries/{}": ("add-on", "add-on-webhook-delivery"),
    "/addons/{}/webhook-events/{}": ("add-on", "add-on-webhook-event"),
}
_CREATES = frozenset({"Create", "Enable", "Create By Team", "Create in Enterprise Account"})


@dataclass
class World:
    """An account with one of everything; ``names`` are identities by noun."""

    api: Api
    friend: Api
    stranger: Api
    schema: Schema
    names: dict[str, str] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Deploy an app and make what the links need to be there."""
        made = await deployed(self.api)
        self.names |= {noun: made[noun] for noun in ("app", "slug", "release", "dyno", "build")}
        self.names |= {
            "log-drain": made["drain"],
            "formation": "web",
            "formation_type": "web",
            "domain": made["domain"],
            "app-feature": "preboot",
            "region": "us",
            "stack": "heroku-24",
            "generation": "cedar",
            "dyno-size": "basic",
            "account": "~",
            "user-preferences": "~",
            "collaborator": self.api.account.email,
            "add-on-service": "heroku-postgresql",
            "plan": "heroku-postgresql:essential-0",
            "stage": "staging",
            "friend": self.friend.account.email,
            "self": str(self.api.account.id),
            "app-id": await self._id("app", made["app"]),
        }
        for noun in ("add-on", "domain", "sni-endpoint", "pipeline", "oauth-authorization"):
            await self.more(noun)
        await self._couple()
        self.names |= await told(self.api, self.names["app"])

    async def _id(self, noun: str, name: str) -> str:
        return str((await self.api("GET", f"/{noun}s/{name}")).json["id"])

    async def _couple(self) -> None:
        """Put the app into the pipeline, with another one that its slug can be promoted to."""
        target = await self.api.app()
        self.names |= {"target": target, "target-id": await self._id("app", target)}
        for app, stage in ((self.names["app"], "staging"), (target, "production")):
            wanted = {"app": app, "pipeline": self.names["pipeline"], "stage": stage}
            await self.api("POST", "/pipeline-couplings", wanted)
        of_app = await self.api("GET", f"/apps/{self.names['app']}/pipeline-couplings")
        self.names["pipeline-coupling"] = str(of_app.json["id"])

    async def body(self, link: Link) -> object:
        """Return a valid body for a link, fit for one use."""
        chain, key = Issuer("Harbour Authority", datetime.now(UTC)).leaf("schema.example")
        unique = uuid4().hex[:10]
        once = {"unique": unique, "name": f"N{unique.upper()}", "chain": chain, "key": key}
        if link.name == "POST /apps/{}/builds":
            await self._end_builds()
            once["source"] = await self._source()
        if link.name == "POST /pipeline-couplings":
            once["other-app"] = await self.api.app()
        return samples.body(link, self.schema, {**self.names, **once})

    async def _end_builds(self) -> None:
        """Stop what is built: an app has one build at a time."""
        builds = f"/apps/{self.names['app']}/builds"
        for build in (await self.api("GET", builds)).json:
            if build["status"] == "pending":
                await self.api("DELETE", f"{builds}/{build['id']}")

    async def _source(self) -> str:
        blob = (await self.api("POST", "/sources")).json["source_blob"]
        await self.api("PUT", blob["put_url"], raw=b"tar")
        return str(blob["get_url"])

    async def more(self, noun: str) -> str | None:
        """Make another thing of a kind by its own link; return its id, None where none is made."""
        for link in self.schema.links:
            if link.noun == noun and link.title in _CREATES and link.method in ("POST", "PUT"):
                path = self.path(link)
                got = await self.api(link.method, path, await self.body(link)) if path else None
                if got is not None and got.status < 300 and isinstance(got.json, dict):
                    self.remember(noun, got)
                    return self.names.get(noun)
        return None

    def remember(self, noun: str, got: Got) -> None:
        """Keep the identity of a thing that was just made."""
        if isinstance(got.json, dict) and got.json.get("id"):
            self.names[noun] = str(got.json["id"])

    def path(self, link: Link, **instead: str) -> str | None:
        """Return the link's path in this world; None where it has no such thing."""
        nouns = self.nouns(link)
        known = [instead.get(noun) or self.names.get(noun) for noun in nouns]
        if any(one is None for one in known):
            return None
        return link.shape.format(*known)

    def nouns(self, link: Link) -> tuple[str, ...]:
        """Return what the parameters of the link's path name."""
        if link.shape in _RENAMED:
            return _RENAMED[link.shape]
        special = {"formation_type", "stage", "year", "month", "number", "token"}
        return tuple(key if key in special else noun for noun, key in link.parameters)
