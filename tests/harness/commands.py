"""The program `rag` in processes of its own: real exit codes and streams, without importing it anew for each call.

Each call is a process that is forked from one that has imported the command line and has done nothing else. What is
about starting, signals or imports starts Python itself: `started`. Without `fork` (Windows) every call does.
"""

from __future__ import annotations

import atexit
import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# What commands import before they do anything; no model is loaded, no thread started.
IMPORTED = (
    "ui.cli", "ui.cli.commands.answers", "ui.cli.commands.indexing", "ui.terminal.sheets", "index.building.build",
    "index.opening.live", "index.opening.health", "rag.assistant", "rag.evaluation", "faiss", "pydantic",
)  # fmt: skip


def environment(**extra: str) -> dict[str, str]:
    """Return that of a person who has set nothing of the program's own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RAG_")}
    return kept | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"} | extra


def started(*arguments: str | Path, cwd: Path, stdin: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    """Call `rag` as a person does: Python is started for it."""
    command = [sys.executable, "-m", "ui.cli", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment(**extra), input=stdin, capture_output=True, text=True, encoding="utf-8"
    )


def rag(*arguments: str | Path, cwd: Path, stdin: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    """Call `rag` in a process of its own; `extra` are variables of its environment."""
    return ran(list(map(str, arguments)), cwd, environment(**extra), stdin)


def ran(arguments: list[str], cwd: Path, around: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Call `rag` in a process of its own with just this environment."""
    if not hasattr(os, "fork"):
        return started(*arguments, cwd=cwd, stdin=stdin, **around)
    with tempfile.TemporaryDirectory() as name:
        streams = [Path(name, stream) for stream in ("in", "out", "err")]
        streams[0].write_text(stdin, "utf-8")
        code = _forker().call(arguments, str(cwd), around, list(map(str, streams)))
        texts = [stream.read_text("utf-8") for stream in streams[1:]]
    return subprocess.CompletedProcess(["rag", *arguments], code, *texts)


class Forker:
    """The process from which the others are forked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.commands"],
            cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        atexit.register(self._end)

    def _end(self) -> None:
        self._process.communicate("")
        self._process.wait()

    def call(self, *task: object) -> int:
        """Let a call be done; returns its exit code."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@lru_cache(maxsize=1)
def _forker() -> Forker:
    return Forker()


def _serve() -> None:
    for module in IMPORTED:
        importlib.import_module(module)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _call(*json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _call(arguments: list[str], cwd: str, around: dict[str, str], streams: list[str]) -> None:
    os.environ.clear()
    os.environ.update(around)
    os.chdir(cwd)
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_CREAT | os.O_WRONLY] * 2), strict=True)):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    utf8: dict[str, Any] = {"encoding": "utf-8"}
    sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb", closefd=False), **utf8)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), **utf8)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", closefd=False), write_through=True, **utf8)
    sys.argv = ["rag", *arguments]
    sys.orig_argv = [sys.executable, "-m", "ui.cli", *arguments]  # what starts itself again does so with these
    from ui.cli import main

    main()  # ends by `SystemExit`, as it does for a person


if __name__ == "__main__":
    _serve()
