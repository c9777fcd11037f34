"""Reads files in child processes with memory, CPU and time limits; a killed child costs only the file it had."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

from index.errors import SourceError, SourceSkippedError
from index.language.hygiene import printable
from index.sources.ocr.scans import BY_OCR
from index.sources.sandbox.clock import Clock
from index.sources.sandbox.oldoffice import converted, converted_bytes, libreoffice
from index.sources.sandbox.wire import document_from, read_message, write_message
from index.sources.types import ReadOptions, ReadResult, SourceFile

__all__ = ["Child", "SandboxLimits", "read_many"]

_START_SECONDS = 60.0
_QUEUE = 4
_TELL_SECONDS = 0.5
_MOST_CONVERSIONS = 10  # of files that lie in one
# What Python, the loader of libraries, locales, time zones, Windows and what is known of languages need of the
# environment; nothing else goes.
_NEEDED = frozenset({
    "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "SYSTEMDRIVE", "COMSPEC",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED", "PYTHONUTF8",
    "PYTHONIOENCODING", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONNOUSERSITE", "PYTHONUSERBASE",
    "APPDATA", "RAG_CACHE", "RAG_LANGUAGES",
})  # fmt: skip
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one file may cost. A file of many parts that are slow to read (scanned pages) has the times for each part.

    Attributes:
        seconds: wall time; on a crowded machine it passes three times as fast as processor time.
        cpu_seconds: processor time (where the platform can limit it).
        memory_bytes: address space of the child (where the platform can limit it).
        total_seconds: wall time for all parts of a file together.
    """

    seconds: float = 60.0
    cpu_seconds: int = 20
    memory_bytes: int = 850 * 1024 * 1024
    total_seconds: float = 3600.0


def read_many(
    files: Iterable[SourceFile],
    *,
    workers: int | None = None,
    options: ReadOptions | None = None,
    limits: SandboxLimits | None = None,
    progress: Callable[[SourceFile, str], None] | None = None,
) -> Iterator[tuple[SourceFile, ReadResult | SourceError]]:
    """Read files in child processes, in the order given.

    Args:
        files: what `discover` found.
        workers: how many children; by default one per core, at most four.
        options: choices of the person who indexes.
        limits: what one file may cost.
        progress: called with a file and the part of it that is read now, where a file has parts that take long.

    Yields:
        Each file with its documents, or with the error that names it; those after a bad one are read all the same.
    """
    options, limits = options or ReadOptions(), limits or SandboxLimits()
    count = workers or min(4, os.cpu_count() or 1)
    steps: SimpleQueue[tuple[SourceFile, str]] = SimpleQueue()
    pool = _Pool(options, limits, steps)
    with pool, ThreadPoolExecutor(count, thread_name_prefix="sources") as threads:
        begun = ((file, threads.submit(pool.read, file)) for file in files)
        waiting: list[tuple[SourceFile, Future[ReadResult | SourceError]]] = []
        try:
            waiting.extend(islice(begun, count * _QUEUE))
            while waiting:
                file, future = waiting.pop(0)
                while not wait([future], _TELL_SECONDS).done:
                    _report_steps(steps, progress)
                result = future.result()
                waiting.extend(islice(begun, 1))
                yield file, result
        finally:  # the caller stopped early: what has not begun never will
            for _, future in waiting:
                future.cancel()
            pool.kill()


def _report_steps(
    steps: SimpleQueue[tuple[SourceFile, str]], progress: Callable[[SourceFile, str], None] | None
) -> None:
    """Tell the newest step of the children, in the caller's own thread."""
    newest = None
    while not steps.empty():
        newest = steps.get()
    if newest is not None and progress is not None:
        progress(*newest)


class _Pool:
    """One child per thread, kept for the next file."""

    def __init__(self, options: ReadOptions, limits: SandboxLimits, steps: SimpleQueue[tuple[SourceFile, str]]) -> None:
        self._options = options
        self._steps = steps
        self._limits = limits
        self._local = threading.local()
        self._children: list[Child] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End every child."""
        self._closed = True
        for child in self._children:
            child.kill()

    def read(self, file: SourceFile) -> ReadResult | SourceError:
        """Read one file in this thread's child, which is started when there is none or the last one died."""
        child: Child | None = getattr(self._local, "child", None)
        if child is None or not child.alive:
            child = self._local.child = self._started(self._options)
        try:
            with converted(file, self._options.max_bytes) as found:
                result = child.read(found)
                if isinstance(result, SourceError) and child.ended_in_ocr and not self._closed:
                    result = self._again(found, result)
        except SourceError as error:
            return error
        if found is not file and isinstance(result, ReadResult):
            warning = f"{printable(file.source)}: converted by LibreOffice before it was read"
            return replace(result, warnings=(*result.warnings, warning))
        return result

    def _started(self, options: ReadOptions) -> Child:
        child = Child(options, self._limits, self._steps)
        self._children.append(child)
        if self._closed:
            child.kill()
        return child

    def _again(self, file: SourceFile, error: SourceError) -> ReadResult | SourceError:
        """Read a file anew in whose pictures OCR ended the process: in a fresh one, which has more room, or without.

        Libraries of OCR end a process where its memory is used up, some of it by the files before.
        """
        for options in (self._options, replace(self._options, ocr="off")):
            child = self._started(options)
            result = child.read(file)
            child.kill()
            if isinstance(result, ReadResult):
                added = () if options is self._options else (f"{printable(file.source)}: {error.reason}",)
                return replace(result, warnings=(*added, *result.warnings))
        return error


