"""A guestbook: the entries are kept in a SQLite file."""

import os
import sqlite3
import tempfile
from pathlib import Path

from flask import Flask, g, redirect, render_template, request, url_for

app = Flask(__name__)
DATABASE = Path(os.environ.get("GUESTBOOK_FILE", f"{tempfile.gettempdir()}/guestbook.sqlite"))
SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    written_at TEXT NOT NULL DEFAULT (datetime('now'))
)
"""


def database():
    if "database" not in g:
        g.database = sqlite3.connect(DATABASE)
        g.database.row_factory = sqlite3.Row
        g.database.execute(SCHEMA)
    return g.database


@app.teardown_appcontext
def close(error):
    if (connection := g.pop("database", None)) is not None:
        connection.close()


@app.get("/")
def entries():
    rows = database().execute("SELECT * FROM entries ORDER BY id DESC LIMIT 50").fetchall()
    greeting = os.environ.get("GREETING", "Welcome")
    return render_template("guestbook.html", entries=rows, greeting=greeting)


@app.post("/")
def write():
    name, message = request.form.get("name", "").strip(), request.form.get("message", "").strip()
    if name and message:
        with database() as connection:
            connection.execute(
                "INSERT INTO entries (name, message) VALUES (?, ?)", (name[:80], message[:500])
            )
        print(f"{name} wrote an entry", flush=True)
    return redirect(url_for("entries"))
