"""Runs a command with a Docker Engine of its own: ``python -m tests.beside_docker COMMAND…``.

Platforms that the command starts run their dynos in that engine's containers.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.docker_engine import DockerEngine, missing


def main(argv: list[str]) -> int:
    """Return the command's exit status; 1 where no engine can be started."""
    if why := missing():
        sys.stderr.write(f"left out: {why}\n")
        return 1
    engine = DockerEngine()
    try:
        engine.start()
        env = {**os.environ, **engine.client_settings}
        return subprocess.run(argv, env=env, check=False).returncode
    finally:
        engine.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