class Child:
    """A process that runs `index.sources.sandbox.worker`; speaks length-prefixed JSON over its pipes.

    Attributes:
        ended_in_ocr: whether it ended by itself while a picture was read by OCR.
    """

    def __init__(self, options: ReadOptions, limits: SandboxLimits, steps: SimpleQueue[tuple[SourceFile, str]]) -> None:
        self._limits = limits
        self._steps = steps
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.sources.sandbox.worker"],  # -P: no code from the folder we stand in
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            process_group=0 if os.name == "posix" else None,  # a signal to its group is none to us
        )
        self._fresh = True
        self._options = asdict(options)
        self._step = ""
        self.ended_in_ocr = False

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and close its pipes."""
        self._process.kill()
        self._process.wait()

    def read(self, file: SourceFile) -> ReadResult | SourceError:
        """Ask for one file; any failure of the child becomes the file's error."""
        answer = self.ask(file)
        return answer if isinstance(answer, SourceError) else _answer(file, answer)

    def ask(self, file: SourceFile, wanted: Mapping[str, Any] | None = None) -> dict[str, Any] | SourceError:
        """Ask something of one file, its documents by default; a failure of the child becomes the file's error."""
        self._step = ""
        clock = Clock(self._process.kill, self._limits.total_seconds)
        try:
            if self._fresh:
                clock.start(self._limits.seconds + _START_SECONDS)
                self._send({"limits": asdict(self._limits)})
                self._receive()
            self._fresh = False
            clock.start(self._limits.seconds)
            self._send({**_request(file, self._options), **(wanted or {})})
            conversions = 0
            while "step" in (message := self._receive()) or "convert" in message:
                if "convert" in message:
                    conversions += 1
                    clock.stop()
                    self._send(_made_new(message, file, int(self._options["max_bytes"]), conversions))
                clock.start(self._limits.seconds)
                self._step = str(message.get("step", ""))
                self._steps.put((file, self._step))
        except (OSError, EOFError, ValueError):
            self.kill()
            self.ended_in_ocr = not clock.late and BY_OCR in self._step
            return SourceError(printable(file.source), self._why(clock))
        else:
            return message
        finally:
            clock.stop()

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        write_message(self._process.stdin, message)

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return read_message(self._process.stdout)

    def _why(self, clock: Clock) -> str:
        if clock.late:
            return f"took more than {clock.seconds:g} s to read and was given up; is it damaged or very large?"
        return f"reading it ended the reading process (code {self._process.returncode}): too much memory, or damaged"


def _environment() -> dict[str, str]:
    """Return the child's environment: what it needs of ours, and one thread for the libraries that start many."""
    kept = {name: value for name, value in os.environ.items() if name.upper() in _NEEDED or name.startswith("LC_")}
    path = os.pathsep.join([str(_ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    return {**kept, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _request(file: SourceFile, options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "path": os.fsdecode(file.path),
        "source": file.source,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "root": os.fsdecode(file.root),
        "options": options,
        "converts": bool(libreoffice()),
    }


def _made_new(message: Mapping[str, Any], file: SourceFile, limit: int, number: int) -> dict[str, str]:
    """Return what LibreOffice makes of a file that lies in another one, in letters, or why there is nothing."""
    try:
        data = b64decode(str(message["convert"]))
        if number > _MOST_CONVERSIONS or len(data) > limit:
            return {"reason": f"more than {_MOST_CONVERSIONS} old Office files in one file, or a very large one"}
        return {"made": b64encode(converted_bytes(data, printable(file.source))).decode("ascii")}
    except SourceError as error:
        return {"reason": error.reason}


def _answer(file: SourceFile, message: Mapping[str, Any]) -> ReadResult | SourceError:
    if "problem" in message:
        kind = SourceSkippedError if message.get("skipped") else SourceError
        return kind(printable(file.source), str(message["problem"]), str(message.get("fix", "")))
    documents = tuple(document_from(item) for item in message["documents"])
    return ReadResult(documents, tuple(map(str, message["warnings"])))
