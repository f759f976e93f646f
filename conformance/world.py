"""The things that exist while the links are called, and how more of each kind are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from conformance import partner, samples
from conformance.schema import Link, Schema
from hatoba.auth import accounts
from hatoba.store import tables
from tests.contract.api_platform import Api, Got, deployed
from tests.contract.crew import public_key
from tests.contract.provider import Provider
from tests.contract.pushes import push
from tests.contract.webhook_world import told
from tests.images import HandMade, layer
from tests.unit.model.certificates import Issuer

# Paths whose parameter the schema takes from another noun's definition.
_RENAMED = {
    "/generations/{}": ("generation",),
    "/test-runs/{}": ("test-run",),
    "/teams/apps/{}/collaborators": ("team-app",),
    "/addons/{}/webhooks/{}": ("add-on", "add-on-webhook"),
    "/addons/{}/webhook-deliveries/{}": ("add-on", "add-on-webhook-delivery"),
    "/addons/{}/webhook-events/{}": ("add-on", "add-on-webhook-event"),
}
_BY_KEY = frozenset(
    {"formation_type", "stage", "year", "month", "number", "token", "reset_password_token"}
)
CREATES = frozenset({"Create", "Enable", "Create By Team", "Create or Update"})
# Links that only somebody else can follow: the one who is invited, or whom an app is offered.
_BY_FRIEND = frozenset(
    {
        "GET /teams/invitations/{}",
        "POST /teams/invitations/{}/accept",
        "PATCH /account/app-transfers/{}",
    }
)
# What one account can do only once; it must own nothing.
_BY_LEAVER = frozenset({"DELETE /account", "DELETE /users/{}"})
_MADE = (
    "add-on",
    "domain",
    "sni-endpoint",
    "pipeline",
    "oauth-authorization",
    "oauth-client",
    "team",
    "team-app",
    "team-member",
    "team-app-collaborator",
    "team-invitation",
    "allowed-add-on-service",
    "app-transfer",
    "app-setup",
)


@dataclass
class World:
    """An account with one of everything; ``names`` are identities by noun."""

    api: Api
    friend: Api
    stranger: Api
    schema: Schema
    provider: Provider
    names: dict[str, str] = field(default_factory=dict)
    # What stands in for a name while one link is called.
    instead: dict[str, str] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Deploy an app and make what the links need to be there."""
        made = await deployed(self.api)
        self.names |= {noun: made[noun] for noun in ("app", "slug", "release", "dyno", "build")}
        image = HandMade([layer({"greeting": b"hello"})])
        await push(self.api, f"{made['app']}/web", image)
        self.names["oci-image"] = image.digest
        chain, key = Issuer("Harbour Authority", datetime.now(UTC)).leaf("schema.example")
        self.names |= {
            "chain": chain,
            "secret": key,
            "log-drain": made["drain"],
            "formation": "web",
            "formation_type": "web",
            "app-feature": "preboot",
            "team-feature": "team-invite-acceptance",
            "region": "us",
            "stack": "heroku-24",
            "generation": "cedar",
            "dyno-size": "basic",
            "account": "~",
            "user-preferences": "~",
            "collaborator": self.api.account.email,
            "add-on-service": "heroku-postgresql",
            "plan": "heroku-postgresql:essential-0",
            "stage": "review",
            "number": "1",
            "friend": self.friend.account.email,
            "self": str(self.api.account.id),
            "app-id": await self._id("app", made["app"]),
        }
        for noun in _MADE:
            await self.more(noun)
        self.names["team-preferences"] = self.names["team"]
        async with self.api.platform.store.begin() as conn:
            # A platform has an administrator; whoever leaves must not be the last one.
            await conn.execute(tables.accounts.update().values(admin=True).where(self._own()))
        await partner.register(self.api, self.provider)
        added = await self.api("POST", "/account/keys", {"public_key": public_key()})
        self.remember("key", added)
        await self._couple()
        self.names |= await told(self.api, self.names["app"])

    def _own(self) -> sa.ColumnElement[bool]:
        return tables.accounts.c.id == self.api.account.id

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

    async def actor(self, link: Link) -> Api:
        """Return who follows a link."""
        if link.name in partner.LINKS | partner.TOLD:
            names, by = await partner.awaited(self.api, self.names["app"], self.provider)
            self.instead |= names
            if link.name in partner.TOLD:
                self.instead |= await partner.told(by, names["add-on"])
            return by
        if link.name in _BY_LEAVER:
            return await self.api.stranger()
        return self.friend if link.name in _BY_FRIEND else self.api

    async def body(self, link: Link) -> object:
        """Return a valid body for a link, fit for one use."""
        if link.name == "POST /apps/{}/builds":
            await self._end_builds()
        once = {name: await self._once(name) for name in samples.wanted(link) - set(self.names)}
        return samples.body(link, self.schema, {**once, **self.names})

    async def _once(self, name: str) -> str:
        """Make something that is good for one call."""
        makers: dict[str, Callable[[], Awaitable[str]]] = {
            "source": self._source,
            "newcomer": self._newcomer,
            "code": self._code,
            "other-app": self.api.app,
            "spare-app": self.api.app,
        }
        if name in makers:
            return await makers[name]()
        unique = uuid4().hex[:10]
        return f"N{unique.upper()}" if name == "name" else unique

    async def _newcomer(self) -> str:
        return (await self.api.stranger()).account.email

    async def _code(self) -> str:
        """Let a client act for the account, and return the code that it gets tokens for."""
        client = {"name": "Bell", "redirect_uri": "https://bell.example/back"}
        known = (await self.api("POST", "/oauth/clients", client)).json
        self.names["client-secret"] = str(known["secret"])
        wanted = {"client": known["id"], "scope": ["identity"]}
        made = await self.api("POST", "/oauth/authorizations", wanted)
        return str(made.json["grant"]["code"])

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

    async def ready(self, link: Link) -> None:
        """Make what a link uses up."""
        self.instead.clear()
        store, friend = self.api.platform.store, self.friend.account
        if link.method == "DELETE":
            await self.more(link.noun)
        if link.noun == "team-invitation" and link.name in _BY_FRIEND:
            invited = {"email": friend.email, "role": "member"}
            path = f"/teams/{self.names['team']}/invitations"
            self.names["token"] = (await self.api("PUT", path, invited)).json["id"]
        if link.name == "GET /apps/{}/review-app":
            self.instead["app"] = await self._reviewed()
        if link.name == "POST /password-resets/{}/actions/finalize":
            until = datetime.now(UTC) + timedelta(hours=1)
            self.names["reset_password_token"] = await accounts.reset_token(store, friend, until)

    async def _reviewed(self) -> str:
        """Make an app that reviews a branch, as it is once it was set up."""
        await self.more("review-app")
        name = await self.api.app()
        mine = tables.review_apps.c.id == self.names["review-app"]
        app_id = await self._id("app", name)
        async with self.api.platform.store.begin() as conn:
            query = tables.review_apps.update().where(mine)
            await conn.execute(query.values(app_id=app_id, status="created"))
        return name

    async def more(self, noun: str) -> str | None:
        """Make another thing of a kind by its own link; return its id, None where none is made."""
        for link in self.schema.links:
            if link.noun == noun and link.title in CREATES and link.method in ("POST", "PUT"):
                path = self.path(link)
                got = await self.api(link.method, path, await self.body(link)) if path else None
                if got is not None and got.status < 300:
                    self.remember(noun, got)
                    return self.names.get(noun)
        return None

    def remember(self, noun: str, got: Got) -> None:
        """Keep the identity of a thing that was just made."""
        found = got.json[0] if isinstance(got.json, list) and got.json else got.json
        if isinstance(found, dict) and (found.get("email") or found.get("id")):
            # People are named by their address in every role.
            person = noun in ("team-member", "team-app-collaborator")
            named = (found.get("email") or found["user"]["email"]) if person else found["id"]
            self.names[noun] = str(named)

    def path(self, link: Link, **instead: str) -> str | None:
        """Return the link's path in this world; None where it has no such thing."""
        nouns = self.nouns(link)
        names = {**self.names, **self.instead, **instead}
        known = [names.get(noun) for noun in nouns]
        if any(one is None for one in known):
            return None
        return link.shape.format(*known)

    def nouns(self, link: Link) -> tuple[str, ...]:
        """Return what the parameters of the link's path name."""
        if link.shape in _RENAMED:
            return _RENAMED[link.shape]
        return tuple(key if key in _BY_KEY else noun for noun, key in link.parameters)
