"""A small lifecycle for tests: what ``/cnb/lifecycle/creator`` does, by the specification.

It runs the buildpacks of ``/cnb/order.toml`` as they are, and puts the image together in a
registry. What it leaves out: build plans, extensions, SBOMs, rebasing, Docker's socket.

https://github.com/buildpacks/spec/blob/main/platform.md
https://github.com/buildpacks/spec/blob/main/buildpack.md
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import http.client
import io
import json
import os
import shlex
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any, NoReturn

LAUNCHER = Path("/cnb/lifecycle/launcher")
APIS = ("0.11", "0.12")
Json = dict[str, Any]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fail(status: int, why: str) -> NoReturn:
    say(f"ERROR: {why}")
    sys.exit(status)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Repository:
    """One repository of a registry, over HTTP as on a loopback address."""

    def __init__(self, image: str) -> None:
        rest, self.tag = image.rsplit(":", 1)
        self.host, _, self.name = rest.partition("/")
        secrets = json.loads(os.environ.get("CNB_REGISTRY_AUTH", "{}"))
        self.headers = {"Authorization": secrets[self.host]} if self.host in secrets else {}

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        accept = "application/vnd.oci.image.manifest.v1+json"
        headers = {**self.headers, "Accept": accept, **({"Content-Type": kind} if kind else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def manifest(self) -> Json | None:
        status, body, _ = self.ask("GET", f"/v2/{self.name}/manifests/{self.tag}")
        return json.loads(body) if status == 200 else None

    def blob(self, name: str) -> bytes:
        status, body, _ = self.ask("GET", f"/v2/{self.name}/blobs/{name}")
        assert status == 200, (status, body)
        return body  # type: ignore[no-any-return]

    def push(self, content: bytes) -> Json:
        name = digest(content)
        if self.ask("HEAD", f"/v2/{self.name}/blobs/{name}")[0] != 200:
            _, _, headers = self.ask("POST", f"/v2/{self.name}/blobs/uploads/")
            status, body, _ = self.ask("PUT", f"{headers['Location']}?digest={name}", content)
            assert status == 201, (status, body)
        return {"digest": name, "size": len(content)}

    def mount(self, name: str, source: Repository) -> None:
        query = f"mount={name}&from={source.name}"
        status, body, _ = self.ask("POST", f"/v2/{self.name}/blobs/uploads/?{query}")
        assert status == 201, (status, body)


def layer(paths: list[Path], links: dict[str, str]) -> bytes:
    """Return a layer, the same for the same files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:

        def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
            member.mtime = 1
            return member

        for path in paths:
            archive.add(path, str(path)[1:], filter=plain)
        for name, target in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mtime = tarfile.SYMTYPE, target, 1
            archive.addfile(member)
    return raw.getvalue()


