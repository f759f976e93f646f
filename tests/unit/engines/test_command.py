from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from hatoba.engines.base import DynoSpec, Terminal
from hatoba.engines.launch import passwd_line
from hatoba.engines.local.command import launch
from hatoba.kit import sandbox
from hatoba.kit.sandbox import Isolation

BWRAP = Path("/usr/bin/bwrap")
FOLDER = Path("/data/dynos/1")
SPEC = DynoSpec(
    id=uuid4(),
    app_id=uuid4(),
    name="web.1",
    user=3,
    slug=None,
    command="run $PORT",
    env={"KEY": "s3cret", "HOME": "/elsewhere"},
    memory=1,
)


def test_config_vars_are_in_the_environment_and_never_in_the_arguments() -> None:
    for isolation in (Isolation(True, BWRAP), Isolation(False, BWRAP), Isolation(False, None)):
        start = launch(SPEC, FOLDER, isolation, FOLDER / "passwd")
        assert start.env["KEY"] == "s3cret"
        assert not any("s3cret" in word for word in start.argv)
        assert "s3cret" not in repr(start)


def test_the_engine_decides_about_home_and_tmpdir() -> None:
    inside = launch(SPEC, FOLDER, Isolation(True, BWRAP), FOLDER / "passwd").env
    assert (inside["HOME"], inside["TMPDIR"], inside["DYNO"]) == ("/app", "/tmp", "web.1")
    outside = launch(SPEC, FOLDER, Isolation(False, None), FOLDER / "passwd").env
    assert (outside["HOME"], outside["TMPDIR"]) == ("/data/dynos/1/app", "/data/dynos/1/tmp")


def test_a_terminal_has_a_session_of_its_own() -> None:
    spec = replace(SPEC, terminal=Terminal(80, 24))
    start = launch(spec, FOLDER, Isolation(True, BWRAP), FOLDER / "passwd")
    assert "setsid" in start.argv
    assert start.env["TERM"] == "xterm"


def test_root_gives_every_app_a_user_and_others_none() -> None:
    assert Isolation(True, None).user(3) == 200_003
    assert Isolation(False, None).user(3) is None
    assert passwd_line(200_003).splitlines()[1].startswith("dyno:x:200003:200003:")


def test_root_gives_up_its_rights_inside() -> None:
    argv = sandbox.argv(BWRAP, sandbox.Box(user=7), ["true"], root=True)
    inner = argv[argv.index("--") :]
    assert inner[1:3] == [sandbox.SETPRIV, "--reuid"]
    assert {"--clear-groups", "--no-new-privs", "--bounding-set=-all"} <= set(inner)
    assert inner[-1] == "true"


def test_another_user_gets_a_user_namespace() -> None:
    argv = sandbox.argv(BWRAP, sandbox.Box(user=7), ["true"], root=False)
    assert "--unshare-user" in argv
    assert argv[argv.index("--") :] == ["--", "true"]


def test_readable_folders_are_reachable_below_private_ones() -> None:
    box = sandbox.Box(user=7, readable={"/root/.x/py": Path("/root/.x/py")})
    argv = " ".join(sandbox.argv(BWRAP, box, ["true"], root=True))
    assert "--perms 0755 --dir /root --perms 0755 --dir /root/.x --ro-bind /root/.x/py" in argv


def test_the_environment_is_never_among_the_arguments() -> None:
    assert "--setenv" not in sandbox.argv(BWRAP, sandbox.Box(user=7), ["true"], root=True)
