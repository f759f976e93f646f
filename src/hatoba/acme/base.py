"""What a certificate authority is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from hatoba.model.route import Challenge

Show = Callable[[Challenge], Awaitable[None]]


class Refused(Exception):
    """Why the authority does not certify a host name, in its own words."""


@dataclass(frozen=True)
class Issued:
    """A new certificate. Chain and key are PEM, the leaf comes first."""

    chain: str
    key: str = field(repr=False)


class Authority(Protocol):
    """Certifies host names that it could reach by HTTP."""

    async def issue(self, hostname: str, show: Show) -> Issued:
        """Return a certificate for one host name.

        ``show`` is awaited with what the host has to answer before the authority asks for it.
        Raises Refused, and ``errors.Unavailable`` when the authority can't be reached.
        """
        ...
