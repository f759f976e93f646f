"""heroku local: process types on this machine; and config vars as an editor sees them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.cli import foreman
from hatoba.cli.commands import config_edit
from hatoba.errors import UsageError
from tests.unit.cli.conftest import Shell

HEROKU = Path(sys.executable).parent / "heroku"
KNOWN = {"web": "serve", "worker": "work", "release": "migrate"}
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,10}", fullmatch=True)


@pytest.mark.parametrize(
    ("wishes", "numbers"),
    [
        ((), {"web": 1, "worker": 1}),
        (("web=2,worker",), {"web": 2, "worker": 1}),
        (("web", "release"), {"web": 1, "release": 1}),
        (("worker=0",), {"worker": 0}),
    ],
)
def test_which_processes_run(wishes: tuple[str, ...], numbers: dict[str, int]) -> None:
    assert foreman.chosen(KNOWN, wishes) == numbers


@pytest.mark.parametrize("wish", ["clock", "web=x", "web=-1", "=1"])
def test_other_wishes_are_wrong_usage(wish: str) -> None:
    with pytest.raises(UsageError):
        foreman.chosen(KNOWN, (wish,))


@pytest.mark.parametrize("text", ["", "no colon here", "web: a\nweb: b"])
def test_a_procfile_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "Procfile").write_text(text)
    with pytest.raises(UsageError):
        foreman.processes(tmp_path / "Procfile")
    with pytest.raises(UsageError):
        foreman.processes(tmp_path / "nothing")


def project(folder: Path) -> None:
    (folder / "Procfile").write_text(
        "web: echo $PORT $COLOUR; exec sleep 1000\n"
        "worker: trap 'echo bye; exit 0' TERM; echo here; while :; do sleep 0.01; done\n"
        "release: touch released\n"
    )
    (folder / ".env").write_text("# ours\nCOLOUR='dark blue'\nPORT=6100\n")


def test_all_run_with_ports_and_env_until_ctrl_c(tmp_path: Path) -> None:
    project(tmp_path)
    fresh = ["env", "--default-signal=INT", str(HEROKU), "local", "web=2,worker"]
    process = subprocess.Popen(fresh, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    seen = ""
    wanted = ("web.1    | 6100 dark blue", "web.2    | 6101 dark blue", "worker.1 | here")
    for line in process.stdout:
        seen += line
        if all(text in seen for text in wanted):
            break
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "worker.1 | bye" in rest
    assert not (tmp_path / "released").exists()


def test_one_that_ends_ends_all_and_gives_its_code(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: exec sleep 1000\nworker: exit 3\n")
    done = subprocess.run(
        [str(HEROKU), "local"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 3
    assert "web.1 stopped" in done.stdout


def test_one_command_with_the_env_file(tmp_path: Path) -> None:
    project(tmp_path)
    done = subprocess.run(
        [str(HEROKU), "local:run", "-p", "7000", "--", 'echo "$COLOUR" $PORT; exit 4'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (4, "dark blue 7000\n")


def test_what_is_missing_is_said(shell: Shell) -> None:
    assert "No nofile can be read" in shell("local", "-f", "nofile").err
    assert shell("local:run").code == 2
    assert "noenv can't be read" in shell("local:run", "-e", "noenv", "true").err
    assert shell("local:version").out.startswith("honcho/")


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_what_an_editor_leaves_alone_stays(values: dict[str, str]) -> None:
    assert config_edit.read(config_edit.written(values)) == values


@pytest.mark.parametrize("text", ["A='b", "no equals", "A=1\n=2"])
def test_a_broken_file_changes_nothing_and_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        config_edit.read(text)
    assert "no equals" not in caught.value.message
