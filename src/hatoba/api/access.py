"""The access rules: who is let in to a route, and as what its handler sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import uuid4

from hatoba import errors
from hatoba.api.call import Call, OnApp, Service, SignedIn
from hatoba.auth import access, accounts, scopes
from hatoba.auth.scopes import Scope
from hatoba.auth.tokens import Identity, basic_pair
from hatoba.control import two_factor
from hatoba.control.platform import Actor
from hatoba.model.account import Account, Authorization
from hatoba.model.permission import Permission
from hatoba.schema.hatoba import IF_VERSION_HEADER

TWO_FACTOR_HEADER = "heroku-two-factor-code"
C_co = TypeVar("C_co", bound=Call, covariant=True)


class Access(Protocol[C_co]):
    """Lets a request in, or raises Unauthorized, Forbidden, NotFound or RateLimited."""

    async def admit(self, call: Call) -> C_co:
        """Return the call with what is known of its maker."""
        ...


@dataclass(frozen=True)
class Everybody:
    """No credentials: public facts, and URLs that carry a signature of their own."""

    async def admit(self, call: Call) -> Call:
        """Let everybody in."""
        return call


@dataclass(frozen=True)
class WithToken:
    """Any account whose token has the scope."""

    scope: Scope

    async def admit(self, call: Call) -> SignedIn:
        """Find the token's account and count the request."""
        service, request = call.service, call.request
        identity = await service.tokens.authenticate(request.headers.get("authorization"))
        remaining = service.requests.take(identity.account.id)
        if not scopes.covers(identity.authorization.scopes, self.scope):
            raise errors.Forbidden(
                f"The scope of this token does not cover this request, which needs {self.scope}."
            )
        return SignedIn(
            service,
            request,
            identity=identity,
            actor=Actor(identity.account, _reviewed(request.headers.get(IF_VERSION_HEADER))),
            remaining=remaining,
        )

    async def enter(self, signed: SignedIn) -> SignedIn:
        """Let everybody in who is signed in."""
        return signed


def _reviewed(header: str | None) -> int | None:
    if header is None:
        return None
    if not header.isdecimal() or len(header) > 18:
        raise errors.BadRequest(f"{IF_VERSION_HEADER} must be a number.")
    return int(header)


@dataclass(frozen=True)
class ForAdministrators:
    """Accounts that make and remove accounts, with a token that is good for all."""

    async def admit(self, call: Call) -> SignedIn:
        """Check that the account is an administrator's."""
        signed = await WithToken(Scope.GLOBAL).admit(call)
        if not signed.account.admin:
            raise errors.Forbidden("Only administrators of this platform may do this.")
        return signed


@dataclass(frozen=True)
class ToLogIn:
    """E-mail address and password as Basic credentials, or a token that is good for all."""

    async def admit(self, call: Call) -> SignedIn:
        """Check the password; after too many wrong ones, don't."""
        pair = basic_pair(call.request.headers.get("authorization"))
        if pair is None or "@" not in pair[0]:
            return await WithToken(Scope.GLOBAL).admit(call)
        code = call.request.headers.get(TWO_FACTOR_HEADER)
        account = await log_in(call.service, *pair, code)
        remaining = call.service.logins.left(pair[0].lower())
        return SignedIn(
            call.service,
            call.request,
            identity=Identity(account, _by_password(account)),
            actor=Actor(account),
            remaining=remaining,
        )


async def log_in(service: Service, email: str, password: str, code: str | None) -> Account:
    """Return the account of an address, by its password and, with two factors, a code.

    Raises RateLimited after too many tries, Unauthorized, TwoFactorRequired.
    """
    service.logins.take(email.strip().lower())
    account = await accounts.by_password(service.platform.store, email, password)
    await two_factor.check(service.platform, account, code)
    return account


def _by_password(account: Account) -> Authorization:
    """Return what stands for the password while it makes a token."""
    return Authorization(
        id=uuid4(),
        account_id=account.id,
        description="Password",
        scopes=(Scope.GLOBAL.value,),
        token_hint="",
        expires_at=None,
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


@dataclass(frozen=True)
class ToApp:
    """An account that may do this, or else the other, on the app which the path names."""

    scope: Scope
    permission: Permission
    or_else: Permission | None = None

    async def admit(self, call: Call) -> OnApp:
        """Find the token's account, and the app."""
        return await self.enter(await WithToken(self.scope).admit(call))

    async def enter(self, signed: SignedIn) -> OnApp:
        """Find the app and check that the account may do this with it."""
        app = await access.app(
            signed.platform.store,
            signed.account,
            signed.path("app"),
            self.permission,
            self.or_else,
        )
        return signed.about(OnApp, app=app)


@dataclass(frozen=True)
class ToRecords:
    """As ``ToApp``, also for an app of the account's own that is in the trash."""

    scope: Scope

    async def admit(self, call: Call) -> OnApp:
        """Find the app, living or not."""
        signed = await WithToken(self.scope).admit(call)
        app = await access.recorded_app(call.platform.store, signed.account, call.path("app"))
        return signed.about(OnApp, app=app)


EVERYBODY = Everybody()
IDENTITY = WithToken(Scope.IDENTITY)
READ = WithToken(Scope.READ)
WRITE = WithToken(Scope.WRITE)
READ_SECRETS = WithToken(Scope.READ_PROTECTED)
WRITE_SECRETS = WithToken(Scope.WRITE_PROTECTED)
LOGIN = ToLogIn()
ACCOUNT = WithToken(Scope.GLOBAL)
ADMINISTER = ForAdministrators()
VIEW = ToApp(Scope.READ, Permission.VIEW)
# Who may do what: https://devcenter.heroku.com/articles/app-permissions
# Config vars and whatever would give them away.
PROTECTED = ToApp(Scope.READ_PROTECTED, Permission.DEPLOY, or_else=Permission.OPERATE)
CONFIGURE = ToApp(Scope.WRITE_PROTECTED, Permission.DEPLOY, or_else=Permission.OPERATE)
# Code, which may have secrets too.
CODE = ToApp(Scope.READ_PROTECTED, Permission.DEPLOY)
DEPLOY = ToApp(Scope.WRITE, Permission.DEPLOY)
# Scaling, add-ons, rollbacks: what comes after a deploy, whoever did it.
RUN = ToApp(Scope.WRITE, Permission.OPERATE, or_else=Permission.DEPLOY)
OPERATE = ToApp(Scope.WRITE, Permission.OPERATE)
MANAGE = ToApp(Scope.WRITE, Permission.MANAGE)
# Whoever sees the app; what they may change of it is checked further on.
PRESENT = ToApp(Scope.WRITE, Permission.VIEW)
RECORDS = ToRecords(Scope.READ)
KEEP_RECORDS = ToRecords(Scope.WRITE)
