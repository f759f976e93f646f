"""What a handler gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from hatoba.api.kept import Kept
from hatoba.api.logins import Logins
from hatoba.api.ratelimit import RateLimit
from hatoba.api.uploads import Uploads
from hatoba.auth.tokens import Identity, Tokens
from hatoba.control.place import Reach
from hatoba.control.platform import Actor, Platform
from hatoba.control.replies import Replies
from hatoba.control.status import Health
from hatoba.model.account import Account
from hatoba.model.app import App


@dataclass(frozen=True)
class Service:
    """What the API is made of besides the platform itself."""

    platform: Platform
    tokens: Tokens
    health: Health
    requests: RateLimit
    logins: RateLimit
    browser_logins: Logins
    replies: Replies
    uploads: Uploads
    kept: Kept


@dataclass(frozen=True)
class Call:
    """A request that anybody may make. ``body`` is empty where the handler streams it."""

    service: Service
    request: Request
    body: bytes = field(default=b"", repr=False)

    @property
    def platform(self) -> Platform:
        """The platform that is to do it."""
        return self.service.platform

    @property
    def reach(self) -> Reach:
        """How the caller reaches the platform."""
        return Reach.of(self.platform.place, self.request.headers)

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])


On = TypeVar("On", bound="SignedIn")


@dataclass(frozen=True)
class SignedIn(Call):
    """A request by an account. ``remaining`` requests may follow at once."""

    identity: Identity = field(kw_only=True)
    actor: Actor = field(kw_only=True)
    remaining: int = field(kw_only=True)

    @property
    def account(self) -> Account:
        """The account that the request acts for."""
        return self.identity.account

    def about(self, kind: Callable[..., On], **found: object) -> On:
        """Return the request as one about what was found for it, of a class below this."""
        return kind(
            self.service,
            self.request,
            identity=self.identity,
            actor=self.actor,
            remaining=self.remaining,
            **found,
        )


@dataclass(frozen=True)
class OnApp(SignedIn):
    """A request about an app which the account may make."""

    app: App = field(kw_only=True)


@dataclass(frozen=True)
class Reply:
    """One JSON value, from a schema struct or plain builtins."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """A list that is given in pages; ``by`` are the attributes to sort by, each unique.

    ``aliases`` are other names of them that clients use in a Range.
    Without a Range the items come in the order that they have here.
    """

    items: Sequence[msgspec.Struct | Mapping[str, object]]
    by: tuple[str, ...] = ("id",)
    aliases: Mapping[str, str] = field(default_factory=dict)


Answer = Reply | Listing | Response
