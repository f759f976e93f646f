"""Apps that are offered to another account."""

from __future__ import annotations

from typing import Literal

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.auth import access, accounts
from hatoba.control import app_transfers as transfers
from hatoba.model.account import AppTransfer
from hatoba.model.permission import Permission


class Create(msgspec.Struct):
    """``POST /account/app-transfers``; app and recipient by name, address or id."""

    app: str
    recipient: str
    silent: bool | None = None


class Reaction(msgspec.Struct):
    """``PATCH /account/app-transfers/{transfer}``."""

    state: Literal["pending", "accepted", "declined"]


async def _found(call: SignedIn) -> AppTransfer:
    return await transfers.find(call.platform, call.account, call.path("transfer"))


async def listed(call: SignedIn) -> Answer:
    """List what the account offers and is offered."""
    found = await transfers.listed(call.platform, call.account)
    return Listing([encode.transfer(one) for one in found])


async def info(call: SignedIn) -> Answer:
    """Tell about one offer, by its id or its app's name."""
    return Reply(encode.transfer(await _found(call)))


async def create(call: SignedIn) -> Answer:
    """Offer an app of the account's own to another account."""
    wanted = decode.body(call, Create)
    store = call.platform.store
    app = await access.app(store, call.account, wanted.app, Permission.MANAGE)
    if app.team is not None:
        raise errors.InvalidParams(
            f"The team {app.team} owns {app.name}: transfer it with PATCH /teams/apps/{app.name}."
        )
    own = wanted.recipient == "~"
    to = call.account if own else await accounts.find(store, wanted.recipient)
    made = await transfers.offer(call.platform, call.actor, app, to)
    return Reply(encode.transfer(made), 201)


async def answer(call: SignedIn) -> Answer:
    """Accept or decline an offer."""
    state, found = decode.body(call, Reaction).state, await _found(call)
    if state != found.state:
        found = await transfers.answer(call.platform, call.account, found, state)
    return Reply(encode.transfer(found))


async def withdraw(call: SignedIn) -> Answer:
    """Take an offer back."""
    gone = await _found(call)
    await transfers.withdraw(call.platform, call.account, gone)
    return Reply(encode.transfer(gone))
