"""A builder with real buildpacks in a real sandbox, and what its builds said."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import zstandard

from hatoba import settings
from hatoba.build.base import BuildRequest, BuildResult
from hatoba.build.builder import BuildpackBuilder
from hatoba.build.runtimes import Runtimes
from hatoba.kit import sandbox
from hatoba.kit.sandbox import Isolation

ROOT = Path(__file__).resolve().parents[2]


class Yard:
    """A builder, a source folder, and what the builds said."""

    def __init__(self, folder: Path, found: Runtimes, work: Path | None = None) -> None:
        self.folder = folder
        self.work = work or folder / "work"
        self.source = folder / "source"
        self.packs = folder / "packs"
        self.app_id = uuid4()
        isolation = Isolation(os.getuid() == 0, sandbox.find(), found.roots)
        self.builder = BuildpackBuilder(
            self.work, isolation, found, settings.registries(), (self.packs,)
        )
        self.said = ""

    def write(self, **files: str) -> None:
        """Write files of the source; two underscores in a name stand for a dot."""
        for name, text in files.items():
            path = self.source / name.replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def sample(self, name: str) -> None:
        shutil.copytree(ROOT / "examples" / name, self.source, dirs_exist_ok=True)

    def pack(self, name: str, compiling: str) -> str:
        folder = self.packs / name / "bin"
        folder.mkdir(parents=True)
        for program, text in (("detect", f"echo {name}"), ("compile", compiling)):
            (folder / program).write_text(f"#!/bin/bash\n{text}\n")
            (folder / program).chmod(0o755)
        return str(folder.parent)

    async def build(
        self, *buildpacks: str, env: Mapping[str, str] | None = None, build_id: UUID | None = None
    ) -> BuildResult:
        archive = self.folder / f"{uuid4()}.tar"
        self.source.mkdir(exist_ok=True)
        with tarfile.open(archive, "w") as tar:
            tar.add(self.source, ".")
        request = BuildRequest(
            id=build_id or uuid4(),
            app_id=self.app_id,
            user=4321,
            source=archive,
            source_version="1a2b3c4d",
            stack="heroku-24",
            buildpacks=buildpacks,
            env=env or {},
        )
        pieces: list[bytes] = []
        try:
            return await self.builder.build(request, pieces.append)
        finally:
            self.said = b"".join(pieces).decode()

    def names(self, result: BuildResult) -> set[str]:
        with (
            self.builder.slug(result.checksum).open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as plain,
            tarfile.open(fileobj=plain, mode="r|") as archive,
        ):
            return {member.name for member in archive}
