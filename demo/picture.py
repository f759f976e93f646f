"""Draws the README's picture from a real run: a push, a config change, a refused destruction.

.venv/bin/python -m demo.picture docs/images/terminal.svg
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from demo import walk

WIDTH = 90
SCENES = (
    ("git", "push", "heroku", "main"),
    ("heroku", "config:set", "GREETING=Ahoy", "-a", "harbour"),
    ("heroku", "ps:scale", "web=2", "-a", "harbour"),
    ("heroku", "apps:destroy", "-a", "harbour", "</dev/null"),
)


def main() -> None:
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="hatoba-picture-") as folder:
        Path(folder).chmod(0o711)
        walk.HOME = Path(folder)
        demo = walk.Demo(walk.free_port())
        demo.env |= {"HOME": folder, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
        demo.repo.mkdir()
        demo.sample()
        try:
            for argv in (("hatoba", "up", "--detach"), ("heroku", "apps:create", demo.app)):
                demo.run(*argv)
            pages = [(argv, typed(demo, argv)) for argv in SCENES]
        finally:
            demo.run("hatoba", "down")
    draw(pages, target)


def typed(demo: walk.Demo, argv: tuple[str, ...]) -> str:
    """Run a command on a terminal of its own; return all that it showed there."""
    mine, its = pty.openpty()
    detached = argv[-1] == "</dev/null"
    process = subprocess.Popen(
        argv[:-1] if detached else argv,
        env=demo.env,
        cwd=demo.repo,
        stdin=subprocess.DEVNULL if detached else its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    shown = b""
    # Linux ends a terminal that nobody has open any more with an error.
    with suppress(OSError):
        while chunk := os.read(mine, 65536):
            shown += chunk
    os.close(mine)
    process.wait()
    return shown.decode()


def lines(shown: str) -> list[str]:
    """Return what stands on the terminal in the end, without git's own counting."""
    ended = shown.replace("\r\n", "\n").rstrip().split("\n")
    # What a line was before its last carriage return was written over.
    last = [re.sub(r"\x1b\[\d*K", "", line.rstrip("\r").split("\r")[-1]).rstrip() for line in ended]
    answered = [n for n, line in enumerate(last) if line.startswith("remote:")]
    return last[answered[0] :] if answered else last


def draw(pages: Sequence[tuple[tuple[str, ...], str]], target: Path) -> None:
    """Write the picture: each command after its prompt, then what it showed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for argv, shown in pages:
        console.print(Text.assemble(("$ ", "bold green"), (" ".join(argv), "bold")))
        for line in lines(shown):
            console.print(Text.from_ansi(line))
        console.print()
    target.parent.mkdir(parents=True, exist_ok=True)
    # Without rich's fonts, which are on another host.
    target.write_text(
        re.sub(r"@font-face {.*?}", "", console.export_svg(title="Hatoba"), flags=re.S)
    )


if __name__ == "__main__":
    main()
