"""Logging a command line in by a browser (the official one's HEROKU_LOGIN_HOST)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs

import msgspec
from starlette.responses import StreamingResponse

from hatoba import errors
from hatoba.api import decode, login_page
from hatoba.api.access import log_in
from hatoba.api.call import Answer, Call, Reply
from hatoba.api.heartbeat import beating
from hatoba.api.logins import Pending
from hatoba.auth import authorizations

_LASTS = timedelta(days=30)
_MOST_CHARACTERS = 200


class Begin(msgspec.Struct):
    """``POST /auth``: who asks, such as ``Heroku CLI login from buoy``."""

    description: str = "A command line"


async def begin(call: Call) -> Answer:
    """Begin a login: tell where the browser goes and where the command line waits."""
    description = decode.body(call, Begin).description[:_MOST_CHARACTERS]
    made = call.service.browser_logins.begin(description)
    body = {
        "browser_url": f"/auth/browser/{made.id}",
        "cli_url": f"/auth/cli/{made.id}",
        "token": made.token,
    }
    return Reply(body, 201)


def _named(call: Call) -> Pending:
    return call.service.browser_logins.find(call.path("login"))


async def page(call: Call) -> Answer:
    """Show the page on which somebody logs in."""
    try:
        return login_page.form(_named(call).description)
    except errors.NotFound as error:
        return login_page.told("This login is over", error.message, status=404)


async def submit(call: Call) -> Answer:
    """Check what was filled in, and give the command line its token."""
    try:
        pending = _named(call)
    except errors.NotFound as error:
        return login_page.told("This login is over", error.message, status=404)
    fields = {k: v[0] for k, v in parse_qs(call.body.decode(errors="replace")).items()}
    if fields.get("answer") == "refuse":
        call.service.browser_logins.refuse(pending.id)
        return login_page.told("Refused", "Nothing was logged in. You can close this window.")
    email, password, code = (fields.get(name, "") for name in ("email", "password", "code"))
    try:
        await _let_in(call, pending, email, password, code)
    except errors.HatobaError as error:
        if error.status >= 500:
            raise
        wrong = "Enter the code of your second factor too." if _lacks(error, code) else ""
        return login_page.form(pending.description, email=email, wrong=wrong or error.message)
    return login_page.told("Logged in", "You can close this window and go back to the terminal.")


def _lacks(error: errors.HatobaError, code: str) -> bool:
    return isinstance(error, errors.TwoFactorRequired) and not code


async def _let_in(call: Call, pending: Pending, email: str, password: str, code: str) -> None:
    account = await log_in(call.service, email, password, code)
    _, token = await authorizations.issue(
        call.platform.store,
        account,
        description=pending.description,
        expires_at=call.platform.clock.now() + _LASTS,
    )
    call.service.browser_logins.finish(pending.id, token)


async def wait(call: Call) -> Answer:
    """Answer once somebody has logged in; blanks before that keep the connection alive."""
    kind, _, token = call.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise errors.Unauthorized
    pending = call.service.browser_logins.held(call.path("login"), token.strip())
    return StreamingResponse(beating(_outcome(call, pending), b" "), media_type="application/json")


async def _outcome(call: Call, pending: Pending) -> AsyncIterator[bytes]:
    left = pending.until - call.platform.clock.monotonic()
    try:
        async with asyncio.timeout(max(left, 0)):
            outcome = await asyncio.shield(pending.outcome)
    except TimeoutError:
        outcome = {"error": "Nobody logged in within ten minutes. Log in again: heroku login."}
    call.service.browser_logins.forget(pending.id)
    yield json.dumps(outcome).encode()
