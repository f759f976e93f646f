"""What a token is good for (https://devcenter.heroku.com/articles/oauth#scopes)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import lru_cache

from hatoba import errors


class Scope(StrEnum):
    """Heroku's scopes. The protected ones take in config vars, the others don't."""

    GLOBAL = "global"
    IDENTITY = "identity"
    READ = "read"
    WRITE = "write"
    READ_PROTECTED = "read-protected"
    WRITE_PROTECTED = "write-protected"


_GRANTS: dict[Scope, frozenset[Scope]] = {
    Scope.GLOBAL: frozenset(Scope),
    Scope.IDENTITY: frozenset({Scope.IDENTITY}),
    Scope.READ: frozenset({Scope.READ}),
    Scope.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    Scope.READ_PROTECTED: frozenset({Scope.READ, Scope.READ_PROTECTED}),
    Scope.WRITE_PROTECTED: frozenset(Scope) - {Scope.GLOBAL, Scope.IDENTITY},
}


def parse(names: Iterable[str]) -> tuple[str, ...]:
    """Check the names of scopes; none means ``global``. Raises InvalidParams."""
    chosen = tuple(dict.fromkeys(names)) or (Scope.GLOBAL.value,)
    for name in chosen:
        if name not in set(Scope):
            raise errors.InvalidParams(
                f"Invalid scope {name!r}. The scopes are: {', '.join(Scope)}."
            )
    return chosen


def covers(granted: Collection[str], needed: Scope) -> bool:
    """Tell whether a token with these scopes may do what needs that one."""
    return needed in _granted(frozenset(granted))


@lru_cache(maxsize=1024)
def _granted(names: frozenset[str]) -> frozenset[Scope]:
    return frozenset().union(*(_GRANTS[Scope(name)] for name in names))
