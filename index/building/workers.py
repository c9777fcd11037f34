"""Embedding in other processes and on other machines: pieces of texts go out through the standard `Executor`.

Reading and cutting stay where the files are; embedding is nine tenths of a build's work and needs only the texts. A
piece is embedded as a whole, by the same model and in the same batches wherever that happens, so the vectors are the
same to the bit on processors of one kind. Each piece that comes back is durable at once: what ends in the middle, a
worker, the scheduler or the build itself, costs the pieces under way and no more.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from typing import Any, TypeAlias

from index.embedders.base import Embedder
from index.errors import ConfigError, EmbedderError
from index.types import FloatArray

__all__ = ["EmbedPieces", "Workers", "embed_piece", "embedding_on"]

Workers: TypeAlias = Executor | str | int | None
"""Who embeds: `None` this process, a number of processes of this machine, the address of a Dask scheduler
(`tcp://HOST:8786`, `tls://…`), or any executor whose workers can import this package."""
EmbedPieces: TypeAlias = Callable[[Iterable[Sequence[str]]], Iterator[FloatArray]]
"""Pieces of texts to their vectors, piece by piece in the same order, float32, shape (texts, dimension)."""

# The client of an optional package.
_Client: TypeAlias = Any
_MOST_PROCESSES = 64
# Pieces under way for each worker: one at work, one that waits.
_AHEAD = 2
# Times that a piece goes to another worker when its own was lost.
_RETRIES = 5
# Seconds between two looks at whether the scheduler is still there, and until a scheduler counts as absent.
_LOOK, _PATIENCE = 5.0, 10.0
_AGAIN = "run rag index again: what was embedded is kept"


@contextmanager
def embedding_on(workers: Workers, embedder: Embedder) -> Iterator[EmbedPieces]:
    """Give what embeds pieces of texts, on the workers that were named.

    Raises:
        ConfigError: `workers` is neither a number of processes nor the address of a scheduler.
        EmbedderError: a scheduler can't be reached or is lost, a worker ended or has another model.
    """
    if workers is None or workers in (1, "1"):
        yield partial(map, embedder.embed_passages)
        return
    with _opened(workers) as crew:
        yield partial(_spread, crew, embedder)


def embed_piece(spec: str, fingerprint: str, texts: Sequence[str]) -> FloatArray:
    """Embed a piece on a worker.

    Args:
        spec: of the embedder.
        fingerprint: what its vectors must be known by.
        texts: what is embedded.

    Raises:
        EmbedderError: the worker's embedder gives other vectors, or can't be loaded.
    """
    embedder = _loaded(spec)
    if embedder.fingerprint != fingerprint:
        problem = (
            f"a worker's embedder gives other vectors ({embedder.fingerprint}) than this machine's ({fingerprint})"
        )
        raise EmbedderError(problem, "install the same version everywhere")
    return embedder.embed_passages(texts)


@lru_cache(maxsize=1)
def _loaded(spec: str) -> Embedder:
    from index.embedders import load

    return load(spec)


@dataclass(frozen=True, slots=True)
class _Crew:
    """Workers and how they are asked.

    Attributes:
        executor: takes the pieces.
        count: how many work side by side.
        wait: returns the result of a future, or raises what went wrong.
    """

    executor: Executor
    count: int
    wait: Callable[[Future[FloatArray]], FloatArray]


def _spread(crew: _Crew, embedder: Embedder, pieces: Iterable[Sequence[str]]) -> Iterator[FloatArray]:
    """Yield the vectors in order, while as many pieces are under way as the workers need."""

    def work(piece: Sequence[str]) -> Future[FloatArray]:
        return crew.executor.submit(embed_piece, embedder.spec, embedder.fingerprint, list(piece))

    waiting: deque[Future[FloatArray]] = deque()
    try:
        for piece in pieces:
            waiting.append(work(piece))
            if len(waiting) >= _AHEAD * crew.count:
                yield crew.wait(waiting.popleft())
        while waiting:
            yield crew.wait(waiting.popleft())
    except BrokenProcessPool as error:
        raise EmbedderError("a process that embeds ended in the middle (too little memory?)", _AGAIN) from error
    finally:
        for future in waiting:
            future.cancel()


def _opened(workers: Executor | str | int) -> AbstractContextManager[_Crew]:
    if isinstance(workers, Executor):
        return nullcontext(_Crew(workers, os.cpu_count() or 1, Future.result))
    spec = str(workers).strip()
    if spec.startswith(("tcp://", "tls://")):
        return _on_dask(spec)
    if not spec.isascii() or not spec.isdigit() or not 1 <= int(spec) <= _MOST_PROCESSES:
        raise ConfigError(
            f"workers: {spec!r} is neither a number of processes (1 to {_MOST_PROCESSES}) nor the address of a "
            "Dask scheduler such as tcp://scheduler:8786"
        )
    return _here(int(spec))


@contextmanager
def _here(count: int) -> Iterator[_Crew]:
    """Processes of this machine, which share its cores; each is started when it is first needed."""
    context = get_context("spawn")  # a copy of a process whose threads hold locks may hang
    pool = ProcessPoolExecutor(count, context, _take_cores, (context.Value("i", 0), count))
    try:
        yield _Crew(pool, count, Future.result)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _take_cores(started: Synchronized[int], count: int) -> None:
    """Keep a process to its share of the cores, by which the engine takes as many threads."""
    if not hasattr(os, "sched_setaffinity"):
        return
    with started.get_lock():
        number = started.value
        started.value += 1
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, mine[number % len(mine) :: count] or mine)


@contextmanager
def _on_dask(address: str) -> Iterator[_Crew]:
    """The workers of a Dask scheduler; one that is lost gives its pieces to the others."""
    try:
        dask = import_module("distributed")  # of an extra, without types
    except ImportError as error:
        raise ConfigError(f"{address} needs Dask", 'pip install "babelquote[dask]"') from error
    try:
        client: _Client = dask.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # its own kinds of both, by version
        problem = f"no Dask scheduler answers at {address}"
        raise EmbedderError(problem, "start one with: dask scheduler, and workers with: dask worker ADDRESS") from error
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise EmbedderError(f"the Dask scheduler at {address} has no workers", f"start one: dask worker {address}")
        # One piece fills the cores of a machine: its threads take turns, and cost nothing but a little memory.
        with client.get_executor(retries=_RETRIES, pure=False) as executor:
            yield _Crew(executor, threads, partial(_result, client, address))
    finally:
        client.close(timeout=_LOOK)


def _result(client: _Client, address: str, future: Future[FloatArray]) -> FloatArray:
    """Wait for a result, as long as the scheduler is there."""
    while True:
        try:
            return future.result(_LOOK)
        except NotYetError:
            if client.status != "running":
                raise _lost(address) from None
        except CancelledError:
            raise _lost(address) from None
        except EmbedderError:
            raise
        except Exception as error:  # a worker that was lost too often, or trouble of its own: the library's many kinds
            problem = f"the workers of {address} could not embed ({' '.join(str(error).split())[:200]})"
            raise EmbedderError(problem, _AGAIN) from error


def _lost(address: str) -> EmbedderError:
    return EmbedderError(f"the Dask scheduler at {address} was lost in the middle", _AGAIN)
