"""The command lines that bring an archive back, and the script that they hand on; pure.

pg_restore turns the archive into SQL, psql carries it out. What makes it whole or nothing is
that BEGIN comes first, and COMMIT only once pg_restore has ended well: whatever breaks off
before that, this platform too, leaves the target as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psycopg import sql

COMMIT = b"\nCOMMIT;\n"

# Versions before 17 don't know this setting, which the newer pg_restore switches off.
_TIMEOUT_SETTING = b"SET transaction_timeout = 0;\n"
_TIMEOUT_SINCE = 170000

# All that a user has made. What an extension made goes with the extension, and one that the
# server's owner has put there stays.
_EMPTY = """
DO $hatoba$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT extname FROM pg_extension e
     WHERE extname <> 'plpgsql' AND pg_has_role(e.extowner, 'USAGE')
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
  FOR one IN SELECT oid FROM pg_largeobject_metadata WHERE pg_has_role(lomowner, 'USAGE')
  LOOP
    PERFORM lo_unlink(one.oid);
  END LOOP;
END
$hatoba$;
"""
# Made again as it was: its owner, its comment and who may use it.
_EMPTY_PUBLIC = """
DO $hatoba$
DECLARE
  was record;
  held record;
BEGIN
  SELECT nspowner::regrole AS owner, nspacl AS acl, obj_description(oid, 'pg_namespace') AS said
    INTO was FROM pg_namespace WHERE nspname = 'public';
  IF NOT FOUND THEN
    CREATE SCHEMA public;
    RETURN;
  END IF;
  DROP SCHEMA public CASCADE;
  EXECUTE format('CREATE SCHEMA public AUTHORIZATION %s', was.owner);
  EXECUTE format('COMMENT ON SCHEMA public IS %L', was.said);
  FOR held IN SELECT grantee, privilege_type, is_grantable FROM aclexplode(was.acl)
  LOOP
    EXECUTE format('GRANT %s ON SCHEMA public TO %s%s', held.privilege_type,
      CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END,
      CASE WHEN held.is_grantable AND held.grantee <> 0 THEN ' WITH GRANT OPTION' ELSE '' END);
  END LOOP;
END
$hatoba$;
"""


def script_argv(tools: Path) -> list[str]:
    """Return the command line that turns an archive on its input into SQL on its output."""
    return [str(tools / "pg_restore"), "--no-owner", "--no-acl", "--file=-"]


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


def prologue(*, owns_public: bool, extensions: Sequence[str] = ()) -> bytes:
    """Return the SQL that comes before the archive's: begin, and empty the target.

    ``extensions`` (``hstore`` or ``schema.hstore``) are made before anything is restored.
    """
    empty_public = _EMPTY_PUBLIC if owns_public else ""
    parts = ["BEGIN;", "SET client_min_messages = warning;", _EMPTY, empty_public]
    return "\n".join([*parts, *(_extension(name) for name in extensions), ""]).encode()


def _extension(name: str) -> str:
    schema, _, extension = name.rpartition(".")
    made = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
    if not schema:
        return f"{made.as_string()} SCHEMA public;"
    where = sql.Identifier(schema)
    before = sql.SQL("CREATE SCHEMA IF NOT EXISTS {};").format(where).as_string()
    return f"{before} {made.as_string()} SCHEMA {where.as_string()};"


def for_server(piece: bytes, version: int) -> bytes:
    """Return the script's first piece as a server of that version (``150004``) understands it."""
    if version >= _TIMEOUT_SINCE:
        return piece
    return piece.replace(_TIMEOUT_SETTING, b"", 1)
