"""The seven workflows as one story, on the Django guestbook with Postgres.

At each step what the receipt says is held against the world: the database's rows, and what the
app answers through the router.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.e2e.platform import Platform, wait_for

APP, COPY = "story", "story-copy"


@dataclass
class Story:
    """An app in its repository; ``receipts`` are those of the changes so far, oldest first."""

    platform: Platform
    path: Path
    receipts: list[str] = field(default_factory=list)

    def change(self, *argv: str, app: str = APP) -> dict[str, Any]:
        """Make a change; return its receipt, all of whose checks were good."""
        done = self.platform.heroku(*argv, "-a", app, "--json", timeout=180).ok()
        receipt: dict[str, Any] = json.loads(done.out)
        assert receipt["verified"], receipt
        assert all(check["ok"] for check in receipt["checks"]), receipt
        if app == APP:
            self.receipts.append(receipt["receipt"])
        return receipt

    def database(self, app: str = APP) -> psycopg.Connection[tuple[Any, ...]]:
        found = self.platform.api("GET", f"/apps/{app}/config-vars").json()
        return psycopg.connect(found["DATABASE_URL"], autocommit=True)

    def entries(self, app: str = APP) -> list[str]:
        """What people wrote, as the database has it."""
        with self.database(app) as conn:
            rows = conn.execute("SELECT message FROM guestbook_entry ORDER BY id").fetchall()
        return [row[0] for row in rows]

    def counted(self, app: str = APP) -> tuple[int, int]:
        """Tables and rows of the whole database."""
        with self.database(app) as conn:
            names = [
                r[0]
                for r in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            rows = 0
            for name in names:
                query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(
                    psycopg.sql.Identifier(name)
                )
                found = conn.execute(query).fetchone()
                assert found is not None
                rows += found[0]
        return len(names), rows

    def page(self, app: str = APP) -> tuple[int, str]:
        answer = self.platform.get(app)
        return answer.status, answer.data.decode()

    def write(self, message: str) -> None:
        """Write into the guestbook as a visitor does."""
        body = urlencode({"name": "A visitor", "message": message})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.platform.get(APP, method="POST", body=body, headers=headers)
        assert answer.status == 302, answer.data

    def shows(self, *texts: str) -> None:
        status, page = self.page()
        assert status == 200, page
        assert all(text in page for text in texts), page

    def push(self, subject: str) -> None:
        self.platform.commit(self.path, subject)
        pushed = self.platform.git("push", "heroku", "main", cwd=self.path, timeout=300).ok()
        assert "Verifying deploy... done." in pushed.err


@pytest.fixture(scope="module")
def story(platform: Platform) -> Story:
    path = platform.repo("django-guestbook", APP)
    made = Story(platform, path)
    platform.heroku("apps:create", APP, cwd=path).ok()
    made.change("addons:create", "heroku-postgresql:essential-0")
    made.push("with a database")
    return made


def test_what_visitors_write_outlives_deploys_and_rollbacks(story: Story) -> None:
    story.shows("Welcome")
    story.write("first words")
    assert story.entries() == ["first words"]
    views = story.path / "guestbook/views.py"
    views.write_text(views.read_text().replace('"Welcome"', '"Ahoy"'))
    story.push("another greeting")
    story.shows("Ahoy", "first words")
    set_ = story.change("config:set", "GREETING=Moin")
    assert "Moin" not in json.dumps(set_)
    story.shows("Moin", "first words")
    back = story.change("releases:rollback", "--yes")
    assert re.search(r"v\d+ is current", json.dumps(back))
    story.shows("Ahoy", "first words")
    story.write("second words")
    assert story.entries() == ["first words", "second words"]


def test_two_dynos_share_the_visitors_and_maintenance_keeps_them_out(story: Story) -> None:
    scaled = story.change("ps:scale", "web=2")
    assert any("web=2" in check["what"] for check in scaled["checks"])
    up = [d["name"] for d in story.platform.json("ps", "-a", APP) if d["state"] == "up"]
    assert up == ["web.1", "web.2"]

    def both_serve() -> bool:
        story.shows("second words")
        seen = story.platform.heroku("logs", "-n", "100", "--dyno", "router", "-a", APP).ok().out
        return {"web.1", "web.2"} <= set(re.findall(r"dyno=(web\.\d)", seen))

    wait_for("requests served by both dynos", both_serve)
    story.change("maintenance:on", "--yes")
    status, page = story.page()
    assert (status, "second words" in page) == (503, False)
    story.change("maintenance:off")
    story.shows("second words")
    story.change("ps:scale", "web=1", "--yes")
    assert [d["name"] for d in story.platform.json("ps", "-a", APP)] == ["web.1"]


def test_a_backup_brings_everything_back(story: Story) -> None:
    captured = story.change("pg:backups:capture")
    assert numbers(captured) == story.counted()
    story.write("after the backup")
    reset = story.change("pg:reset", "DATABASE", "--confirm", APP)
    assert story.counted() == (0, 0), reset
    assert story.page()[0] == 500
    restored = story.change("pg:backups:restore", "b001", "DATABASE", "--confirm", APP)
    assert story.entries() == ["first words", "second words"]
    assert numbers(restored) == story.counted()
    story.shows("first words", "second words")
    assert "after the backup" not in story.page()[1]


def test_a_copy_has_every_row_and_leaves_its_source_alone(story: Story) -> None:
    story.platform.heroku("apps:create", COPY).ok()
    story.change("addons:create", "heroku-postgresql:essential-0", app=COPY)
    before = story.counted()
    copied = story.change("pg:copy", f"{APP}::DATABASE", "DATABASE", "--confirm", COPY, app=COPY)
    assert numbers(copied) == before == story.counted(COPY) == story.counted()
    assert story.entries(COPY) == story.entries()


def test_the_audit_trail_has_it_all(story: Story) -> None:
    kept = [one["id"] for one in story.platform.json("receipts", "-n", "100", "-a", APP)]
    assert set(story.receipts) <= set(kept)
    for receipt in story.receipts:
        told = story.platform.json("receipts:info", receipt, "-a", APP)
        assert told["verified"] is True
        assert "Moin" not in json.dumps(told)


def numbers(receipt: dict[str, Any]) -> tuple[int, int]:
    """The tables and rows that a receipt says were counted."""
    text = json.dumps(receipt["checks"])
    found = re.search(r"([\d,]+) tables?, ([\d,]+) rows?", text)
    assert found, text
    tables, rows = (int(number.replace(",", "")) for number in found.groups())
    return tables, rows
