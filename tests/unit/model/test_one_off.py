from __future__ import annotations

import subprocess

import pytest

from hatoba.model.one_off import runnable, shown

REPORT = 'echo "\uffff heroku-command-exit-status: $?"'


@pytest.mark.parametrize(
    ("command", "status"),
    [("exit 7", 7), ("true", 0), ("echo a; false", 1), ("cat <<END\nx\nEND", 0), ("( exit 4 )", 4)],
)
def test_the_status_is_reported_whatever_the_command_does(command: str, status: int) -> None:
    done = subprocess.run(
        ["bash", "-c", runnable(f"{command} ; {REPORT}")], capture_output=True, check=False
    )
    assert done.stdout.decode().endswith(f"exit-status: {status}\n")
    assert shown(f"{command} ; {REPORT}") == command


def test_other_commands_stay_as_they_are() -> None:
    assert runnable("exit 7 ; echo done") == "exit 7 ; echo done"
    assert shown("bash") == "bash"
