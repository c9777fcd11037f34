"""Word, Excel and PowerPoint files from before 2007, made new by LibreOffice where it is installed.

It runs in a child of its own with a fresh profile in a folder that is gone afterwards; what it makes is read like any
file, in the reading child. Without it the file is named with that remedy (`index.sources.formats.unsupported`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from index.disk.scratch import scratch
from index.errors import SourceError
from index.language.hygiene import printable
from index.sources.reading import read_bytes
from index.sources.types import SourceFile

__all__ = ["SECONDS", "converted", "converted_bytes", "libreoffice"]

SECONDS = 120.0
"""Wall time for one file."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SUFFIXES = frozenset([".doc", ".dot", ".xls", ".xlt", ".xla", ".ppt", ".pot", ".pps"])
_KINDS = (  # what is in the file, what it becomes, and what LibreOffice must take it for: it reads any noise as text
    ("WordDocument", "docx", "MS Word 97"),
    ("PowerPoint Document", "pptx", "MS PowerPoint 97"),
    ("Workbook", "xlsx", "MS Excel 97"),
    ("Book", "xlsx", "MS Excel 95"),
)
_NONE = ("", "")
_OLD = {"docx": "doc", "pptx": "ppt", "xlsx": "xls"}
_ENCRYPTED = "EncryptedPackage"
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)
_PASSED_ON = ("PATH", "LANG", "SYSTEMROOT", "WINDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@cache
def libreoffice() -> str:
    """Return where LibreOffice's program lies, `""` where there is none."""
    named = (shutil.which(name) for name in ("soffice", "libreoffice"))
    placed = (place for place in _PLACES if Path(place).is_file())
    found = next((path for path in (*named, *placed) if path), "")
    return os.path.realpath(found) if found else ""


@contextmanager
def converted(file: SourceFile, limit: int) -> Iterator[SourceFile]:
    """Give the file to read in the place of an old one, for as long as the block lasts; any other file itself.

    Args:
        file: what was found.
        limit: largest file that is read, in bytes.

    Raises:
        SourceError: LibreOffice made nothing of it, or took too long.
    """
    kind = _conversion_of(file, limit) if file.path.suffix.lower() in _SUFFIXES and libreoffice() else _NONE
    if kind == _NONE:
        yield file
        return
    with scratch() as made:
        folder = made.resolve()
        source = folder / f"file{file.path.suffix.lower()}"
        source.write_bytes(read_bytes(file, limit))
        target = _run(printable(file.source), source, kind, folder)
        yield replace(file, path=target, root=target.parent, size=target.stat().st_size)


def converted_bytes(data: bytes, name: str) -> bytes:
    """Return what LibreOffice makes of an old file that lies in another one.

    Args:
        data: the bytes of the old file.
        name: of the file that it lies in, for messages.

    Raises:
        SourceError: it is no such file, LibreOffice isn't there, made nothing of it, or took too long.
    """
    kind = _kind_of(data)
    if kind == _NONE or not libreoffice():
        raise SourceError(name, "no file that LibreOffice could convert here")
    with scratch() as made:
        folder = made.resolve()
        source = folder / f"file.{_OLD[kind[0]]}"
        source.write_bytes(data)
        return _run(name, source, kind, folder).read_bytes()


def _conversion_of(file: SourceFile, limit: int) -> tuple[str, str]:
    """Return what an old file becomes and what it is taken for, `""` for any other file."""
    try:
        with file.path.open("rb") as stream:
            if stream.read(len(_OLE)) != _OLE:
                return _NONE
        data = read_bytes(file, limit)
    except (OSError, SourceError):  # the reading child names what is wrong with it
        return _NONE
    return _kind_of(data)


def _kind_of(data: bytes) -> tuple[str, str]:
    if not data.startswith(_OLE):
        return _NONE
    if _ENCRYPTED.encode("utf-16-le") in data:
        return _NONE
    return next(((kind, taken) for mark, kind, taken in _KINDS if mark.encode("utf-16-le") in data), _NONE)


def _run(name: str, source: Path, kind: tuple[str, str], folder: Path) -> Path:
    """Let LibreOffice make a file of the new kind; returns where it lies."""
    for part in ("made", "tmp"):
        (folder / part).mkdir()
    target = folder / "made" / f"file.{kind[0]}"
    until = time.monotonic() + SECONDS
    for _ in range(2):  # with a new profile it makes that first, and starts again
        if not target.is_file() and not _start(source, kind, folder, until - time.monotonic()):
            raise SourceError(name, f"LibreOffice took more than {SECONDS:g} s to read it")
    if not target.is_file() or target.is_symlink():
        reason = "LibreOffice could not read it; is it damaged or protected by a password?"
        reason = f"{reason} Save it as {kind[0].upper()}"
        raise SourceError(name, reason)
    return target


def _start(source: Path, kind: tuple[str, str], folder: Path, seconds: float) -> bool:
    """Run LibreOffice once; returns whether it ended by itself in time."""
    profile = (folder / "profile").as_uri()
    becomes, taken = kind
    wanted = [f"--infilter={taken}", "--convert-to", becomes, "--outdir", str(folder / "made"), str(source)]
    options = ["--headless", "--norestore", "--nologo", "--nodefault", f"-env:UserInstallation={profile}", *wanted]
    process = subprocess.Popen(  # noqa: S603 - a list of arguments of our own; the file's name is not among them
        [sys.executable, "-P", "-m", "index.sources.sandbox.converter", str(folder), libreoffice(), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(folder),
        start_new_session=True,
    )
    try:
        process.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        return False
    finally:
        _end(process)
        _remove_sockets(profile)
    return True


def _remove_sockets(profile: str) -> None:
    """Take away the socket of LibreOffice, which it may make but not remove: its name is a sum of its profile's."""
    name = "".join(f"{byte:x}" for byte in hashlib.md5(profile.encode("utf-16-le"), usedforsecurity=False).digest())
    for folder in (Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - the folders are its choice
        for socket in folder.glob(f"OSL_PIPE*_SingleOfficeIPC_{name}"):
            with suppress(OSError):
                socket.unlink()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, [root, kept.pop("PYTHONPATH", "")]))
    own = {"HOME": str(folder), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": path, "SAL_USE_VCLPLUGIN": "svp"}
    return {**kept, **own, "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with all its parts."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
