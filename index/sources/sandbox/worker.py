"""The child of the sandbox: `python -m index.sources.sandbox.worker` reads requests from standard input until it ends.

Limits are set before the first file. What a parser library must never do here (start a process, open a connection,
write, move or remove a file) is refused by an audit hook and, where it can be (`index.sources.sandbox.confine`),
by the kernel, so that a hole in one of them stays small.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import time
from base64 import b64decode, b64encode
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from index.errors import SourceError, SourceSkippedError
from index.language.hygiene import clean_line
from index.sources.ocr.scans import BY_OCR
from index.sources.pdf.picture import Drawn, Words, drawn
from index.sources.pdf.rowplaces import RowCell, RowWords
from index.sources.reading import read, read_bytes
from index.sources.sandbox.confine import confine
from index.sources.sandbox.wire import document_to, read_message, write_message
from index.sources.types import ReadOptions, RefusedError, SourceFile

__all__ = ["main"]

_FORBIDDEN = frozenset(
    ["socket.__new__", "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
     "socket.gethostbyname", "socket.gethostbyaddr", "subprocess.Popen", "os.system", "os.exec", "os.fork",
     "os.forkpty", "os.posix_spawn", "os.spawn",
     "os.startfile", "os.kill", "pty.spawn", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link",
     "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr", "shutil.rmtree",
     "os.killpg", "signal.pthread_kill"]
)  # fmt: skip

_CLOSED = ("/proc", "/sys")
_STEP_SECONDS, _STEP_LENGTH = 0.5, 100


def main() -> None:
    """Answer requests until standard input ends."""
    requests, answers = _take_pipes()
    limits = read_message(requests)["limits"]
    sys.addaudithook(_refuse)
    _limit_memory(int(limits["memory_bytes"]))  # afterwards it can be raised no more, nor lowered
    confined = confine()
    write_message(answers, {"ready": True, "confined": sorted(confined)})
    while True:
        try:
            request = read_message(requests)
        except EOFError:
            return
        steps = _Steps(answers, int(limits["cpu_seconds"]))
        write_message(
            answers, _answer(request, steps, _Conversions(requests, answers) if request["converts"] else None)
        )


class _Steps:
    """Reports to the parent which part of a file is read now; each part has the processor time of a file."""

    def __init__(self, answers: IO[bytes], seconds: int) -> None:
        self._answers = answers
        self._seconds = seconds
        self._reported_at = time.monotonic()
        _limit_cpu(seconds)

    def __call__(self, part: str) -> None:
        now = time.monotonic()
        if now - self._reported_at >= _STEP_SECONDS or BY_OCR in part:  # OCR may end the process: the parent must know
            self._reported_at = now
            _limit_cpu(self._seconds)
            write_message(self._answers, {"step": clean_line(part)[:_STEP_LENGTH]})


class _Conversions:
    """Asks the parent, which may start programs, to have an old Office file made new that lies in another file."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests = requests
        self._answers = answers

    def __call__(self, data: bytes) -> bytes:
        write_message(self._answers, {"convert": b64encode(data).decode("ascii")})
        made = read_message(self._requests)
        if "made" not in made:
            raise RefusedError(str(made["reason"]), skipped=True)
        return b64decode(made["made"])


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes for messages; whatever a library prints goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, answers


def _answer(request: dict[str, Any], steps: _Steps, convert: _Conversions | None) -> dict[str, Any]:
    file = SourceFile(
        Path(request["path"]), request["source"], request["size"], request["mtime_ns"], Path(request["root"])
    )
    try:
        if "picture" in request:
            return {"picture": asdict(_picture(file, request["picture"]))}
        result = read(file, ReadOptions(**request["options"]), steps, convert)
    except RefusedError as error:
        return {"problem": error.problem, "fix": error.fix, "skipped": error.skipped}
    except SourceError as error:
        problem = error.problem.removeprefix(f"{error.source}: ")
        return {"problem": problem, "fix": error.fix, "skipped": isinstance(error, SourceSkippedError)}
    except MemoryError:
        return {"problem": "needs more memory than a file may take", "fix": "split it or convert it to text"}
    except Exception as error:  # noqa: BLE001 - a parser may raise anything; it is the file's error, and it is named
        reason = clean_line(f"can't be read; is it damaged? ({type(error).__name__}: {error})")
        return {"problem": reason[:300]}
    return {"documents": [document_to(document) for document in result.documents], "warnings": list(result.warnings)}


def _picture(file: SourceFile, wanted: dict[str, Any]) -> Drawn:
    """Draw a page of a file that is still the one that was indexed.

    Raises:
        SourceError: it is another one.
        RefusedError: it can't be drawn.
    """
    data = read_bytes(file, file.size)
    if hashlib.sha256(data).hexdigest() != wanted["digest"]:
        raise SourceError(file.source, "has changed since it was indexed")
    return drawn(data, int(wanted["page"]), int(wanted["width"]), _words(wanted["words"]))


def _words(sent: list[Any] | None) -> Words | None:
    if not sent or isinstance(sent[0], str):
        return (str(sent[0]), str(sent[1])) if sent else None
    return tuple(
        RowWords(tuple(RowCell(**cell) for cell in row["cells"]), int(row["number"]), int(row["alike"])) for row in sent
    )


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN or (event == "open" and (_writes(args) or _is_closed(args[0]))):
        raise PermissionError(errno.EACCES, f"{event} is not allowed while reading source texts")


def _writes(args: tuple[Any, ...]) -> bool:
    mode, flags = args[1], args[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return bool(isinstance(flags, int) and flags & changing)


def _is_closed(path: object) -> bool:
    """Tell whether a path leads to where the system shows other processes."""
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    return os.path.normpath(os.fsdecode(path)).startswith(_CLOSED)


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is what remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    """Let the next file use that much processor time: the limit counts from the start of the process."""
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds + 1, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
