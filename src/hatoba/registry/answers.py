"""The registry's answers: its errors in OCI's form, and the headers that clients look at.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
"""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from hatoba import errors

VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
_CODES: dict[type[errors.HatobaError], str] = {
    errors.Unauthorized: "UNAUTHORIZED",
    errors.Forbidden: "DENIED",
    errors.RegistryFull: "DENIED",
    errors.TwoFactorRequired: "DENIED",
    errors.ManifestInvalid: "MANIFEST_INVALID",
    errors.ManifestUnknown: "MANIFEST_UNKNOWN",
    errors.ManifestBlobUnknown: "MANIFEST_BLOB_UNKNOWN",
    errors.BlobUnknown: "BLOB_UNKNOWN",
    errors.UploadUnknown: "BLOB_UPLOAD_UNKNOWN",
    errors.UploadInvalid: "BLOB_UPLOAD_INVALID",
    errors.DigestInvalid: "DIGEST_INVALID",
    errors.NotFound: "NAME_UNKNOWN",
    errors.NameUnknown: "NAME_UNKNOWN",
    errors.RateLimited: "TOOMANYREQUESTS",
    errors.TooLarge: "SIZE_INVALID",
    errors.MethodNotAllowed: "UNSUPPORTED",
    errors.Conflict: "UNSUPPORTED",
    errors.DiskFull: "DENIED",
}
# Docker asks again for a minute where the server failed, and never shows what it was told then.
_STATUSES: dict[type[errors.HatobaError], int] = {errors.DiskFull: 413}


def refusal(error: errors.HatobaError) -> Response:
    """Return what is answered to a request that can't be carried out."""
    code = _CODES.get(type(error), "UNKNOWN")
    said = {"code": code, "message": error.message, "detail": {"id": error.id}}
    # docker and podman log in by Basic credentials where these are asked for.
    asks = {"WWW-Authenticate": 'Basic realm="Hatoba"'} if error.status == 401 else {}
    status = _STATUSES.get(type(error), error.status)
    return JSONResponse({"errors": [said]}, status, {**VERSION, **asks})


def done(status: int, **headers: str) -> Response:
    """Return an answer without content; header names are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status_code=status, headers={**VERSION, **named})
