"""Request bodies: from bytes to typed values, with errors that name the field."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec
from starlette.requests import Request

from hatoba import errors
from hatoba.api.call import Call

# Config vars may be 64 KB; escapes and the odd process type list leave room in this.
MAX_BODY = 1024 * 1024
T = TypeVar("T")

_AT = re.compile(r"(?P<what>.*?)(?: - at `(?P<where>[^`]*)`)?", re.DOTALL)
_TYPES = re.compile(r"`((?:str|int|bool|float|null|array|object)(?: \| \w+)*)`")
_WORDS = {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}


async def read(request: Request) -> bytes:
    """Return the request's body. Raises TooLarge."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 12 or int(length) > MAX_BODY:
        raise errors.TooLarge
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise errors.TooLarge
    return bytes(body)


def body(call: Call, kind: type[T]) -> T:
    """Return the body as a typed value; no body at all counts as ``{}``.

    Raises BadRequest for what is no JSON object, InvalidParams for a wrong field.
    """
    raw = call.body.strip() or b"{}"
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.BadRequest(f"The request body is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise errors.BadRequest("The request body must be a JSON object.")
    if _has_nul(value):
        raise errors.InvalidParams("Text in a request can't contain the character U+0000.")
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise errors.InvalidParams(explain(str(error))) from error


def explain(text: str) -> str:
    """Return msgspec's complaint as a sentence that names the field."""
    match = _AT.fullmatch(text)
    what, where = (match["what"], match["where"]) if match else (text, None)
    what = _TYPES.sub(lambda m: " or ".join(_WORDS.get(w, w) for w in m[1].split(" | ")), what)
    if not where:
        return f"The request body is invalid: {what[:1].lower()}{what[1:]}."
    return f"{where.removeprefix('$.')} is invalid: {what[:1].lower()}{what[1:]}."


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(k) or _has_nul(v) for k, v in value.items())
    return isinstance(value, list) and any(_has_nul(v) for v in value)
