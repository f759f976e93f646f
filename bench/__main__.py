"""Run every benchmark: `make bench`."""

from __future__ import annotations

import importlib

SCRIPTS = (
    "memory",
    "cli_start",
    "log_throughput",
    "api",
    "router",
    "push_to_live",
    "density",
    "disk",
    "disk_pushes",
)

if __name__ == "__main__":
    for name in SCRIPTS:
        importlib.import_module(f"bench.{name}").main()
