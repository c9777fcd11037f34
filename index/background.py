"""Builds in a process of their own, behind those who ask: a server answers on while its index is rebuilt.

A build in the server's own process would share the interpreter lock with every question, and in any process it would
take the processors from them. Here it runs as a child of lower scheduling priority, which gets what the askers leave
and a share of its own where all are taken; its memory goes with it. The child ends when its parent does; a build loses
nothing by that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any

from index.building.report import BuildReport, Progress, ProgressCallback
from index.errors import IndexBusyError, RagError
from index.locations import Database, LocationLike, location_of
from index.sources.types import ReadOptions, WebPolicy

__all__ = ["build_behind", "step_back"]

_NICE = 5  # a third of the weight of a process that was not told to be nice: never starved where many others work
_ROOT = Path(__file__).resolve().parent.parent


def step_back() -> None:
    """Let others on this machine go first from now on; children that are started later do the same."""
    if sys.platform == "win32":
        return  # `build_behind` starts its child at a lower priority there
    os.nice(max(0, _NICE - os.nice(0)))


def build_behind(
    paths: Sequence[str | Path] | None = None,
    *,
    index_dir: LocationLike,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    read_options: ReadOptions | None = None,
    web: WebPolicy | None = None,
    removed: Sequence[str] = (),
    guarded: Sequence[str] = (),
    progress: ProgressCallback | None = None,
) -> BuildReport:
    """Do what `index.build` does with these arguments, in a child process of low priority.

    Raises:
        IndexBusyError: another build of this index is running.
        RagError: anything else that stops a build, in the words of `index.build`; the index stays as it was.
    """
    request = {
        "paths": None if paths is None else [os.fspath(path) for path in paths],
        "index_dir": index_dir.conninfo if isinstance(index_dir, Database) else str(location_of(index_dir)),
        "include": list(include),
        "exclude": list(exclude),
        "read_options": None if read_options is None else asdict(read_options),
        "web": None if web is None else asdict(web),
        "removed": list(removed),
        "guarded": list(guarded),
    }
    child = _started()
    try:
        return _follow(child, request, progress)
    finally:
        child.kill()
        with child:  # closes its pipes and waits for it
            pass


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "index.background"],  # -P: no code from the folder we stand in
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )


def _follow(
    child: subprocess.Popen[bytes], request: Mapping[str, object], progress: ProgressCallback | None
) -> BuildReport:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        pass  # it ended before it listened; its code is reported below
    for line in child.stdout:
        event = json.loads(line)
        if "report" in event:
            return _report(event["report"])
        if "problem" in event:
            raise (IndexBusyError if event["busy"] else RagError)(event["problem"], event["fix"])
        if progress is not None:
            progress(Progress(**event["progress"]))
    raise RagError(
        f"{location_of(str(request['index_dir']))}: the building process ended with code {child.wait()}; what was "
        "indexed before still answers",
        "run again, with more memory if the machine ran out of it",
    )


def _report(values: Mapping[str, Any]) -> BuildReport:
    """Return a report as it was before JSON made lists of its tuples."""
    found: dict[str, Any] = {each.name: _tuples(values[each.name]) for each in fields(BuildReport)}
    return BuildReport(**found)


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _environment() -> dict[str, str]:
    """Return the child's environment: ours, and where this package lies."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def main() -> None:
    """Read a request from standard input, build, and tell how it goes on standard output, a JSON object a line."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends us
    output = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a library prints must not come between the messages
    step_back()
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _send(output, _build(request, output))
    os._exit(0)  # the thread above sits in a read and would hold up the interpreter's end


def _build(request: Mapping[str, Any], output: IO[str]) -> dict[str, object]:
    from index.building.build import build

    options, web = request["read_options"], request["web"]
    try:
        report = build(
            request["paths"],
            index_dir=request["index_dir"],
            include=request["include"],
            exclude=request["exclude"],
            read_options=None if options is None else ReadOptions(**options),
            web=None if web is None else WebPolicy(**web),
            removed=request["removed"],
            guarded=request["guarded"],
            progress=lambda step: _send(output, {"progress": asdict(step)}),
        )
    except RagError as error:
        return {"problem": error.problem, "fix": error.fix, "busy": isinstance(error, IndexBusyError)}
    return {"report": asdict(report)}


def _send(output: IO[str], message: Mapping[str, object]) -> None:
    output.write(json.dumps(message) + "\n")
    output.flush()


def _end_with_parent() -> None:
    """Wait for the end of the input: the parent closes it, or dies."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
