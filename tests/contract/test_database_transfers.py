"""Dumps and restores against real servers: whole or not at all, and counted."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from hatoba import errors
from hatoba.addons.postgres import transfer, verify
from hatoba.addons.postgres.dump import environment
from hatoba.addons.postgres.transfer import Archive, Tools, TransferFailed
from hatoba.control.backups_cipher import Damaged
from hatoba.control.backups_files import BackupFiles
from hatoba.control.vault import Vault
from tests.contract.databases import Harbour, harbour

SCHEMA = """
CREATE EXTENSION pg_trgm;
CREATE SCHEMA audit;
CREATE TYPE mood AS ENUM ('calm', 'rough');
CREATE TABLE ships (id serial PRIMARY KEY, name text NOT NULL, mood mood);
CREATE TABLE audit.events (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, what text);
CREATE TABLE tides (day date, height numeric) PARTITION BY RANGE (day);
CREATE TABLE tides_2026 PARTITION OF tides FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW calm AS SELECT * FROM ships WHERE mood = 'calm';
CREATE FUNCTION greet(who text) RETURNS text LANGUAGE sql AS $$
SELECT 'COMMENT ON EXTENSION' || who $$;
COMMENT ON TABLE ships IS 'All of them';
INSERT INTO ships (name, mood) SELECT 'ship ' || n, 'calm' FROM generate_series(1, 1000) n;
INSERT INTO audit.events (at, what) SELECT now(), repeat('x', 200) FROM generate_series(1, 5000);
INSERT INTO tides VALUES ('2026-05-01', 1.5), ('2026-05-02', 1.6);
"""
COUNTS = {"audit.events": 5000, "public.ships": 1000, "public.tides_2026": 2}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there() -> AsyncIterator[Harbour]:
    async with harbour() as found:
        yield found


@pytest.fixture
def tools(there: Harbour) -> Tools:
    return there.tools


@pytest.fixture
def files(tmp_path: Path) -> BackupFiles:
    return BackupFiles(tmp_path / "backups", Vault(b"k" * 32))


async def run(url: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(statement.encode())


async def dumped(tools: Tools, url: str) -> bytes:
    async with verify.moment(url) as now:
        return b"".join([piece async for piece in transfer.dump(tools, url, now.snapshot)])


def archive(data: bytes) -> Archive:
    async def read() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 10_000):
            yield data[at : at + 10_000]

    return Archive(read)


@pytest.mark.parametrize("majors", ["old to old", "old to new", "new to new"])
async def test_a_database_comes_back_as_it_was(there: Harbour, tools: Tools, majors: str) -> None:
    source, target = [await there.url(which) for which in majors.split(" to ")]
    await run(source, SCHEMA)
    await run(
        target,
        "CREATE TABLE left_over (id int GENERATED ALWAYS AS IDENTITY); "
        "CREATE SCHEMA old; CREATE TABLE old.t ()",
    )
    await transfer.restore(tools, archive(await dumped(tools, source)), target)
    assert await verify.count(target) == COUNTS == await verify.count(source)
    async with await psycopg.AsyncConnection.connect(target) as conn:
        cursor = await conn.execute("SELECT greet('x'), (SELECT count(*) FROM calm)")
        assert await cursor.fetchone() == ("COMMENT ON EXTENSIONx", 1000)
        cursor = await conn.execute("SELECT nextval('ships_id_seq')")
        assert await cursor.fetchone() == (1001,)


async def test_restoring_twice_is_the_same_as_once(there: Harbour, tools: Tools) -> None:
    source = await there.url("old")
    await run(source, SCHEMA)
    dump = archive(await dumped(tools, source))
    for _ in range(2):
        await transfer.restore(tools, dump, source)
    assert await verify.count(source) == COUNTS


ALL_KINDS = """
CREATE TYPE mood AS ENUM ('calm');
CREATE TYPE berth AS (pier text, place int);
CREATE DOMAIN knots AS numeric CHECK (VALUE >= 0);
CREATE SEQUENCE numbers;
CREATE FUNCTION of_mood(mood) RETURNS knots LANGUAGE sql AS 'SELECT 1::knots';
CREATE PROCEDURE tidy() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE longest (text) (SFUNC = textcat, STYPE = text);
CREATE FUNCTION alike(mood, mood) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR === (LEFTARG = mood, RIGHTARG = mood, FUNCTION = alike);
CREATE COLLATION rough FROM "C";
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
DO $$ BEGIN FOR n IN 1..40 LOOP
  EXECUTE format('CREATE TABLE t%s AS SELECT %s AS id, ''calm''::mood AS mood', n, n);
  EXECUTE format('CREATE MATERIALIZED VIEW m%s AS SELECT * FROM t%s', n, n);
  EXECUTE format('CREATE STATISTICS s%s ON id, mood FROM t%s', n, n);
