"""One call of the Platform API: headers, paging, a second attempt, errors, typed answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote
from uuid import uuid4

import msgspec

from hatoba.client.errors import ApiError, BadAnswer, NotLoggedIn, Unreachable
from hatoba.client.target import Target
from hatoba.client.transport import Dropped, Response, Transport
from hatoba.kit import retry
from hatoba.schema.hatoba import IF_VERSION_HEADER, VERSION_HEADER
from hatoba.schema.platform import Error

T = TypeVar("T")

ACCEPT = "application/vnd.heroku+json; version=3"
USER_AGENT = "hatoba-cli"
# A daemon that was killed is back within seconds; until then the router answers 503.
AWAY_ATTEMPTS = 6
# Where a path names what an error says is not there.
_NAMED_AFTER = {"app": "apps", "add_on": "addons", "app_feature": "features"}


class Sender(Protocol):
    """What an Api needs of a transport."""

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        """Send one request and read its answer; raises Unreachable or Dropped."""
        ...


class Api:
    """The Platform API as somebody sees it who holds this target's token.

    ``ask_code`` asks for a code of the second factor where a guarded app takes one; it gets
    what the platform said and returns what was answered. None where nobody can be asked.
    """

    ask_code: Callable[[str], str] | None = None

    def __init__(
        self, target: Target, sender: Sender | None = None, *, attempts: int = AWAY_ATTEMPTS
    ) -> None:
        self.target = target
        self._attempts = attempts
        self._sender = sender or Transport(target.origin, ca=target.ca)

    def get(self, path: str, kind: type[T], headers: Mapping[str, str] | None = None) -> T:
        """Read one resource."""
        return decode(self.send("GET", path, headers=headers), kind)

    def pages(self, path: str, kind: type[T], headers: Mapping[str, str] | None = None) -> list[T]:
        """Read a whole list, following Next-Range to its end."""
        found: list[T] = []
        more: dict[str, str] = dict(headers or {})
        while True:
            answer = self.send("GET", path, headers=more)
            found += decode(answer, list[kind])  # type: ignore[valid-type]
            following = answer.headers.get("next-range")
            if not following:
                return found
            more["Range"] = following

    def page(self, path: str, kind: type[T], window: str) -> list[T]:
        """Read one page of a list: ``window`` is the Range, as ``version ..; max=10``."""
        return decode(self.send("GET", path, headers={"Range": window}), list[kind])  # type: ignore[valid-type]

    def change(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        body: object = None,
        version: int | None = None,
    ) -> T:
        """Send a change and read the answer; ``version`` is the state that was reviewed."""
        return decode(self.send(method, path, body=body, headers=reviewed(version)), kind)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request, again where that is safe, and return its good answer.

        Raises ApiError for an error of the API, NotLoggedIn without a token,
        Unreachable when the platform does not answer.
        """
        try:
            return self._sent(method, path, body=body, headers=headers)
        except ApiError as error:
            if error.app is None or self.ask_code is None:
                raise
            self._show_factor(error.app, self.ask_code(error.message))
        return self._sent(method, path, body=body, headers=headers)

    def _show_factor(self, app: str, code: str) -> None:
        """Show a code of the second factor, after which the app may be changed for a while."""
        headers = {"Heroku-Two-Factor-Code": code}
        self._sent("PUT", f"/apps/{app}/pre-authorizations", headers=headers)

    def _sent(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        if self.target.token is None:
            raise NotLoggedIn(self._log_in())
        raw = None if body is None else msgspec.json.encode(body)
        answer = self._answer(method, path, self._headers(headers, raw), raw)
        if answer.status < 400:
            return answer
        raise self._error(answer, path, typed="Authorization" in (headers or {}))

    def _answer(
        self, method: str, path: str, headers: Mapping[str, str], raw: bytes | None
    ) -> Response:
        for attempt in range(self._attempts):
            last = attempt == self._attempts - 1
            try:
                answer = self._sender.request(method, path, headers, raw)
            except Dropped as error:
                if last or not self._repeatable(method):
                    raise Unreachable(
                        f"{self.target.api_url} closed the connection during {method} {path}."
                    ) from error
            else:
                if answer.status != 503 or last or not self._repeatable(method):
                    return answer
            time.sleep(retry.backoff(attempt, first=0.1, cap=2.0))
        raise Unreachable(f"{self.target.api_url} does not answer.")

    def _repeatable(self, method: str) -> bool:
        """Tell whether a request may be sent twice.

        A Hatoba answers a POST with a Request-Id that it has seen with its first answer.
        """
        return method in ("GET", "HEAD") or not self.target.is_heroku

    def _headers(self, more: Mapping[str, str] | None, raw: bytes | None) -> dict[str, str]:
        headers = {
            "Accept": ACCEPT,
            "Authorization": f"Bearer {self.target.token}",
            "Request-Id": str(uuid4()),
            "User-Agent": USER_AGENT,
        }
        if raw is not None:
            headers["Content-Type"] = "application/json"
        headers.update(more or {})
        return headers

    def _error(self, answer: Response, path: str, *, typed: bool = False) -> ApiError | NotLoggedIn:
        """Return what is to be raised; ``typed`` tells that a password was sent, not the token."""
        try:
            error = msgspec.json.decode(answer.body, type=Error)
        except msgspec.MsgspecError:
            text = f"{self.target.api_url} answered {answer.status} without saying why."
            return ApiError(answer.status, "unknown", text)
        if answer.status == 401:
            return NotLoggedIn(error.message if typed else f"{error.message} {self._log_in()}")
        refused = ApiError(
            answer.status, error.id, error.message, url=error.url, resource=error.resource
        )
        refused.app = (error.app or {}).get("name")
        refused.asked = _asked(path, error.resource)
        return refused

    def _log_in(self) -> str:
        if self.target.is_heroku:
            return f"Set HEROKU_API_KEY to a token of your account at {self.target.api_url}."
        return f"Not logged in at {self.target.api_url}: run hatoba up, or heroku login."


def _asked(path: str, resource: str | None) -> str | None:
    """Return the name by which a path asks for a resource, None where it names none."""
    steps = path.partition("?")[0].split("/")
    collection = _NAMED_AFTER.get(resource or "", "")
    if "actions" in steps or collection not in steps[1:-1]:
        return None
    return unquote(steps[steps.index(collection) + 1])


def reviewed(version: int | None) -> dict[str, str]:
    """Return the header that makes a change conditional on the reviewed state."""
    return {} if version is None else {IF_VERSION_HEADER: str(version)}


def version_of(answer: Response) -> int | None:
    """Return the version of the app's state that an answer names; Heroku names none."""
    raw = answer.headers.get(VERSION_HEADER.lower(), "")
    return int(raw) if raw.isdigit() else None


def decode(answer: Response, kind: type[T]) -> T:
    """Read the body as a typed value. Raises BadAnswer when it is something else."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.MsgspecError as error:
        raise BadAnswer(f"The platform's answer could not be understood: {error}.") from error


Json = dict[str, Any]
