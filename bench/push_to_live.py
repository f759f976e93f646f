"""From `git push` to the first answer of the new version, against the sum of the bare steps.

The bare steps are what nobody can save: clone, `uv venv` and `uv pip install`, start, first 200.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from time import monotonic

import urllib3

from bench.place import a_platform
from bench.table import Row, middle, show
from tests.e2e.platform import BIN, Platform, free_port, wait_for

ROUNDS = 5
# Often enough to see a gap, seldom enough to leave the processors to the push.
_ASKED_EVERY = 0.01


def version_of(path: Path, number: int) -> str:
    """Change the app so that its answer tells which version it is; return what to look for."""
    mark = f"version-{number}-mark"
    template = next(path.rglob("*.html"))
    text = template.read_text().split("<!-- version")[0]
    template.write_text(f"{text}<!-- version {mark} -->\n")
    return mark


def push(platform: Platform, path: Path, app: str, number: int) -> tuple[float, int]:
    """Push a new version; return the seconds to its first answer, and how many requests failed."""
    mark = version_of(path, number)
    platform.commit(path, f"version {number}")
    failed, first, live, over = 0, 0.0, threading.Event(), threading.Event()

    def ask() -> None:
        nonlocal failed, first
        while not over.wait(_ASKED_EVERY):
            answer = platform.get(app)
            failed += answer.status != 200 and number > 1
            if mark.encode() in answer.data and not live.is_set():
                first = monotonic()
                live.set()

    asker = threading.Thread(target=ask)
    asker.start()
    started = monotonic()
    platform.git("push", "heroku", "HEAD:main", cwd=path, timeout=300).ok()
    live.wait(60)
    over.set()
    asker.join()
    return first - started, failed


def bare(source: Path, folder: Path, *, cache: Path) -> float:
    """Do the bare steps; return their seconds."""
    shutil.rmtree(folder, ignore_errors=True)
    port = free_port()
    env = {**os.environ, "UV_CACHE_DIR": str(cache), "PORT": str(port), "HOME": str(folder)}
    started = monotonic()
    _run(["git", "clone", "--quiet", str(source), str(folder)], env)
    _run([str(BIN / "uv"), "venv", "--quiet", str(folder / ".venv")], env)
    python = str(folder / ".venv/bin/python")
    requirements = str(folder / "requirements.txt")
    _run([str(BIN / "uv"), "pip", "install", "-q", "--python", python, "-r", requirements], env)
    command = [str(folder / ".venv/bin/gunicorn"), "app:app", "--bind", f"127.0.0.1:{port}"]
    app = subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_for("the bare app", lambda: _answers(port))
        return monotonic() - started
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait()


def _run(argv: list[str], env: dict[str, str]) -> None:
    subprocess.run(argv, env=env, check=True, capture_output=True)


def _answers(port: int) -> bool:
    try:
        with urllib3.PoolManager() as pool:
            url = f"http://127.0.0.1:{port}/"
            return pool.request("GET", url, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def main() -> None:
    with a_platform() as platform:
        path = platform.repo("flask-guestbook", "bench")
        platform.heroku("apps:create", "bench", cwd=path).ok()
        cold, _ = push(platform, path, "bench", 1)
        cold_bare = bare(path, platform.folder / "bare", cache=platform.folder / "cache")
        ours, theirs, failed = [], [], 0
        for number in range(2, 2 + ROUNDS):
            seconds, lost = push(platform, path, "bench", number)
            failed += lost
            ours.append(seconds)
            theirs.append(bare(path, platform.folder / "bare", cache=platform.folder / "cache"))
    warm, warm_bare = middle(ours), middle(theirs)
    rows = [
        Row("cold push", f"{cold:.2f} s", f"{cold_bare:.2f} s", cold / cold_bare, "< 7.8 s"),
        Row("warm push", f"{warm:.2f} s", f"{warm_bare:.2f} s", warm / warm_bare, "<= 1.3"),
        Row("requests that failed", str(failed), "", None, "0"),
    ]
    show(f"Push to live, Flask sample, median of {ROUNDS}", rows)


if __name__ == "__main__":
    main()
