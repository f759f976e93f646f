"""What a server says of itself, read as it is written; passwords in statements are masked."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hatoba.kit.files import write_atomic
from hatoba.kit.secret import DOTS

LINE_PREFIX = "%m [%b] [%p] [%l] [%e] [%h] "
"""How a line begins. Names of databases and roles are not in it: whoever asks for a login chooses
them, with line breaks if they like, and could write lines of others."""
MOST_BYTES = 64 * 1024
"""How much is read at a time."""
_FALLEN_BEHIND = 1024 * 1024
# Sessions of the platform come by the socket; a process of the server's own has no host.
_SOCKET = b"[local]"
_TOLD_OF = frozenset((b"client backend", b"parallel worker", b"checkpointer", b"autovacuum worker"))
_BEGIN = re.compile(
    rb"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC "
    rb"\[([a-z ]+)\] \[(\d+)\] \[(\d+)\] \[(\w{5})\] \[(\[local\]|[^\]\n]*)\] ",
    re.MULTILINE,
)
_LITERAL = r"""(?:[EUeu]?&?'(?:[^'\\]|''|\\.)*(?:'|\Z)|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))"""
_RULES_FILE = re.compile(r"/[^\s\"()]*/pg_hba\.conf")
_SECRETS = (
    re.compile(rf"(?P<keep>\bpassword\b[\"']?[\s=:]*){_LITERAL}", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<keep>\bpassword\s*=\s*)[^\s'\"&]+", re.IGNORECASE),
    re.compile(r"(?P<keep>://[^\s:/@]*:)[^\s@/]+(?=@)"),
)


@dataclass(frozen=True)
class Record:
    """Something that a server said, of one line or more, to one process of its ``pid``.

    ``number`` counts what that process said; ``code`` is the SQLSTATE.
    """

    at: datetime
    pid: int
    number: int
    code: str
    text: str

    def lines(self, name: str) -> list[str]:
        """Return the lines of the app's log, as Heroku has them; ``name`` is the database's."""
        first, *more = self.text.split("\n")
        begin = f"[{name}] [{self.number}-"
        return [
            f"{begin}1]  sql_error_code = {self.code} {first}",
            *(f"{begin}{count}] {line}" for count, line in enumerate(more, 2)),
        ]


def records(data: bytes) -> Iterator[Record]:
    """Yield what customers are told, of whole lines. Pure.

    What is said of the platform's own sessions, of its archive and of its folders is left out.
    """
    begins = list(_BEGIN.finditer(data))
    ends = [*(later.start() for later in begins[1:]), len(data)]
    for begin, end in zip(begins, ends, strict=False):
        at, who, pid, number, code, host = begin.groups()
        if who in _TOLD_OF and host != _SOCKET:
            text = _own(data[begin.end() : end]).decode(errors="replace")
            moment = datetime.fromisoformat(at.decode()).replace(tzinfo=UTC)
            yield Record(moment, int(pid), int(number), code.decode(), masked(text))


def _own(body: bytes) -> bytes:
    """Return the lines that belong to it: all but the first begin with a tab."""
    first, *more = body.rstrip(b"\n").split(b"\n")
    return b"\n".join([first, *(line for line in more if line.startswith(b"\t"))])


def masked(text: str) -> str:
    """Return the text with the passwords that a statement gives, or a URL has, as dots.

    Where the platform keeps the server's files is nobody's business either.
    """
    text = _RULES_FILE.sub("pg_hba.conf", text)
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<keep>{DOTS}", text)
    return text


class LogReader:
    """Reads on in a server's log; where it is outlives a kill, in a file beside the log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._note = log.with_suffix(".read")
        self._at = self._noted()

    def _noted(self) -> int:
        try:
            return int(self._note.read_text())
        except (OSError, ValueError):
            return 0

    def read(self) -> tuple[bytes, int]:
        """Return whole lines that were not read yet, and how many bytes before them are skipped.

        Only so much at a time; who has fallen far behind goes on near the end.
        """
        try:
            size = self._log.stat().st_size
        except FileNotFoundError:
            return b"", 0
        if size < self._at:
            # What was in it has been moved away.
            self._at = 0
        if size == self._at:
            return b"", 0
        skipped = size - MOST_BYTES - self._at if size - self._at > _FALLEN_BEHIND else 0
        self._at += skipped
        data = self._whole(self._piece())
        self._at += len(data)
        # On a full disk it is only in memory: some lines may come twice after a restart.
        with contextlib.suppress(OSError):
            write_atomic(self._note, str(self._at))
        return data, skipped

    def _piece(self) -> bytes:
        with self._log.open("rb") as file:
            file.seek(self._at)
            return file.read(MOST_BYTES)

    @staticmethod
    def _whole(data: bytes) -> bytes:
        """Return the records that are whole: a server writes each at once.

        One that is longer than a piece is cut.
        """
        if len(data) < MOST_BYTES:
            return data[: data.rfind(b"\n") + 1]
        last = max((found.start() for found in _BEGIN.finditer(data)), default=0)
        return data[:last] or data
