"""Runs a graph for several threads: one at a time on all cores, a crowd side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import LifoQueue
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.graphs.graph import cores
from index.embedders.bundled.graphs.kept_graphs import KeptGraph
from index.errors import EmbedderError

if TYPE_CHECKING:
    from openvino import CompiledModel, InferRequest

__all__ = ["Requests", "Runner"]

_STREAMS = 8
"""Requests side by side, at most: each takes memory for its states."""


class Runner:
    """Gives each caller a compiled graph to run on: all cores to one alone, a share of them to each of several.

    A text that is shared out over two cores takes about a quarter more processor time: they wait for each other.

    Args:
        restore: returns the graph for so many streams (`index.embedders.bundled.graphs.graph.options_of`).

    Raises:
        EmbedderError: OpenVINO can't run it here.
    """

    def __init__(self, restore: Callable[[int], KeptGraph]) -> None:
        self._restore = restore
        self._inside = 0
        self._lock = threading.Lock()
        self._alone = Requests(restore(0), 1)
        self._side_by_side: Requests | None = None

    @contextmanager
    def now(self) -> Iterator[Requests]:
        """Yield what to run on."""
        with self._lock:
            self._inside += 1
            crowd = self._inside > 1
        try:
            yield self._for_a_crowd() if crowd and cores() > 1 else self._alone
        finally:
            with self._lock:
                self._inside -= 1

    def _for_a_crowd(self) -> Requests:
        with self._lock:
            if self._side_by_side is None:
                streams = min(cores(), _STREAMS)
                self._side_by_side = Requests(self._restore(streams), streams)
            return self._side_by_side


class Requests:
    """Runs a graph; who comes when all requests are at work waits for a free one.

    Args:
        graph: what to run.
        count: how many run at the same time.
    """

    def __init__(self, graph: KeptGraph, count: int) -> None:
        self._graph = graph  # with the memory that it lies in
        self._free: LifoQueue[InferRequest] = LifoQueue()
        for _ in range(count):
            self._free.put(graph.compiled.create_infer_request())
        self.infer(_smallest(graph.compiled))  # by this the weights are laid out, before states take memory as well
        graph.release()

    def infer(self, inputs: list[NDArray[Any]]) -> NDArray[np.float32]:
        """Return the graph's first output.

        Raises:
            EmbedderError: OpenVINO could not run it.
        """
        request = self._free.get()
        try:
            result: NDArray[np.float32] = request.infer(inputs)[0].copy()
        except RuntimeError as error:
            raise EmbedderError(f"OpenVINO could not run the graph: {error}") from error
        finally:
            self._free.put(request)
        return result


def _smallest(compiled: CompiledModel) -> list[NDArray[Any]]:
    """Return inputs of one token."""
    return [
        np.ones(
            [1 if size.is_dynamic else size.get_length() for size in port.partial_shape], port.element_type.to_dtype()
        )
        for port in compiled.inputs
    ]
