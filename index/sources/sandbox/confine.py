"""What the kernel forbids the reading child: Python's own guard does not bind native code, nor `ctypes`.

Landlock (Linux 5.13 and later, https://docs.kernel.org/userspace-api/landlock.html) leaves it to read files, those in
`/proc` and `/sys` not among them, and to write none. A seccomp filter
(https://docs.kernel.org/userspace-api/seccomp_filter.html) refuses new processes, signals, sockets, and changes of what
is noted of files. Both are set by system calls with documented numbers, and last as long as the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

__all__ = [
    "ALL",
    "READ_DIR",
    "READ_FILE",
    "Instruction",
    "confine",
    "install_filter",
    "others_spared",
    "restrict_files",
]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # alike on all architectures
READ_FILE, READ_DIR = 1 << 2, 1 << 3
ALL = -1
"""Every right to files that the kernel knows."""
# By version of Landlock: how many of its rights to files it knows. Those to TCP came with 4, the scopes (signals,
# abstract sockets) with 6.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_FILE_RIGHTS, _TCP_RIGHTS, _SCOPES = 16, 0b11, 0b11
# Of these folders nothing may be read: the parent's environment and memory lie there.
_CLOSED = frozenset({"proc", "sys"})
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# System calls by number: sockets, processes, signals, tracing, renaming and marking of files, mounts, keys, ways around
# the filter; locks, memory and queues that outlive the process, priorities of others, what only an administrator may
# do; files that lie in memory only (no limit counts them), watching what others open, changing the account.
_DENIED = {
    "x86_64": (
        29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 73, 141, 142, 144, 155, 159, 163, 164, 167, 168, 169, 170, 171,
        172, 173, 175, 176, 179, 220, 227, 240, 241, 242, 243, 244, 245, 246, 251, 256, 279, 304, 305, 313, 314, 320,
        428, 429, 430, 431, 432, 433, 440, 442, 448,
        41, 42, 43, 44, 46, 49, 50, 53, 57, 58, 59, 62, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 101,
        109, 112, 129, 132, 133, 161, 165, 166, 188, 189, 190, 197, 198, 199, 200, 234, 235, 248, 249, 250, 258, 259,
        260, 261, 263, 264, 265, 266, 268, 272, 280, 297, 298, 308, 310, 311, 316, 321, 322, 323, 424, 425, 434, 438,
        452, 463, 466, 103, 105, 106, 113, 114, 116, 117, 119, 122, 123, 126, 154, 160, 253, 254, 294, 300, 301, 319,
        447, 457, 458,
    ),
    "aarch64": (
        30, 32, 41, 60, 89, 104, 105, 106, 112, 118, 119, 140, 142, 161, 162, 170, 171, 180, 181, 182, 183, 184, 185,
        186, 187, 188, 189, 190, 191, 192, 193, 194, 195, 196, 197, 224, 225, 238, 239, 265, 266, 273, 274, 294,
        428, 429, 430, 431, 432, 433, 440, 442, 448,
        5, 6, 7, 14, 15, 16, 33, 34, 35, 36, 37, 38, 39, 40, 45, 46, 51, 52, 53, 54, 55, 88, 97, 117, 129, 130, 131,
        138, 154, 157, 198, 199, 200, 201, 202, 203, 206, 211, 217, 218, 219, 221, 240, 241, 242, 268, 270, 271, 276,
        280, 281, 282, 424, 425, 434, 438, 452, 463, 466, 26, 27, 91, 116, 143, 144, 145, 146, 147, 149, 151, 152, 159,
        164, 262, 263, 279, 447, 457, 458,
    ),
}  # fmt: skip
# Calls that are refused by an argument: limits and processors of other processes (the first, 0 is the process itself);
# of fcntl and ioctl (the second) whom a signal goes to and which one, locks, leases, and keystrokes for a terminal.
_FCNTL, _IOCTL = {"x86_64": 72, "aarch64": 25}, {"x86_64": 16, "aarch64": 29}
_OF_OTHERS = {"x86_64": (302, 203), "aarch64": (261, 122)}
SIGNALLING = (8, 10, 15)
_LOCKING = (6, 7, 37, 38, 1024, 1026)
_TERMINAL = (0x540E, 0x5410, 0x5412, 0x541C, 0x8901, 0x8902)
_FIRST, _SECOND, _THIRD = 16, 24, 32
_CPU_TIME = 0  # the one limit that is set anew, for each file
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3, _CLONE_THREAD = 435, 0x10000
_X32 = 0x40000000  # another set of numbers for the same calls
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class Instruction(ctypes.Structure):
    """One step of a filter of system calls."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(Instruction)))


def confine() -> frozenset[str]:
    """Confine this process for good; returns what the kernel has of it: `"landlock"`, `"seccomp"`, both or none."""
    if sys.platform != "linux":
        return frozenset()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return frozenset()
    folders = (path for path in Path("/").iterdir() if path.name not in _CLOSED)
    rules = [(path, READ_FILE | READ_DIR) for path in folders]
    done = {"landlock": restrict_files(libc, rules), "seccomp": _filter_calls(libc)}
    return frozenset(name for name, held in done.items() if held)


