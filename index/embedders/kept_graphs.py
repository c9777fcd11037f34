"""Compiled graphs kept between starts, since compiling the reader takes longer than reading a question.

What lies in the cache folder may be lost, damaged or not writable: then the graph is compiled as without a cache.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.config import cache_dir
from index.embedders import graph

if TYPE_CHECKING:
    from openvino import CompiledModel, Model

__all__ = ["KeptGraph", "compile_kept"]

_KEPT = 3
"""Graphs in the folder: those of the last few versions."""
_HEAD = 64
"""Bytes before the graph: its SHA-256, then zeros, so that what follows begins aligned."""


@dataclass(frozen=True, slots=True)
class KeptGraph:
    """A graph that is ready to run.

    Attributes:
        compiled: the graph.
        memory: the mapped file that it came from, which must live as long; `None` where it was compiled just now.
    """

    compiled: CompiledModel
    memory: NDArray[np.uint8] | None


def compile_kept(build: Callable[[], Model], precision: str, told: str, streams: int = 0) -> KeptGraph:
    """Return a compiled graph, from the cache folder where it was kept before.

    Args:
        build: puts the graph together; called only when it is not kept.
        precision: `"bf16"`, `"f32"` or `"int8"`.
        told: everything that the graph depends on besides OpenVINO, the processor and `index.embedders.graph`.
        streams: as for `index.embedders.graph.options_of`; the file serves any number.

    Raises:
        EmbedderError: OpenVINO can't compile it here.
    """
    path = _path(precision, told)
    kept = _restored(path, precision, streams)
    if kept is not None:
        return kept
    compiled, _ = graph.compile_graph(build(), precision, streams)
    _keep(path, compiled)
    return KeptGraph(compiled, None)


def _path(precision: str, told: str) -> Path:
    import openvino

    core = graph.core()
    machine = core.get_property("CPU", "FULL_DEVICE_NAME"), core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    code = Path(graph.__file__).read_bytes()
    key = repr((precision, told, openvino.__version__, machine, hashlib.sha256(code).hexdigest()))
    return cache_dir() / "graphs" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.blob"


def _restored(path: Path, precision: str, streams: int) -> KeptGraph | None:
    from openvino import Tensor

    try:
        # Private to this process: OpenVINO wants to be allowed to write, though it doesn't.
        data = np.memmap(path, np.uint8, mode="c")
        blob = data[_HEAD:]
        if not len(blob) or _head(blob.data) != data[:_HEAD].tobytes():
            return None
        tensor = Tensor(blob, shared_memory=True)
        return KeptGraph(graph.core().import_model(tensor, "CPU", graph.options_of(precision, streams)), data)
    except (OSError, ValueError, RuntimeError):  # not there, empty, or of an OpenVINO that writes them otherwise
        return None


def _head(blob: bytes | memoryview) -> bytes:
    return hashlib.sha256(blob).digest().ljust(_HEAD, b"\0")


def _keep(path: Path, compiled: CompiledModel) -> None:
    """Write the graph beside its place and rename it, so that no other process reads half of it."""
    try:
        blob = compiled.export_model().getvalue()
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_head(blob))
                file.write(blob)
            Path(unfinished).replace(path)
        finally:
            Path(unfinished).unlink(missing_ok=True)
        _forget_old(path.parent)
    except (OSError, RuntimeError):  # a cache that can't be written costs time, nothing else
        return


def _forget_old(folder: Path) -> None:
    blobs = sorted(folder.glob("*.blob"), key=lambda blob: blob.stat().st_mtime, reverse=True)
    for blob in blobs[_KEPT:]:
        blob.unlink(missing_ok=True)
