"""What a Postgres server says: taken apart, with no password in it, and read on piece by piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatoba.addons.postgres import server_log
from hatoba.addons.postgres.server_log import LogReader, masked, records
from hatoba.kit import supervise
from hatoba.kit.secret import DOTS


def said(text: str, who: str = "client backend", host: str = "127.0.0.1", number: int = 1) -> bytes:
    begin = f"2026-11-27 22:00:00.123 UTC [{who}] [77] [{number}] [42601] [{host}] "
    return f"{begin}{text}\n".encode()


def test_a_record_has_the_lines_that_heroku_gives_it() -> None:
    data = said("ERROR:  syntax error") + said("STATEMENT:  SELECT\n\t1 +", number=2)
    first, second = records(data)
    assert first.lines("DATABASE") == [
        "[DATABASE] [1-1]  sql_error_code = 42601 ERROR:  syntax error"
    ]
    assert second.lines("TEAL") == [
        "[TEAL] [2-1]  sql_error_code = 42601 STATEMENT:  SELECT",
        "[TEAL] [2-2] \t1 +",
    ]
    assert (first.at.isoformat(), first.pid) == ("2026-11-27T22:00:00.123000+00:00", 77)


def test_nothing_said_is_no_record() -> None:
    assert not list(records(b""))


def test_what_is_the_platforms_own_is_left_out() -> None:
    data = (
        said("LOG:  connection authorized: user=hatoba", host="[local]")
        + b"gzip: /srv/hatoba/archive: No space left on device\n"
        + said("LOG:  archive command failed\n\tin /srv/hatoba", who="archiver", host="")
        + said("LOG:  listening on /run/hatoba", who="postmaster", host="")
        + said("LOG:  checkpoint starting: time", who="checkpointer", host="")
        + b"gzip: /srv/hatoba/archive: No space left on device\n"
    )
    assert [one.text for one in records(data)] == ["LOG:  checkpoint starting: time"]


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("CREATE ROLE a PASSWORD 'it''s' LOGIN", f"CREATE ROLE a PASSWORD {DOTS} LOGIN"),
        ("encrypted password\n\tE'a\\'b' c", f"encrypted password\n\t{DOTS} c"),
        ("PASSWORD $x$a $ b$x$ c", f"PASSWORD {DOTS} c"),
        ("PASSWORD 'cut short", f"PASSWORD {DOTS}"),
        ("OPTIONS (user 'a', password 'b')", f"OPTIONS (user 'a', password {DOTS})"),
        ("dblink('host=h password=abc dbname=d')", f"dblink('host=h password={DOTS} dbname=d')"),
        ("CONNECTION 'postgres://u:p%40w@h/d'", f"CONNECTION 'postgres://u:{DOTS}@h/d'"),
        ("SELECT 'https://h:8080/a', 'b@c'", "SELECT 'https://h:8080/a', 'b@c'"),
        ("scram-sha-256 (/srv/x/data/pg_hba.conf:9)", "scram-sha-256 (pg_hba.conf:9)"),
        ('matched file "/srv/x/pg_hba.conf" line 9', 'matched file "pg_hba.conf" line 9'),
        ("UPDATE t SET password_hash = 'x'", "UPDATE t SET password_hash = 'x'"),
    ],
)  # fmt: skip
def test_passwords_are_masked_however_a_statement_gives_them(statement: str, shown: str) -> None:
    assert masked(statement) == shown


def test_a_log_is_read_on_where_it_was_left(tmp_path: Path) -> None:
    log = tmp_path / "database.log"
    assert LogReader(log).read() == (b"", 0)
    log.write_bytes(said("LOG:  one") + b"2026-11")
    reader = LogReader(log)
    assert reader.read() == (said("LOG:  one"), 0)
    assert reader.read() == (b"", 0)
    log.write_bytes(said("LOG:  one") + said("LOG:  two"))
    again = LogReader(log)
    assert again.read() == (said("LOG:  two"), 0)
    supervise.bound(log, 10)
    with log.open("ab") as file:
        file.write(said("LOG:  three"))
    assert again.read() == (said("LOG:  three"), 0)


def test_a_log_is_read_on_when_its_place_can_not_be_noted(tmp_path: Path) -> None:
    log = tmp_path / "database.log"
    log.write_bytes(said("LOG:  one"))
    (tmp_path / "database.read").mkdir()
    reader = LogReader(log)
    assert reader.read() == (said("LOG:  one"), 0)
    assert reader.read() == (b"", 0)


def test_much_at_once_is_read_by_the_piece_and_very_much_is_left_out(tmp_path: Path) -> None:
    log, one = tmp_path / "database.log", said("LOG:  " + "x" * 1000)
    log.write_bytes(one * 100)
    reader = LogReader(log)
    pieces = [reader.read()[0] for _ in range(3)]
    assert b"".join(pieces) == one * 100
    assert max(map(len, pieces)) <= server_log.MOST_BYTES
    assert all(piece.startswith(b"2026") for piece in pieces if piece)
    endless = tmp_path / "endless.log"
    endless.write_bytes(said("LOG:  " + "y" * 2 * server_log.MOST_BYTES))
    assert len(LogReader(endless).read()[0]) == server_log.MOST_BYTES
    flood = tmp_path / "flood.log"
    flood.write_bytes(one * 3000)
    data, skipped = LogReader(flood).read()
    assert len(data) <= server_log.MOST_BYTES
    assert skipped + server_log.MOST_BYTES == flood.stat().st_size