def restrict_files(libc: ctypes.CDLL, allowed: Iterable[tuple[Path, int]]) -> bool:
    """Leave this process only some rights to some folders and files; returns whether the kernel does so.

    Args:
        libc: the C library.
        allowed: each place with the rights to it and what lies below; `ALL` for every right.
    """
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rules = _Ruleset((1 << _FILE_RIGHTS.get(version, _LATEST_FILE_RIGHTS)) - 1, _TCP_RIGHTS, _SCOPES)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path, rights in allowed:
            _allow(libc, ruleset, path, rules.files if rights == ALL else rights)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    with suppress(OSError):  # it went meanwhile, or may not be looked into anyway
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _Beneath(rights if path.is_dir() else rights & ~READ_DIR, descriptor)
            libc.syscall(_ADD_RULE, ruleset, ctypes.c_uint32(1), ctypes.byref(rule), ctypes.c_uint32(0))
        finally:
            os.close(descriptor)


def _filter_calls(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    return install_filter(libc, list(_instructions(machine)))


def install_filter(libc: ctypes.CDLL, instructions: Sequence[Instruction]) -> bool:
    """Let the kernel filter the system calls of this process; returns whether it does."""
    block = (Instruction * len(instructions))(*instructions)
    program = _Program(len(instructions), block)
    return bool(libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def beginning(machine: str, denied: Iterable[int]) -> Iterator[Instruction]:
    """Yield how a filter begins that refuses calls of another architecture, and those of some numbers.

    A filter sees the number of the call at 0, the architecture at 4, the first argument at 16.
    """
    refused = Instruction(_RETURN, 0, 0, _ERRNO | errno.EACCES)
    yield Instruction(_LOAD, 0, 0, 4)
    yield Instruction(_EQUAL, 1, 0, _ARCHITECTURES[machine])
    yield refused
    yield Instruction(_LOAD, 0, 0, 0)
    if machine == "x86_64":
        yield Instruction(_AT_LEAST, 0, 1, _X32)
        yield refused
    for number in denied:
        yield Instruction(_EQUAL, 0, 1, number)
        yield refused


def others_spared(machine: str, fcntl: Sequence[int] = SIGNALLING) -> Iterator[Instruction]:
    """Yield what refuses to touch other processes by way of calls that are needed for one's own.

    A file can be told to send any signal to any process of the account, without `kill`.

    Args:
        machine: the architecture.
        fcntl: which of its commands are refused.
    """
    for number in _OF_OTHERS[machine]:
        yield Instruction(_EQUAL, 0, 4, number)
        yield Instruction(_LOAD, 0, 0, _FIRST)
        yield Instruction(_EQUAL, 1, 0, 0)
        yield Instruction(_RETURN, 0, 0, _ERRNO | errno.EACCES)
        yield Instruction(_RETURN, 0, 0, _ALLOW)
    for number, commands in ((_FCNTL[machine], fcntl), (_IOCTL[machine], _TERMINAL)):
        yield Instruction(_EQUAL, 0, 2 + 2 * len(commands), number)
        yield Instruction(_LOAD, 0, 0, _SECOND)
        for command in commands:
            yield Instruction(_EQUAL, 0, 1, command)
            yield Instruction(_RETURN, 0, 0, _ERRNO | errno.EACCES)
        yield Instruction(_RETURN, 0, 0, _ALLOW)


def _limits_kept(machine: str) -> Iterator[Instruction]:
    """Yield what leaves the process its limits, which an administrator's could raise: they are read, not set."""
    refused, allowed = Instruction(_RETURN, 0, 0, _ERRNO | errno.EACCES), Instruction(_RETURN, 0, 0, _ALLOW)
    yield Instruction(_EQUAL, 0, 13, _OF_OTHERS[machine][0])
    yield Instruction(_LOAD, 0, 0, _FIRST)
    yield Instruction(_EQUAL, 1, 0, 0)
    yield refused
    yield Instruction(_LOAD, 0, 0, _SECOND)
    yield Instruction(_EQUAL, 0, 1, _CPU_TIME)
    yield allowed
    for half in (_THIRD, _THIRD + 4):  # the address of a new limit
        yield Instruction(_LOAD, 0, 0, half)
        yield Instruction(_EQUAL, 1, 0, 0)
        yield refused
    yield allowed


def _instructions(machine: str) -> Iterator[Instruction]:
    refused = Instruction(_RETURN, 0, 0, _ERRNO | errno.EACCES)
    yield from beginning(machine, _DENIED[machine])
    yield from _limits_kept(machine)
    yield from others_spared(machine, (*SIGNALLING, *_LOCKING))
    yield Instruction(_EQUAL, 0, 1, _CLONE3)  # its flags lie in memory: libraries fall back on clone
    yield Instruction(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    yield Instruction(_EQUAL, 0, 3, _CLONE[machine])
    yield Instruction(_LOAD, 0, 0, 16)
    yield Instruction(_ANY_BIT, 1, 0, _CLONE_THREAD)  # a thread, not a process
    yield refused
    yield Instruction(_RETURN, 0, 0, _ALLOW)
