"""How psql is started: by the environment, never with a password in its arguments."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hatoba.cli import psql
from hatoba.cli.psql import PsqlError


def test_a_url_becomes_psqls_variables() -> None:
    got = psql.connection("postgres://uada:p%40ss@localhost:20001/dboats")
    assert got["PGHOST"] == "localhost"
    assert got["PGPORT"] == "20001"
    assert got["PGUSER"] == "uada"
    assert got["PGPASSWORD"] == "p@ss"
    assert got["PGDATABASE"] == "dboats"
    assert got["PGSSLMODE"] == "prefer"


def test_a_database_elsewhere_must_have_tls() -> None:
    assert psql.connection("postgres://a:b@db.example.com/c")["PGSSLMODE"] == "require"


@pytest.fixture
def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A psql that writes down its arguments."""
    program = tmp_path / "psql"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(tmp_path / 'argv')!r}, 'w').write(str(sys.argv))"
        "\nprint('n\\n1') if 'fail' not in sys.stdin.read() else sys.exit('ERROR: no')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "argv"


def test_no_password_among_the_arguments(spy: Path) -> None:
    assert psql.rows("postgres://u:secret@localhost/d", "SELECT 1 AS n") == [{"n": "1"}]
    assert "secret" not in spy.read_text()


def test_psqls_own_words_are_shown(spy: Path) -> None:
    with pytest.raises(PsqlError, match="ERROR: no"):
        psql.query("postgres://u:secret@localhost/d", "fail")


def test_ctrl_c_is_for_psql_alone(spy: Path) -> None:
    program = spy.parent / "psql"
    program.write_text(
        f"#!{sys.executable}\nimport os, signal\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "os.kill(os.getppid(), signal.SIGINT)\nraise SystemExit(7)\n"
    )
    try:
        assert psql.run("postgres://u:secret@localhost/d") == 7
    except KeyboardInterrupt:
        pytest.fail("the command line was interrupted, not psql")
