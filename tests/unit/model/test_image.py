from __future__ import annotations

from dataclasses import replace

import pytest

from hatoba.model.image import Image, checksum, is_digest, plain, read, total_size, usual

IMAGE = Image("sha256:1", "sha256:2", ("sha256:3", "sha256:4"), 10, "amd64")


def made(entrypoint: tuple[str, ...] = (), command: tuple[str, ...] = ()) -> Image:
    return replace(IMAGE, entrypoint=entrypoint, command=command)


@pytest.mark.parametrize(
    ("image", "argv", "shown"),
    [
        (made(("serve",), ("--port", "a b")), ("serve", "--port", "a b"), "serve --port 'a b'"),
        (made((), ("serve", "x")), ("serve", "x"), "serve x"),
        (
            made((), ("/bin/sh", "-c", "serve $PORT")),
            ("/bin/sh", "-c", "serve $PORT"),
            "serve $PORT",
        ),
        # As on Heroku a command without an entrypoint is given the config vars by a shell.
        (made((), ("serve", "$PORT")), ("/bin/sh", "-c", "serve $PORT"), "serve $PORT"),
        (made(("serve",), ("$PORT",)), ("serve", "$PORT"), "serve $PORT"),
        (made(), (), ""),
    ],
)
def test_the_command_is_what_the_image_says(
    image: Image, argv: tuple[str, ...], shown: str
) -> None:
    assert image.argv == argv
    assert image.shown == shown


def test_another_command_goes_to_the_entrypoint_or_else_to_the_shell() -> None:
    assert made((), ("serve",)).running("a; b").argv == ("/bin/sh", "-c", "a; b")
    assert made(("init", "--"), ("serve",)).running("a 'b c'").argv == ("init", "--", "a", "b c")
    assert made(("init",)).running("it's").argv == ("init", "it's")
    reported = made(("init",), ("serve",)).reporting("echo $?")
    assert reported.argv == ("/bin/sh", "-c", '"$@"; echo $?', "sh", "init", "serve")


def test_what_a_release_runs_has_a_checksum_and_a_size() -> None:
    web, worker = made((), ("web",)), made((), ("worker",))
    other = replace(web, digest="sha256:9", size=5)
    assert checksum({"web": web, "worker": worker}) == checksum({"worker": worker, "web": web})
    assert len({checksum({"web": one}) for one in (web, worker, other)}) == 3
    assert total_size({"web": web, "worker": worker}) == 10
    assert total_size({"web": web, "worker": other}) == 15


def test_one_off_dynos_take_the_image_of_web() -> None:
    web, worker = made((), ("web",)), made((), ("worker",))
    assert usual({"web": web, "worker": worker}, "run") is web
    assert usual({"web": web, "worker": worker}, "worker") is worker
    assert usual({"worker": worker}, "run") is worker


def test_it_survives_json_and_names_its_blobs() -> None:
    image = made(("a",), ("b",))
    assert read(plain(image)) == image
    assert image.blobs == {"sha256:1", "sha256:2", "sha256:3", "sha256:4"}
    assert is_digest("sha256:" + "0" * 64)
    assert not any(map(is_digest, ("latest", "sha256:0", "sha512:" + "0" * 128)))
