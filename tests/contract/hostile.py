"""What a program in a dyno might try against its walls; run inside, it says how each try ended.

``python hostile.py ADDRESSES -- PATHS``: addresses to connect to, files and sockets to open. Each
line is a name and *refused* or *DONE*. Standard library only: it is alone in there.
"""

from __future__ import annotations

import ctypes
import os
import socket
import stat
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_USER, _NEW_MOUNT, _NEW_NET = 0x10000000, 0x00020000, 0x40000000
_BPF = {"x86_64": 321, "aarch64": 280}.get(os.uname().machine, 321)
_SECONDS = 1.0


def call(done: int) -> None:
    if done < 0:
        raise OSError(ctypes.get_errno(), "refused")


def write(path: str) -> None:
    with Path(path).open("w") as file:
        file.write("1")


def connect(address: str) -> None:
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), timeout=_SECONDS).close()


def look(path: str) -> None:
    """Open a file, list a folder, connect to a socket: whatever it is."""
    kind = Path(path).stat().st_mode
    if stat.S_ISSOCK(kind):
        with socket.socket(socket.AF_UNIX) as reached:
            reached.connect(path)
    elif stat.S_ISDIR(kind):
        list(Path(path).iterdir())
    else:
        Path(path).read_bytes()


TRIES: dict[str, Callable[[], object]] = {
    "become root": lambda: os.setuid(0),
    "take groups": lambda: os.setgroups([0]),
    "change the root": lambda: os.chroot("/tmp"),
    "mount": lambda: call(_LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
    "mount writable": lambda: call(_LIBC.mount(None, b"/usr", None, 0x20 | 0x1000, None)),
    "make a user namespace": lambda: call(_LIBC.unshare(_NEW_USER)),
    "make a mount namespace": lambda: call(_LIBC.unshare(_NEW_MOUNT)),
    "make a network": lambda: call(_LIBC.unshare(_NEW_NET)),
    "make a device": lambda: os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(254, 0)),
    "listen to packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "forge packets": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
    "load a program into the kernel": lambda: call(_LIBC.syscall(_BPF, 0, None, 0)),
    "rename the host": lambda: socket.sethostname("mine"),
    "set the clock": lambda: call(_LIBC.settimeofday(ctypes.byref((ctypes.c_long * 2)(1)), None)),
    "be more urgent": lambda: os.nice(-5),
    "change the kernel": lambda: write("/proc/sys/kernel/core_pattern"),
    "restart the machine": lambda: write("/proc/sysrq-trigger"),
    "lift the memory limit": lambda: write("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    "lift the limit of processes": lambda: write("/sys/fs/cgroup/pids/pids.max"),
    "change programs": lambda: write("/usr/bin/python3"),
    "change users": lambda: write("/etc/passwd"),
    "read passwords": lambda: look("/etc/shadow"),
    "read memory": lambda: look("/dev/mem"),
    "unlink the platform's pipes": lambda: Path("/run/hatoba/out").unlink(),
}


def main(words: list[str]) -> None:
    at = words.index("--")
    tries = dict(TRIES)
    tries |= {f"connect to {one}": partial(connect, one) for one in words[:at]}
    tries |= {f"open {one}": partial(look, one) for one in words[at + 1 :]}
    for name, attempt in tries.items():
        try:
            attempt()
        except (OSError, PermissionError) as error:
            sys.stdout.write(f"{name}: refused ({type(error).__name__})\n")
        else:
            sys.stdout.write(f"{name}: DONE\n")


if __name__ == "__main__":
    main(sys.argv[1:])
