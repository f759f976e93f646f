"""The idle platform's memory: PSS of each part, so that shared pages count once."""

from __future__ import annotations

import re
from pathlib import Path

from bench.place import a_platform
from bench.table import Row, show


def pss(pid: int, *, family: bool) -> float:
    """Return a process's proportional share of memory in MB, with its children's if asked."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    match = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    own = int(match[1]) / 1024 if match else 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if family else []
    return own + sum(pss(int(child), family=True) for child in children)


def main() -> None:
    with a_platform() as platform:
        parts = {c["name"]: c["pid"] for c in platform.status()["components"] if c["pid"]}
        # The others' children are parts of their own.
        used = {name: pss(pid, family=name == "postgres") for name, pid in parts.items()}
    rows = [Row(name, f"{mb:.0f} MB", "", None, "") for name, mb in used.items()]
    total = sum(used.values())
    rows.append(Row("all", f"{total:.0f} MB", "250 MB", total / 250, "<= 1.00"))
    show("Idle platform", rows)


if __name__ == "__main__":
    main()
