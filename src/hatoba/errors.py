"""The one tree of errors that a person or a client may see.

Each class carries Heroku's error id and the HTTP status that goes with it
(https://devcenter.heroku.com/articles/platform-api-reference#error-responses).
The message is a whole sentence that says what happened, why, and what to do next.
"""

from __future__ import annotations


class HatobaError(Exception):
    """Something went wrong inside the platform; its log has the details."""

    id = "internal_server_error"
    status = 500

    def __init__(self, message: str | None = None, *, url: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.url = url
        super().__init__(self.message)


class BadRequest(HatobaError):
    """Request invalid, validate usage and try again."""

    id = "bad_request"
    status = 400


class Unauthorized(HatobaError):
    """Invalid credentials provided."""

    id = "unauthorized"
    status = 401


class Forbidden(HatobaError):
    """You do not have access to this resource."""

    id = "forbidden"
    status = 403


class RegistryFull(Forbidden):
    """The app has as many images that no release runs as it may."""

    id = "registry_full"


class TwoFactorRequired(Forbidden):
    """A second authentication factor or pre-authorization is required for this request."""

    id = "two_factor"

    def __init__(self, message: str | None = None, *, app: str | None = None) -> None:
        """``app`` is the name of the app for which a code has to be shown first."""
        super().__init__(message)
        self.app = app


class NotFound(HatobaError):
    """The requested resource could not be found."""

    id = "not_found"
    status = 404

    def __init__(self, message: str | None = None, *, resource: str | None = None) -> None:
        super().__init__(message)
        self.resource = resource


class MethodNotAllowed(HatobaError):
    """This path does not answer to that HTTP method."""

    id = "method_not_allowed"
    status = 405


class NotAcceptable(HatobaError):
    """Accept must be application/vnd.heroku+json; version=3."""

    id = "not_acceptable"
    status = 406


class ManifestInvalid(BadRequest):
    """The manifest can't be understood."""

    id = "manifest_invalid"


class ManifestUnknown(NotFound):
    """There is no such image."""

    id = "manifest_unknown"


class ManifestBlobUnknown(NotFound):
    """The manifest refers to a blob that was not pushed."""

    id = "manifest_blob_unknown"


class BlobUnknown(NotFound):
    """There is no such blob."""

    id = "blob_unknown"


class UploadUnknown(NotFound):
    """There is no such upload: begin another."""

    id = "blob_upload_unknown"


class DigestInvalid(BadRequest):
    """The content is not what its digest says."""

    id = "digest_invalid"


class NameUnknown(NotFound):
    """There is no such repository: its name is APP/PROCESS-TYPE."""

    id = "name_unknown"


class Conflict(HatobaError):
    """The request could not be carried out because of the resource's present state."""

    id = "conflict"
    status = 409


class StaleReview(Conflict):
    """The app has changed since it was reviewed. Nothing was changed: review again."""

    id = "stale_review"


class BuildInProgress(Conflict):
    """Another build of this app is in progress. Wait for it to finish, then push again."""

    id = "build_in_progress"


class TooLarge(HatobaError):
    """The request body is too large."""

    id = "request_too_large"
    status = 413


class RangeNotSatisfiable(HatobaError):
    """The Range header could not be understood."""

    id = "requested_range_not_satisfiable"
    status = 416


class UploadInvalid(RangeNotSatisfiable):
    """The upload does not go on where it ended."""

    id = "blob_upload_invalid"


class InvalidParams(HatobaError):
    """A parameter is invalid."""

    id = "invalid_params"
    status = 422


class RateLimited(HatobaError):
    """Your account reached the API rate limit. Wait a few minutes, then try again."""

    id = "rate_limit"
    status = 429


class Unavailable(HatobaError):
    """The platform is starting or a part of it is away. Try again in a few seconds."""

    id = "service_unavailable"
    status = 503


class DiskFull(Unavailable):
    """No space is left on the platform's disk. Free some space, then try again."""

    id = "disk_full"
    status = 507


class BuildFailed(HatobaError):
    """The build failed; its output says why."""

    id = "build_failed"
    status = 422


class ReleaseFailed(HatobaError):
    """The release command failed; the previous release goes on serving."""

    id = "release_failed"
    status = 422


class StartupError(HatobaError):
    """The platform could not start."""


class UsageError(HatobaError):
    """The command was called the wrong way (exit code 2)."""

    id = "usage"
    status = 422
