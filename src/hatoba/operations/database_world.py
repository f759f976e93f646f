"""Looking at databases after a change: connecting as an app does, counting what is there."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hatoba.client import addons, databases
from hatoba.client.api import Api
from hatoba.client.databases import Attachment
from hatoba.client.errors import ClientError
from hatoba.kit.text import plural
from hatoba.schema.addons import Addon
from hatoba.schema.hatoba import Check


def of(api: Api, app: str, addon: Addon) -> list[Attachment]:
    """Return a database's attachments to an app; none for another kind of add-on."""
    if addon.addon_service.name != databases.SERVICE:
        return []
    return [a for a in addons.attachments(api, app) if a.addon.id == addon.id]


def connects(api: Api, attachment: Attachment) -> Check:
    """Connect by the URL in the app's config var."""
    what = f"a connection by {attachment.url_var} works"
    try:
        _ask(databases.url(api, attachment), "SELECT 1")
    except ClientError as error:
        return Check(what, ok=False, seen=error.message)
    return Check(what, ok=True, seen="")


def refused(url: str, what: str) -> Check:
    """See that nobody gets in by a URL any more."""
    try:
        _ask(url, "SELECT 1")
    except ClientError:
        return Check(what, ok=True, seen="")
    return Check(what, ok=False, seen="a connection still works")


def writable(api: Api, attachment: Attachment) -> Check:
    """See that the database takes writes."""
    return refuses(api, attachment, refused=False)


def refuses(api: Api, attachment: Attachment, *, refused: bool) -> Check:
    """See that a database takes no writes for its size, or that it does."""
    what = f"{attachment.addon.name} {'refuses' if refused else 'takes'} writes"

    def wrong(answer: str) -> str:
        ok = (answer == "on") is refused
        return "" if ok else f"transaction_read_only is {answer}"

    return _check(api, attachment, what, wrong, "SHOW transaction_read_only")


def in_force(api: Api, attachment: Attachment, parameter: str, wanted: str) -> Check:
    """See in a new session that the server uses a parameter."""
    what = f"{attachment.addon.name} works with {parameter} = {wanted}"
    query = "SELECT setting FROM pg_settings WHERE name = %s"

    def wrong(answer: str) -> str:
        return "" if answer == wanted else f"it is {answer}"

    return _check(api, attachment, what, wrong, query, parameter)


def counts_anew(api: Api, attachment: Attachment) -> Check:
    """See that the server began to count its use within the last minute."""
    query = (
        "SELECT stats_reset > now() - interval '1 minute' FROM pg_stat_database "
        "WHERE datname = current_database()"
    )
    try:
        good = _ask(databases.url(api, attachment), query) == "True"
    except ClientError as error:
        return Check("statistics begin now", ok=False, seen=error.message)
    return Check("statistics begin now", ok=good, seen="")


def tables(api: Api, attachment: Attachment) -> int:
    """Return how many tables the database has. Raises ClientError."""
    query = (
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' "
        "AND n.nspname <> 'information_schema'"
    )
    return int(_ask(databases.url(api, attachment), query))


class Activity(msgspec.Struct, frozen=True):
    """What a session does: whose it is, since when, and how its query begins."""

    user: str
    state: str
    since: str
    query: str

    @property
    def running(self) -> bool:
        """Tell whether there is a query to be ended; a transaction may be open without one."""
        return self.state == "active"


def activity(api: Api, attachment: Attachment, pid: int) -> Activity | None:
    """Return what a session of the database does, None when there is none. Raises ClientError."""
    query = (
        "SELECT json_build_object('user', usename, 'state', coalesce(state, ''), "
        "'since', coalesce(query_start::text, ''), "
        r"'query', coalesce(left(regexp_replace(query, '\s+', ' ', 'g'), 60), ''))::text "
        "FROM pg_stat_activity WHERE pid = %s::int AND datname = current_database() "
        "AND backend_type = 'client backend'"
    )
    seen = _ask(databases.url(api, attachment), query, str(pid))
    return msgspec.json.decode(seen, type=Activity) if seen else None


def end(api: Api, attachment: Attachment, pid: int, *, session: bool) -> None:
    """End a session, or only its query. Raises ClientError when the server refuses."""
    function = "pg_terminate_backend" if session else "pg_cancel_backend"
    if _ask(databases.url(api, attachment), f"SELECT {function}(%s::int)", str(pid)) != "True":
        raise ClientError(f"No session has the pid {pid} any more.")


def reads_link(api: Api, attachment: Attachment, link: str) -> Check:
    """Read the first table over a link, as the app does."""
    from psycopg import sql

    what = f"a SELECT over {link} works"
    listed = (
        "SELECT min(relname::text) FROM pg_class WHERE relkind = 'f' "
        "AND relnamespace = to_regnamespace(quote_ident(%s))"
    )
    try:
        url = databases.url(api, attachment)
        table = _ask(url, listed, link)
        if table == "None":
            return Check(what, ok=True, seen="the remote database has no tables to link yet")
        name = sql.Identifier(link, table)
        rows = _ask(
            url,
            sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT 1) AS one")
            .format(name)
            .as_string(),
        )
    except ClientError as error:
        return Check(what, ok=False, seen=error.message)
    return Check(what, ok=True, seen=f"{plural(int(rows), 'row')} of {link}.{table} read")


def lacks_schema(api: Api, attachment: Attachment, name: str) -> Check:
    """See that a database has no schema of that name."""
    what = f"{attachment.addon.name} has no schema {name}"
    query = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"

    def wrong(left: str) -> str:
        return "" if left == "0" else "it is there"

    return _check(api, attachment, what, wrong, query, name)


def _check(
    api: Api,
    attachment: Attachment,
    what: str,
    wrong: Callable[[str], str],
    query: str,
    *values: str,
) -> Check:
    """Ask a database; ``wrong`` says what is the matter with its answer, "" for nothing."""
    try:
        answer = _ask(databases.url(api, attachment), query, *values)
    except ClientError as error:
        return Check(what, ok=False, seen=error.message)
    seen = wrong(answer)
    return Check(what, ok=not seen, seen=seen)


def _ask(url: str, query: str, *values: str) -> str:
    """Return the one value that a query gives. Raises ClientError, without the URL in it."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10, application_name="hatoba-check") as conn:
            row = conn.execute(query.encode(), values or None).fetchone()
    except psycopg.Error as error:
        first = str(error).splitlines()[:1]
        raise ClientError("".join(first) or "the database does not answer") from None
    return str(row[0]) if row else ""
