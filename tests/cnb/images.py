"""A builder and its run image, made by hand: a small system, a Python, a lifecycle for tests."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.docker_engine import DockerEngine
from tests.images import HandMade, busybox, layer

BUILDER, RUN_IMAGE = "harbour/builder:24", "harbour/run:24"
USER = 1001
_PROGRAMS = "basename cat cp env grep httpd id ls mkdir rm sh sleep test touch".split()
_HERE = Path(__file__).parent
_PYTHON = "/opt/python"
_PACKAGES = "collections email encodings http importlib json re tomllib urllib".split()
_CREATOR = f"""#!/bin/sh
LD_LIBRARY_PATH={_PYTHON}/lib PYTHONHOME={_PYTHON} exec {_PYTHON}/bin/python3 \\
  /cnb/lifecycle/creator.py "$@"
"""
# A buildpack for whoever has an index.html: its server is a layer, kept between builds.
_STATIC = {
    "bin/detect": "#!/bin/sh\ntest -f index.html || exit 100\n",
    "bin/build": """#!/bin/sh
if [ -d "$CNB_LAYERS_DIR/tools" ]; then
  echo "---> Using the tools of the last build"
else
  echo "---> Making tools"
  sleep "${WAIT:-0}"
  mkdir -p "$CNB_LAYERS_DIR/tools/bin"
  printf '#!/bin/sh\\nexec httpd -f -p "$PORT" -h /workspace\\n' >"$CNB_LAYERS_DIR/tools/bin/serve"
  /bin/busybox chmod 755 "$CNB_LAYERS_DIR/tools/bin/serve"
fi
printf '[types]\\nlaunch = true\\ncache = true\\n' >"$CNB_LAYERS_DIR/tools.toml"
printf '[[processes]]\\ntype = "web"\\ncommand = ["serve"]\\n' >"$CNB_LAYERS_DIR/launch.toml"
echo "---> Greeting is $GREETING"
echo "$GREETING" >greeting
""",
}
# One for whoever has a Procfile.
_PROCFILE = {
    "bin/detect": "#!/bin/sh\ntest -f Procfile || exit 100\n",
    "bin/build": """#!/bin/sh
if grep -q '^broken' Procfile; then echo "no such thing as $SECRET"; exit 3; fi
while IFS=: read -r name line; do
  printf '[[processes]]\\ntype = "%s"\\ncommand = ["sh", "-c", "%s"]\\n' "$name" "${line# }"
done <Procfile >"$CNB_LAYERS_DIR/launch.toml"
""",
}
_ORDER = """
[[order]]
[[order.group]]
id = "harbour/static"
version = "1.2.0"
[[order.group]]
id = "harbour/procfile"
version = "0.1.0"
optional = true
"""
_BUILDPACKS = (("harbour/static", "1.2.0", _STATIC), ("harbour/procfile", "0.1.0", _PROCFILE))


@dataclass(frozen=True)
class Lifecycle:
    """What is said of the builder; ``apis`` are the platform APIs that its lifecycle speaks."""

    run_image: str = RUN_IMAGE
    apis: Sequence[str] = ("0.11", "0.12")
    env: Mapping[str, str] = field(
        default_factory=lambda: {"CNB_USER_ID": str(USER), "CNB_GROUP_ID": str(USER)}
    )

    def image(self) -> HandMade:
        """Return the builder."""
        metadata = {
            "buildpacks": [{"id": name, "version": version} for name, version, _ in _BUILDPACKS],
            "stack": {"runImage": {"image": self.run_image}},
            "lifecycle": {"apis": {"platform": {"deprecated": [], "supported": list(self.apis)}}},
        }
        labels = {"io.buildpacks.builder.metadata": json.dumps(metadata)}
        env = {"PATH": "/bin", **self.env}
        pairs = [f"{name}={value}" for name, value in env.items()]
        runs = {"Labels": labels, "Env": pairs, "User": str(USER)}
        return HandMade([busybox(_PROGRAMS), _python(), _lifecycle()], runs)


def run_image() -> HandMade:
    """Return what images of apps lie on."""
    passwd = f"root:x:0:0::/:/bin/sh\nheroku:x:{USER}:{USER}::/:/bin/sh\n".encode()
    user = layer({"etc/passwd": passwd})
    return HandMade([busybox(_PROGRAMS), user], {"User": str(USER), "Env": ["PATH=/bin"]})


def _lifecycle() -> bytes:
    files = {
        "cnb/lifecycle/creator": _CREATOR.encode(),
        "cnb/lifecycle/creator.py": (_HERE / "creator.py").read_bytes(),
        "cnb/lifecycle/launcher": (_HERE / "launcher.sh").read_bytes(),
        "cnb/order.toml": _ORDER.encode(),
    }
    for name, version, programs in _BUILDPACKS:
        folder = f"cnb/buildpacks/{name.replace('/', '_')}/{version}"
        about = f'[buildpack]\nid = "{name}"\nhomepage = "https://harbour.example"\n'
        files[f"{folder}/buildpack.toml"] = about.encode()
        files |= {f"{folder}/{path}": text.encode() for path, text in programs.items()}
    return layer(files)


def _python() -> bytes:
    """Return this Python, as far as a lifecycle needs it."""
    files: dict[str, bytes] = {}
    program = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    modules = [*library.glob("*.py"), *library.glob("lib-dynload/*.so")]
    for name in _PACKAGES:
        modules += library.glob(f"{name}/**/*.py")
    for path in modules:
        inside = path.relative_to(library)
        files[f"{_PYTHON[1:]}/lib/{library.name}/{inside}"] = path.read_bytes()
    for path in _libraries(program, library / "lib-dynload"):
        loads = path.name.startswith("ld-")
        files[str(path)[1:] if loads else f"{_PYTHON[1:]}/lib/{path.name}"] = path.read_bytes()
    files[f"{_PYTHON[1:]}/bin/python3"] = program.read_bytes()
    return layer(files)


def _libraries(program: Path, modules: Path) -> set[Path]:
    found = set()
    for one in (program, *modules.glob("zlib.*.so")):
        listed = subprocess.run(["ldd", one], capture_output=True, text=True, check=True)
        found |= {Path(path) for path in re.findall(r"(/\S+) \(0x", listed.stdout)}
    return found


def load(engine: DockerEngine, name: str, image: HandMade) -> None:
    """Have the engine take an image in, as from ``docker save``."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        layers = {f"{number}.tar": one for number, one in enumerate(image.layers)}
        manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": list(layers)}]
        members = {"config.json": image.config, "manifest.json": json.dumps(manifest).encode()}
        for path, content in {**members, **layers}.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    docker = shutil.which("docker")
    assert docker
    host = f"unix://{engine.socket}"
    loading = [docker, "--host", host, "load"]
    subprocess.run(loading, input=raw.getvalue(), check=True, capture_output=True)