END LOOP; END $$;
CREATE PUBLICATION news FOR TABLE t1;
CREATE RULE quiet AS ON UPDATE TO t1 DO INSTEAD NOTHING;
ALTER TABLE t2 ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON t2 USING (true);
"""


async def test_whatever_a_database_holds_is_replaced(there: Harbour, tools: Tools) -> None:
    source = await there.url("old")
    await run(source, ALL_KINDS)
    await transfer.restore(tools, archive(await dumped(tools, source)), source)
    assert len(await verify.count(source)) == 40


async def test_a_dump_is_of_one_moment(there: Harbour, tools: Tools) -> None:
    source, target = await there.url("old"), await there.url("old")
    await run(source, SCHEMA)
    async with verify.moment(source) as now:
        await run(source, "INSERT INTO ships (name) VALUES ('late'); DELETE FROM audit.events")
        data = b"".join([piece async for piece in transfer.dump(tools, source, now.snapshot)])
    assert now.counts == COUNTS
    await transfer.restore(tools, archive(data), target)
    assert verify.differences(now.counts, await verify.count(target)) == []
    assert await verify.count(source) != COUNTS


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.7, 0.999])
async def test_a_truncated_dump_changes_nothing(there: Harbour, tools: Tools, part: float) -> None:
    source, target = await there.url("old"), await there.url("old")
    await run(source, SCHEMA)
    await run(target, "CREATE TABLE kept AS SELECT generate_series(1, 10) AS id")
    data = await dumped(tools, source)
    with pytest.raises(TransferFailed, match=r"damaged or truncated"):
        await transfer.restore(tools, archive(data[: int(len(data) * part)]), target)
    assert await verify.count(target) == {"public.kept": 10}


async def test_what_is_no_dump_changes_nothing(there: Harbour, tools: Tools) -> None:
    target = await there.url("old")
    await run(target, "CREATE TABLE kept (id int)")
    with pytest.raises(TransferFailed, match=r"damaged or truncated"):
        await transfer.restore(tools, archive(b"DROP TABLE kept;\n" * 1000), target)
    assert await verify.count(target) == {"public.kept": 0}


async def test_a_dump_that_does_not_fit_changes_nothing(there: Harbour, tools: Tools) -> None:
    if there.by_age["old"].major >= 18:
        pytest.skip("this machine has no PostgreSQL that is older than virtual columns")
    source, target = await there.url("new"), await there.url("old")
    await run(source, "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)")
    await run(target, "CREATE TABLE kept (id int)")
    with pytest.raises(TransferFailed, match=r"The restore failed: syntax error"):
        await transfer.restore(tools, archive(await dumped(tools, source)), target)
    assert await verify.count(target) == {"public.kept": 0}


async def test_other_rows_than_expected_are_rolled_back(there: Harbour, tools: Tools) -> None:
    source, target = await there.url("old"), await there.url("old")
    await run(source, SCHEMA)
    await run(target, "CREATE TABLE kept (id int)")
    dump = archive(await dumped(tools, source))
    with pytest.raises(TransferFailed, match=r"public\.ships has 1000 rows instead of 999"):
        await transfer.restore(tools, dump, target, expected={**COUNTS, "public.ships": 999})
    assert await verify.count(target) == {"public.kept": 0}
    await transfer.restore(tools, dump, target, expected=COUNTS)
    assert await verify.count(target) == COUNTS


async def test_what_the_platform_put_there_stays(there: Harbour, tools: Tools) -> None:
    source, target = await there.url("old"), await there.url("old")
    odd = '"a.b"."Odd ""name.s"'
    await run(source, f'CREATE SCHEMA "a.b"; CREATE TABLE {odd} AS SELECT 1 AS id')
    await run(target, "CREATE TYPE pair AS (a int, b int); CREATE DOMAIN d AS int")
    await run(target, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    await run(target, "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one; CREATE SEQUENCE s")
    expected = await verify.count(source)
    assert expected == {'a.b.Odd "name.s': 1}
    await transfer.restore(tools, archive(await dumped(tools, source)), target, expected=expected)
    async with await psycopg.AsyncConnection.connect(target) as conn:
        left = await conn.execute(
            "SELECT count(*) FROM pg_type WHERE typname IN ('pair', 'd') UNION ALL "
            "SELECT count(*) FROM pg_proc WHERE proname = 'f' UNION ALL "
            "SELECT count(*) FROM pg_class WHERE relname IN ('m', 's') UNION ALL "
            "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'"
        )
        assert await left.fetchall() == [(0,), (0,), (0,), (1,)]


async def test_an_error_while_reading_is_told_as_it_is(
    there: Harbour, tools: Tools, files: BackupFiles
) -> None:
    source, target, dump_id = await there.url("old"), await there.url("old"), uuid4()
    await run(source, SCHEMA)
    await run(target, "CREATE TABLE kept (id int)")
    async with verify.moment(source) as now:
        await files.keep(dump_id, transfer.dump(tools, source, now.snapshot), lambda _: None)
    (path,) = files.folder.glob("*.dump")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Damaged):
        await transfer.restore(tools, Archive(lambda: files.read(dump_id)), target)
    assert await verify.count(target) == {"public.kept": 0}


async def test_a_database_that_is_dropped_meanwhile_leaves_no_dump(
    there: Harbour, tools: Tools, files: BackupFiles
) -> None:
    source = await there.url("old")
    await run(source, SCHEMA)

    async def interrupted() -> AsyncIterator[bytes]:
        async with verify.moment(source) as now:
            pieces = transfer.dump(tools, source, now.snapshot)
            await there.drop(source)
            async for piece in pieces:
                yield piece

    with pytest.raises((errors.HatobaError, psycopg.Error)):
        await files.keep(uuid4(), interrupted(), lambda _: None)
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


async def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    async with small_disk(tmp_path / "full") as folder:
        files = BackupFiles(folder, Vault(b"k" * 32))

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 100_000

        with pytest.raises(errors.DiskFull, match="no space is left for backups"):
            await files.keep(uuid4(), endless(), lambda _: None)
        assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_backups_may_move_to_another_disk_and_say_when_it_is_away(tmp_path: Path) -> None:
    files = BackupFiles(tmp_path / "backups", Vault(b"k" * 32))

    async def short() -> AsyncIterator[bytes]:
        yield b"x"

    shutil.rmtree(files.folder)
    dump_id = uuid4()
    await files.keep(dump_id, short(), lambda _: None)
    assert [piece async for piece in files.read(dump_id)] == [b"x"]
    gone = OSError(errno.EROFS, "")
    with patch("os.open", side_effect=gone), pytest.raises(errors.Conflict, match="Read-only"):
        await files.keep(uuid4(), short(), lambda _: None)


@asynccontextmanager
async def small_disk(folder: Path) -> AsyncIterator[Path]:
    folder.mkdir()
    mount = await asyncio.create_subprocess_exec(
        "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)
    )
    if await mount.wait() != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        await (await asyncio.create_subprocess_exec("umount", str(folder))).wait()


def test_a_password_goes_by_the_environment_only() -> None:
    given = environment("postgres://u:p%40ss@db.example:6000/d?sslmode=require")
    assert (given["PGUSER"], given["PGPASSWORD"], given["PGHOST"]) == ("u", "p@ss", "db.example")
    assert (given["PGPORT"], given["PGDATABASE"], given["PGSSLMODE"]) == ("6000", "d", "require")


def test_programs_fit_the_server() -> None:
    found = Tools({15: Path("/15"), 18: Path("/18")})
    assert found.for_server(140011) == found.for_server(150004) == Path("/15")
    assert found.for_server(160000) == Path("/18")
    with pytest.raises(TransferFailed, match="PostgreSQL 19"):
        found.for_server(190001)


def test_differences_name_the_tables() -> None:
    wanted, seen = {"a.b": 1, "a.c": 2}, {"a.c": 1, "a.d": 0}
    assert verify.differences(wanted, seen) == [
        "a.b is missing",
        "a.c has 1 rows instead of 2",
        "a.d is there too",
    ]
    assert verify.differences(wanted, dict(wanted)) == []
