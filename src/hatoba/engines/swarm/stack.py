"""What a slug's layer lies on: here the machine's own system, mounted read-only."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hatoba.kit import sandbox

# Docker gives every container its own.
_DOCKERS = frozenset(("hosts", "resolv.conf", "hostname"))
_FOLDERS = {
    "app": 0o755,
    "dev": 0o755,
    "etc": 0o755,
    "proc": 0o555,
    "run": 0o755,
    "sys": 0o555,
    "tmp": 0o1777,
    "usr": 0o755,
    "var": 0o755,
    "var/tmp": 0o1777,
}


@dataclass(frozen=True)
class Stack:
    """``name`` is the image's; ``mounts`` are folders and files of the machine, by path inside."""

    name: str
    mounts: Mapping[str, Path] = field(default_factory=dict)


def machine(readable: Iterable[Path]) -> tuple[bytes, dict[str, Path]]:
    """Return the layer and the mounts by which a container sees this machine's own system.

    ``readable`` are folders outside of it that programs need (interpreters).
    """
    mounts = {"/usr": Path("/usr"), **_settings()}
    links = dict[str, str]()
    for name in sandbox.MERGED:
        path = Path("/") / name
        if path.is_symlink():
            links[name] = str(path.readlink())
        elif path.is_dir():
            mounts[str(path)] = path
    return _skeleton(links), {**mounts, **{str(path): path for path in readable}}


def _settings() -> dict[str, Path]:
    found = (Path("/etc") / name for name in sandbox.ETC if name not in _DOCKERS)
    return {str(path): path for path in found if path.exists()}


def _skeleton(links: Mapping[str, str]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, mode in _FOLDERS.items():
            member = tarfile.TarInfo(name)
            member.type, member.mode = tarfile.DIRTYPE, mode
            archive.addfile(member)
        for name, target in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return raw.getvalue()


def digest(layer: bytes) -> str:
    """Return the name by which Docker knows a layer."""
    return f"sha256:{hashlib.sha256(layer).hexdigest()}"


def architecture() -> str:
    """Return this machine's processor in Docker's words."""
    machine_name = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine_name, machine_name)
