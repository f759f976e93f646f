"""The command lines that bring an archive back, and the script that they hand on; pure.

pg_restore turns the archive into SQL, psql carries it out. What makes it whole or nothing is
that BEGIN comes first, and COMMIT only once pg_restore has ended well: whatever breaks off
before that, this platform too, leaves the target as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from psycopg import sql

# Versions before 17 don't know this setting, which the newer pg_restore switches off.
_TIMEOUT_SETTING = b"SET transaction_timeout = 0;\n"
_TIMEOUT_SINCE = 170000

# All that a user has made. What an extension made goes with the extension, an identity column's
# sequence with its table; an extension or a schema that the server's owner has put there stays,
# as those of links are, and so does the schema public with its rights.
_EMPTY = """
DO $hatoba$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT extname FROM pg_extension
     WHERE extname <> 'plpgsql' AND pg_has_role(extowner, 'USAGE')
  LOOP
    EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', one.extname);
  END LOOP;
  FOR one IN
    SELECT nspname FROM pg_namespace
     WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
       AND pg_has_role(nspowner, 'USAGE')
  LOOP
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', one.nspname);
  END LOOP;
  FOR one IN SELECT pubname FROM pg_publication WHERE pg_has_role(pubowner, 'USAGE')
  LOOP
    EXECUTE format('DROP PUBLICATION IF EXISTS %I', one.pubname);
  END LOOP;
  FOR one IN
    SELECT found.type, found.identity
      FROM pg_depend d,
           LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS found
     WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'public'::regnamespace
       AND d.deptype = 'n' AND found.type NOT IN ('extension', 'default acl')
       AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid
                        AND e.objid = d.objid
                        AND (e.deptype = 'e' OR e.deptype = 'i' AND found.type = 'sequence'))
     -- Sorted, so that all are named before the first goes and others with it.
     ORDER BY found.type, found.identity
  LOOP
    EXECUTE format('DROP %s IF EXISTS %s CASCADE',
      CASE one.type WHEN 'composite type' THEN 'type' WHEN 'statistics object' THEN 'statistics'
        ELSE one.type END, one.identity);
  END LOOP;
  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
END
$hatoba$;
"""


# The restored rows, seen from inside the transaction, where nobody else has changed them yet.
_COMPARE = """
DO $hatoba$
DECLARE
  one record;
  place regclass;
  found bigint;
BEGIN
  SET LOCAL row_security = off;
  FOR one IN SELECT * FROM (VALUES %VALUES%) AS wanted (name, count)
  LOOP
    SELECT c.oid::regclass INTO STRICT place
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname || '.' || c.relname = one.name;
    EXECUTE format('SELECT count(*) FROM ONLY %s', place) INTO found;
    IF found <> one.count THEN
      RAISE EXCEPTION '% has % rows instead of %', one.name, found, one.count;
    END IF;
  END LOOP;
END
$hatoba$;
"""


def list_argv(tools: Path) -> list[str]:
    """Return the command line that lists what is in an archive on its input."""
    return [str(tools / "pg_restore"), "--list"]


def wanted(listed: str) -> str:
    """Return the part of such a list that is brought back.

    A comment on an extension may be made by the extension's owner only, and it is made with it.
    """
    lines = listed.splitlines(keepends=True)
    return "".join(line for line in lines if " COMMENT - EXTENSION " not in line)


def extensions_in(listed: str) -> list[str]:
    """Return the extensions in such a list."""
    found = (re.match(r"\d+; \d+ \d+ EXTENSION - (\S+)", line) for line in listed.splitlines())
    return [match[1] for match in found if match]


def script_argv(tools: Path, listed: Path) -> list[str]:
    """Return the command line that turns what is listed of an archive into SQL on its output."""
    return [
        str(tools / "pg_restore"),
        "--no-owner",
        "--no-acl",
        f"--use-list={listed}",
        "--file=-",
    ]


def apply_argv(tools: Path) -> list[str]:
    """Return the command line that carries SQL on its input out and stops at the first error."""
    return [
        str(tools / "psql"),
        "--no-psqlrc",
        "--no-password",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
        "--file=-",
    ]


def prologue() -> bytes:
    """Return the SQL that comes before the archive's: begin, and empty the target."""
    return "\n".join(["BEGIN;", "SET client_min_messages = warning;", _EMPTY]).encode()


def epilogue(expected: Mapping[str, int] | None) -> bytes:
    """Return the SQL that comes last: commit, but not unless the rows are as expected."""
    if not expected:
        return b"\nCOMMIT;\n"
    rows = [
        sql.SQL("({}, {})").format(sql.Literal(name), sql.Literal(count))
        for name, count in expected.items()
    ]
    values = sql.SQL(", ").join(rows).as_string()
    return f"\n{_COMPARE.replace('%VALUES%', values)}\nCOMMIT;\n".encode()


def for_server(piece: bytes, version: int) -> bytes:
    """Return the script's first piece as a server of that version (``150004``) understands it."""
    if version >= _TIMEOUT_SINCE:
        return piece
    return piece.replace(_TIMEOUT_SETTING, b"", 1)