class Build:
    """One run of all phases."""

    def __init__(self, said: argparse.Namespace) -> None:
        self.said = said
        self.app, self.layers = Path(said.app), Path(said.layers)
        self.cache = Path(said.cache_dir)
        self.run_image = Repository(said.run_image)
        self.image = Repository(said.image)
        self.processes: list[Json] = []
        self.group: list[Json] = []

    def analyze(self) -> None:
        say("===> ANALYZING")
        base = self.run_image.manifest()
        if base is None:
            fail(32, f"the run image {self.said.run_image} can't be read")
        self.base: Json = base
        self.previous = Repository(self.said.previous_image).manifest()
        say("Previous image found" if self.previous else "No previous image")

    def detect(self) -> None:
        say("===> DETECTING")
        status = 20
        for order in tomllib.loads(Path(self.said.order).read_text())["order"]:
            self.group = []
            for one in order["group"]:
                code = self.run(one, "detect")
                if code == 0:
                    self.group.append(one)
                elif not one.get("optional"):
                    status = status if code == 100 else 21
                    break
            else:
                if self.group:
                    return
        fail(status, "No buildpack groups passed detection.")

    def restore(self) -> None:
        say("===> RESTORING")
        for packed in self.cache.glob("*.tar"):
            say(f"Restoring data for {packed.stem} from cache")
            with tarfile.open(packed) as archive:
                archive.extractall("/", filter="fully_trusted")  # noqa: S202 its own cache

    def build(self) -> None:
        say("===> BUILDING")
        for one in self.group:
            self.own(one).mkdir(parents=True, exist_ok=True)
            if self.run(one, "build") != 0:
                fail(51, f"failed to build: {one['id']}")
            launch = self.own(one) / "launch.toml"
            said = tomllib.loads(launch.read_text()) if launch.exists() else {}
            self.processes += said.get("processes", [])

    def run(self, one: Json, program: str) -> int:
        folder = Path("/cnb/buildpacks") / one["id"].replace("/", "_") / one["version"]
        about = tomllib.loads((folder / "buildpack.toml").read_text())
        one["homepage"] = about["buildpack"].get("homepage", "")
        plan = self.layers / "plan.toml"
        plan.touch()
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        if program == "build":
            variables = (Path(self.said.platform) / "env").iterdir()
            env |= {path.name: path.read_text() for path in variables}
        env |= {
            "CNB_BUILDPACK_DIR": str(folder),
            "CNB_PLATFORM_DIR": self.said.platform,
            "CNB_LAYERS_DIR": str(self.own(one)),
            "CNB_BUILD_PLAN_PATH": str(plan),
            "CNB_BP_PLAN_PATH": str(plan),
        }
        done = subprocess.run([folder / "bin" / program], cwd=self.app, env=env, check=False)
        return done.returncode

    def own(self, one: Json) -> Path:
        return self.layers / str(one["id"]).replace("/", "_")

    def export(self) -> None:
        say("===> EXPORTING")
        config = json.loads(self.run_image.blob(self.base["config"]["digest"]))
        layers = list(self.base["layers"])
        for one in layers:
            self.image.mount(one["digest"], self.run_image)
        known = {one["digest"] for one in (self.previous or {}).get("layers", [])}
        for name, content in self.made():
            packed = gzip.compress(content, mtime=0)
            verb = "Reusing" if digest(packed) in known else "Adding"
            say(f"{verb} layer '{name}'")
            described = self.image.push(packed)
            kind = "application/vnd.oci.image.layer.v1.tar+gzip"
            layers.append({"mediaType": kind, **described})
            config["rootfs"]["diff_ids"].append(digest(content))
        self.describe(config.setdefault("config", {}))
        self.finish(config, layers)

    def made(self) -> list[tuple[str, bytes]]:
        """The layers above the run image: those to launch with, the app, and the launcher."""
        found = [
            (f"{path.parent.name}:{path.name}", layer([path], {}))
            for path in self.of_kind("launch")
        ]
        for one in self.processes:
            path = self.layers / "config/processes" / one["type"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(shlex.join([*one["command"], *one.get("args", [])]))
        links = {f"cnb/process/{one['type']}": str(LAUNCHER) for one in self.processes}
        app = layer([self.app], {})
        config = layer([self.layers / "config"] if self.processes else [], {})
        return [*found, ("app", app), ("launcher", layer([LAUNCHER], links)), ("config", config)]

    def of_kind(self, kind: str) -> list[Path]:
        """The layers whose buildpack wants them for that."""
        told = (path for one in self.group for path in sorted(self.own(one).glob("*.toml")))
        return [
            path.with_suffix("")
            for path in told
            if tomllib.loads(path.read_text()).get("types", {}).get(kind)
        ]

    def describe(self, runs: Json) -> None:
        env = dict(pair.split("=", 1) for pair in runs.get("Env") or ())
        path = f"/cnb/process:/cnb/lifecycle:{env.get('PATH', '')}"
        env |= {"CNB_LAYERS_DIR": self.said.layers, "CNB_APP_DIR": self.said.app, "PATH": path}
        types = [one["type"] for one in self.processes]
        usual = self.said.process_type in types
        runs["Entrypoint"] = [f"/cnb/process/{self.said.process_type}" if usual else str(LAUNCHER)]
        runs["Env"] = [f"{name}={value}" for name, value in env.items()]
        runs["WorkingDir"] = self.said.app
        built = {"processes": self.processes, "buildpacks": self.group}
        reference = {"reference": self.said.run_image}
        runs["Labels"] = {
            **(runs.get("Labels") or {}),
            "io.buildpacks.build.metadata": json.dumps(built),
            "io.buildpacks.lifecycle.metadata": json.dumps({"runImage": reference}),
        }

    def finish(self, config: Json, layers: list[Json]) -> None:
        described = self.image.push(json.dumps(config).encode())
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = {
            "schemaVersion": 2,
            "mediaType": kind,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **described},
            "layers": layers,
        }
        data = json.dumps(manifest).encode()
        path = f"/v2/{self.image.name}/manifests/{self.image.tag}"
        status, body, _ = self.image.ask("PUT", path, data, kind)
        if status != 201:
            fail(62, f"failed to export: {body.decode()}")
        tags = json.dumps([self.said.image])
        report = f"[image]\ntags = {tags}\ndigest = {json.dumps(digest(data))}\n"
        Path(self.said.report).write_text(report)
        for path_ in self.of_kind("cache"):
            told = path_.with_suffix(".toml")
            name = f"{path_.parent.name}:{path_.name}"
            (self.cache / f"{name}.tar").write_bytes(layer([path_, told], {}))
            say(f"Adding cache layer '{name}'")


def main() -> None:
    if os.environ.get("CNB_PLATFORM_API") not in APIS:
        fail(11, "platform API version is not supported")
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name, usual in {
        "app": "/workspace",
        "layers": "/layers",
        "platform": "/platform",
        "order": "/cnb/order.toml",
        "cache-dir": None,
        "report": "/layers/report.toml",
        "process-type": "",
        "run-image": None,
        "previous-image": None,
    }.items():
        parser.add_argument(f"-{name}", default=usual, required=usual is None)
    parser.add_argument("image")
    build = Build(parser.parse_args())
    build.analyze()
    build.detect()
    build.restore()
    build.build()
    build.export()


if __name__ == "__main__":
    main()
