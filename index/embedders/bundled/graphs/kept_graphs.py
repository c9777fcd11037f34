"""Compiled graphs kept between starts, since compiling the reader takes longer than reading a question.

What lies in the cache folder may be lost, damaged or not writable: then the graph is compiled as without a cache.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embedders.bundled.graphs import graph
from index.embedders.bundled.kept_files import HEAD, keep, mapped, place
from index.errors import EmbedderError

if TYPE_CHECKING:
    from openvino import CompiledModel, Model

__all__ = ["KeptGraph", "compile_kept"]

_KEPT = 6
"""Graphs in the folder: the embedder's and the reader's, of the last few versions."""


@dataclass(frozen=True, slots=True)
class KeptGraph:
    """A graph that is ready to run.

    Attributes:
        compiled: the graph.
        memory: the mapped file that it came from, which must live as long; `None` where it was compiled just now.
    """

    compiled: CompiledModel
    memory: mmap.mmap | None

    def release(self) -> None:
        """Let the file go from memory, for what runs has laid the weights out for itself.

        If a part of it should be wanted again, the system reads it again.
        """
        if self.memory is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.memory.madvise(mmap.MADV_DONTNEED)


def compile_kept(build: Callable[[], Model], precision: str, model_key: str, streams: int = 0) -> KeptGraph:
    """Return a compiled graph, from the cache folder where it was kept before.

    Args:
        build: puts the graph together; called only when it is not kept.
        precision: `"bf16"`, `"f32"` or `"int8"`.
        model_key: all that the graph depends on besides OpenVINO, the processor and the module `graph` beside this one.
        streams: as for `options_of` there; the file serves any number.

    Raises:
        EmbedderError: OpenVINO is not installed, or can't compile it here.
    """
    try:
        path = _path(precision, model_key)
    except (ImportError, RuntimeError) as error:
        raise EmbedderError(f"OpenVINO can't be used here: {error}") from error
    kept = _restored(path, precision, streams)
    if kept is not None:
        return kept
    compiled, _ = graph.compile_graph(build(), precision, streams)
    _keep(path, compiled)
    return KeptGraph(compiled, None)


def _path(precision: str, model_key: str) -> Path:
    core = graph.core()
    import openvino

    machine = core.get_property("CPU", "FULL_DEVICE_NAME"), core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    code = Path(graph.__file__).read_bytes()
    key = repr((precision, model_key, openvino.__version__, machine, hashlib.sha256(code).hexdigest()))
    return place("graphs", key, ".blob")


def _restored(path: Path, precision: str, streams: int) -> KeptGraph | None:
    from openvino import Tensor

    data = mapped(path)
    if data is None:
        return None
    try:
        tensor = Tensor(np.frombuffer(data, np.uint8)[HEAD:], shared_memory=True)
        return KeptGraph(graph.core().import_model(tensor, "CPU", graph.options_of(precision, streams)), data)
    except (ValueError, RuntimeError):  # of an OpenVINO that writes them otherwise
        return None


def _keep(path: Path, compiled: CompiledModel) -> None:
    try:
        blob = compiled.export_model().getvalue()
    except RuntimeError:
        return
    keep(path, blob, _KEPT)
