"""What can go wrong between a client and the platform."""

from __future__ import annotations

from hatoba.errors import HatobaError


class ClientError(HatobaError):
    """The platform could not be asked."""

    id = "client_error"


class Unreachable(ClientError):
    """The platform does not answer."""

    id = "unreachable"


class NotLoggedIn(ClientError):
    """You are not logged in."""

    id = "unauthorized"
    status = 401


class ApiError(ClientError):
    """The platform answered with an error: Heroku's id, status and message.

    ``app`` is the app for which a second factor has to be shown, with the id ``two_factor``;
    ``asked`` is the name by which something was asked for that isn't.
    """

    app: str | None = None
    asked: str | None = None

    def __init__(
        self,
        status: int,
        error_id: str,
        message: str,
        *,
        url: str | None = None,
        resource: str | None = None,
    ) -> None:
        super().__init__(message, url=url)
        self.status = status
        self.id = error_id
        self.resource = resource


class BadAnswer(ClientError):
    """The platform's answer could not be understood."""

    id = "bad_answer"
