"""Images made by hand: there is no registry to get base images from."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OCI = "application/vnd.oci.image.manifest.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
# Debian's busybox-static, of which a whole system can be made.
BUSYBOX = shutil.which("busybox")


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """Return a layer with those files, which everybody may run."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return raw.getvalue()


def busybox(programs: Sequence[str] = ("sh",)) -> bytes:
    """Return a layer with a whole small system, or without programs only the busybox itself."""
    assert BUSYBOX is not None
    links = {f"bin/{name}": "busybox" for name in programs}
    return layer({"bin/busybox": Path(BUSYBOX).read_bytes()}, links)


@dataclass(frozen=True)
class HandMade:
    """An image: ``layers`` are plain archives, ``runs`` is what its configuration says."""

    layers: Sequence[bytes]
    runs: Mapping[str, Any] = field(default_factory=lambda: {"Cmd": ["serve"]})
    architecture: str = MACHINE
    media_type: str = OCI

    @property
    def config(self) -> bytes:
        described = {
            "architecture": self.architecture,
            "os": "linux",
            "config": dict(self.runs),
            "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in self.layers]},
        }
        return json.dumps(described).encode()

    @property
    def id(self) -> str:
        return digest(self.config)

    @property
    def manifest(self) -> bytes:
        oci = self.media_type == OCI
        kinds = (
            ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar")
            if oci
            else (
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar",
            )
        )
        config = {"mediaType": kinds[0], "digest": self.id, "size": len(self.config)}
        layers = [
            {"mediaType": kinds[1], "digest": digest(one), "size": len(one)} for one in self.layers
        ]
        described = {"schemaVersion": 2, "mediaType": self.media_type}
        return json.dumps({**described, "config": config, "layers": layers}).encode()

    @property
    def digest(self) -> str:
        return digest(self.manifest)

    @property
    def blobs(self) -> dict[str, bytes]:
        """The blobs that it needs, by digest."""
        return {digest(one): one for one in (*self.layers, self.config)}
