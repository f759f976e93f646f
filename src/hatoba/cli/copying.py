"""A file out of a running dyno: its size, its bytes, its checksum, over one raw session."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hatoba.cli.session import Session
from hatoba.client import dynos, rendezvous
from hatoba.client.errors import ClientError

# The name goes over as a variable: no quoting, and nothing in the process list.
_NAME = "COPIED_FILE"
_SCRIPT = f"""# a copy of a file
f=${_NAME}
if [ -d "$f" ]; then echo "error it is a folder; copy an archive of it"; exit; fi
if [ ! -e "$f" ]; then echo "error there is no such file"; exit; fi
if [ ! -r "$f" ]; then echo "error it can't be read"; exit; fi
n=$(stat -Lc %s -- "$f") && echo "ok $n" && head -c "$n" -- "$f" && head -c "$n" -- "$f" | sha256sum
"""


@dataclass(frozen=True)
class Copied:
    """A copy that is the same as the file: its bytes and its SHA-256."""

    size: int
    digest: str


class _Reader:
    """Takes lines and counted bytes off a stream of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def line(self) -> str:
        while b"\n" not in self._held and (piece := next(self._pieces, b"")):
            self._held += piece
        line, _, self._held = self._held.partition(b"\n")
        return line.decode(errors="replace").strip()

    def counted(self, count: int) -> Iterator[bytes]:
        while count > 0:
            piece = self._held or next(self._pieces, b"")
            if not piece:
                return
            self._held = piece[count:]
            yield piece[:count]
            count -= len(piece)


def copy(session: Session, app: str, dyno: str, file: str, target: Path) -> Copied:
    """Copy a file of a dyno to a path, which is written only once the copy is whole.

    Raises ClientError when it can't be read there, or changed while it was copied.
    """
    wanted = dynos.Inside(_SCRIPT, {_NAME: file}, no_tty=True, raw=True)
    started = dynos.run_inside(session.api, app, dyno, wanted)
    link = rendezvous.connect(started.attach_url or "", session.target.ca)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with contextlib.closing(link):
        reader = _Reader(link.stream())
        state, _, rest = reader.line().partition(" ")
        if state != "ok":
            raise ClientError(f"{file} can't be copied from {dyno}: {rest or 'the dyno ended'}.")
        try:
            copied = _receive(reader, int(rest), draft)
            if reader.line().split()[:1] != [copied.digest]:
                raise ClientError(
                    f"{file} changed while it was copied. Nothing was kept: try again."
                )
            draft.replace(target)
        except OSError as error:
            raise ClientError(f"{target} can't be written: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)
    return copied


def _receive(reader: _Reader, size: int, draft: Path) -> Copied:
    digest = hashlib.sha256()
    with draft.open("wb") as file:
        for piece in reader.counted(size):
            file.write(piece)
            digest.update(piece)
        received = file.tell()
    return Copied(received, digest.hexdigest())
