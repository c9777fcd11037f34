"""What the kernel forbids a program that converts a file.

It may write in one folder, read what programs are made of, start its own parts, and reach no network. This is as
`index.sources.sandbox.confine`, for a program that isn't ours and needs processes and local sockets to run. Nothing of
people's own folders can be read by it, so that a document can't draw another file into itself.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from index.sources.sandbox.confine import (
    ALL,
    READ_DIR,
    READ_FILE,
    Instruction,
    beginning,
    install_filter,
    others_spared,
    restrict_files,
)

__all__ = ["confine_program"]

_EXECUTE, _WRITE_FILE, _MAKE_SOCKET = 1 << 0, 1 << 1, 1 << 9
_PROGRAMS = ("/usr", "/lib", "/lib64", "/bin", "/opt", "/nix/store", "/snap")
_SETTINGS = ("/etc/fonts", "/etc/libreoffice", "/etc/ld.so.cache", "/etc/localtime", "/var/cache/fontconfig",
             "/var/lib/libreoffice", "/var/spool/libreoffice")  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_SOCKETS = ("/tmp", "/var/tmp")  # noqa: S108 - where LibreOffice puts the socket that its parts meet at, and nowhere else
_SOCKET = {"x86_64": 41, "aarch64": 198}
# Connections, signals, priorities of others, tracing, mounts, namespaces, keys, what runs inside the kernel, and doors
# around the filter.
_DENIED = {
    "x86_64": (
        42, 62, 101, 129, 141, 142, 144, 165, 166, 200, 246, 248, 249, 250, 251, 272, 297, 298, 308, 310, 311, 314, 321,
        323, 425, 426, 427, 434, 438,
    ),
    "aarch64": (
        30, 39, 40, 97, 104, 117, 118, 119, 129, 130, 138, 140, 203, 217, 218, 219, 240, 241, 268, 270, 271, 274, 280,
        282, 425, 426, 427, 434, 438,
    ),
}  # fmt: skip
_LOCAL = 1
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


def confine_program(folder: Path) -> frozenset[str]:
    """Confine this process, and the program that it becomes, for good.

    Args:
        folder: where it may write.

    Returns:
        what the kernel has of it: `"landlock"`, `"seccomp"`, both or none.
    """
    if sys.platform != "linux":
        return frozenset()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0):  # no new privileges
        return frozenset()
    rules = [(folder, ALL), *((Path(path), _EXECUTE | READ_FILE | READ_DIR) for path in _PROGRAMS)]
    rules += [(Path(path), READ_FILE | READ_DIR) for path in _SETTINGS]
    rules += [(Path(path), READ_FILE | _WRITE_FILE) for path in _DEVICES]
    rules += [(Path(path), _MAKE_SOCKET) for path in _SOCKETS]
    machine = platform.machine()
    known = machine in _DENIED and sys.maxsize > 2**32
    done = {
        "landlock": restrict_files(libc, rules),
        "seccomp": known and install_filter(libc, list(_instructions(machine))),
    }
    return frozenset(name for name, held in done.items() if held)


def _instructions(machine: str) -> Iterator[Instruction]:
    refused = Instruction(_RETURN, 0, 0, _ERRNO | errno.EACCES)
    yield from beginning(machine, _DENIED[machine])
    yield from others_spared(machine)
    yield Instruction(_EQUAL, 0, 3, _SOCKET[machine])
    yield Instruction(_LOAD, 0, 0, 16)
    yield Instruction(_EQUAL, 1, 0, _LOCAL)  # its parts speak to each other over local sockets
    yield refused
    yield Instruction(_RETURN, 0, 0, _ALLOW)
