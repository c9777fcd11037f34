"""What native code in the reading child may do: the kernel refuses what Python's guard doesn't see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.sandbox import pool as sandbox
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadResult
from tests.conftest import ROOT

ATTEMPTS = """
import ctypes, errno, json, os, sys
from pathlib import Path
from index.sources.sandbox.confine import confine

place, mine = Path(sys.argv[1]), os.getpid()
libc = ctypes.CDLL(None, use_errno=True)
held = confine() if sys.argv[2] == "confined" else frozenset()
name = lambda text: ctypes.c_char_p(os.fsencode(text))
O = os.O_RDONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_WRONLY | os.O_CREAT
parent = f"/proc/{os.getppid()}/environ"
def forked():
    child = libc.fork()
    if child == 0:
        os._exit(0)
    return child
def cloned():
    child = libc.syscall(56 if os.uname().machine == "x86_64" else 220, 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return child
PR = [72, 29] if os.uname().machine == "x86_64" else [25, 194]
def signalling(command, value):
    ends = os.pipe()
    done = libc.syscall(PR[0], ends[0], command, value)
    os.close(ends[0]), os.close(ends[1])
    return done
def locked():
    descriptor = libc.open(name(place / "a.txt"), O[0])
    return libc.flock(descriptor, 6)
def memory():
    segment = libc.syscall(PR[1], 0, 4096, 0o600)
    if segment != -1:
        libc.shmctl(segment, 0, None)
    return segment
X86 = os.uname().machine == "x86_64"
def raised():
    limit = (ctypes.c_uint64 * 2)()
    libc.prlimit(0, 9, None, limit)
    return libc.prlimit(0, 9, limit, None)
def raised_by_the_older_call():
    limit = (ctypes.c_uint64 * 2)()
    libc.prlimit(0, 9, None, limit)
    return libc.syscall(160 if X86 else 164, 9, limit)
def processor_time():
    limit = (ctypes.c_uint64 * 2)()
    libc.prlimit(0, 0, None, limit)
    return libc.prlimit(0, 0, limit, None)
attempts = {
    "limit of memory": raised,
    "limit of memory by the older call": raised_by_the_older_call,
    "limit of processor time": processor_time,
    "a file in memory": lambda: libc.syscall(319 if X86 else 279, name("a"), 0),
    "a watch": lambda: libc.inotify_init1(0),
    "another account": lambda: libc.syscall(105 if X86 else 146, os.getuid()),
    "limits of the parent": lambda: libc.prlimit(os.getppid(), 7, None, ctypes.create_string_buffer(16)),
    "its own limits": lambda: libc.prlimit(0, 7, None, ctypes.create_string_buffer(16)),
    "processors of the parent": lambda: libc.sched_setaffinity(os.getppid(), 128, b"\\xff" * 128),
    "priority of the parent": lambda: libc.setpriority(0, os.getppid(), 0),
    "owner of a pipe's signal": lambda: signalling(8, os.getppid()),
    "a pipe's signal": lambda: signalling(10, 0),
    "flags of a pipe": lambda: signalling(1, 0) + 1,
    "lock": locked,
    "memory that stays": memory,
    "read": lambda: libc.open(name(place / "a.txt"), O[0]),
    "thread": lambda: -1 if __import__("threading").Thread(target=int).start() else 0,
    "open for writing": lambda: libc.open(name(place / "a.txt"), O[1]),
    "O_TRUNC": lambda: libc.open(name(place / "a.txt"), O[2]),
    "create": lambda: libc.open(name(place / "new"), O[3], 0o600),
    "remove": lambda: libc.unlink(name(place / "b.txt")),
    "rename": lambda: libc.rename(name(place / "a.txt"), name(place / "c.txt")),
    "folder": lambda: libc.mkdir(name(place / "folder"), 0o700),
    "mode": lambda: libc.chmod(name(place / "a.txt"), 0o777),
    "times": lambda: libc.utimes(name(place / "a.txt"), None),
    "the parent's environment": lambda: libc.open(name(parent), O[0]),
    "the parent's memory": lambda: libc.open(name(f"/proc/{os.getppid()}/mem"), O[0]),
    "its own /proc": lambda: libc.open(name("/proc/self/environ"), O[0]),
    "signal to the parent": lambda: libc.kill(os.getppid(), 0),
    "signal to the group": lambda: libc.killpg(0, 0),
    "another group": lambda: libc.setpgid(0, 0),
    "session": lambda: libc.setsid(),
    "socket": lambda: libc.socket(2, 1, 0),
    "local socket": lambda: libc.socket(1, 1, 0),
    "fork": forked,
    "clone": cloned,
    "exec": lambda: libc.execv(name("/bin/true"), (ctypes.c_char_p * 2)(b"true", None)),
}
done = {}
for what, attempt in attempts.items():
    if what == "exec" and not held:
        continue
    try:
        done[what] = attempt() != -1
    except OSError:
        done[what] = False
print(json.dumps({"held": sorted(held), "done": done}))
"""
ALLOWED = {"read", "thread", "its own limits", "flags of a pipe", "limit of processor time"}


def attempted(place: Path, how: str) -> dict[str, object]:
    for name in ("a.txt", "b.txt"):
        (place / name).write_text("text")
    command = [sys.executable, "-c", ATTEMPTS, str(place), how]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module", autouse=True)
def _kernel_has_both(tmp_path_factory: pytest.TempPathFactory) -> None:
    held = attempted(tmp_path_factory.mktemp("held"), "confined")["held"] if sys.platform == "linux" else []
    if held != ["landlock", "seccomp"]:
        pytest.skip(f"needs Linux with Landlock and seccomp; here: {held}")


def test_the_kernel_refuses_what_a_reader_needs_not(tmp_path: Path) -> None:
    done = attempted(tmp_path, "confined")["done"]
    assert isinstance(done, dict)
    assert {what for what, worked in done.items() if worked} == ALLOWED
    assert (tmp_path / "a.txt").read_text() == "text" and sorted(path.name for path in tmp_path.iterdir()) == [
        "a.txt",
        "b.txt",
    ]


def test_without_it_native_code_does_all_that(tmp_path: Path) -> None:
    done = attempted(tmp_path, "free")["done"]
    assert isinstance(done, dict)
    assert sum(done.values()) > 15  # what Python's own guard does not bind


def test_every_format_is_still_read(seeds: Path, tmp_path: Path) -> None:
    for _, result in read_many(discover([seeds]).files):
        assert isinstance(result, ReadResult)


def test_only_what_is_needed_of_the_environment_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "AWS_SESSION", "PGPASS", "SMTP_LOGIN", "LD_PRELOAD", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    kept = sandbox._environment()
    assert "secret" not in kept.values() and kept["LC_ALL"] == "C.UTF-8" and "PATH" in kept
