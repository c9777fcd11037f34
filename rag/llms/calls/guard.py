"""Limits around a backend: a total deadline, an idle timeout, a size cap, retries before the first word, cancellation.

The timeouts of an HTTP library count from one read to the next, so that a server which sends a byte every few seconds
holds its caller for ever. Here the backend is read in a thread of its own; the consumer waits on a queue and stops
waiting on time, whatever the backend does.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.base import LLM
from rag.llms.calls.callers import CallerLeftError, caller
from rag.llms.events import Piece, text_of

__all__ = ["LateError", "Limits", "Sink", "TransientError", "guarded", "limited", "pour", "retrying"]

# Pieces that may wait for a slow consumer; a full queue slows the backend down instead of filling the memory.
_WAITING = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What a backend may take; seconds unless said otherwise.

    Attributes:
        total: from the call to the last piece, retries and pauses included.
        first: from the call to the first sign of life of the reply; models that think need more than `idle`.
        idle: between two pieces after that.
        tries: how often a request is sent at most.
        backoff: pause before the second try; doubled for each further one, with jitter.
        longest_pause: a server that asks for more (Retry-After) is not waited for.
        max_characters: a longer reply is cut and counts as failed.
    """

    total: float = 300.0
    first: float = 120.0
    idle: float = 60.0
    tries: int = 3
    backoff: float = 0.5
    longest_pause: float = 10.0
    max_characters: int = 1_000_000

    def __post_init__(self) -> None:
        """Refuse limits that nothing could keep."""
        if min(self.total, self.first, self.idle) <= 0 or self.tries < 1 or self.max_characters < 1:
            raise ConfigError("the limits of a language model must all be greater than zero")

    def within(self, seconds: float) -> Limits:
        """Return the limits of who gives a reply so many seconds: silence may take them all at first, then half."""
        return replace(self, total=seconds, first=seconds, idle=max(self.idle, seconds / 2))


def limited(llm: LLM, seconds: float | None) -> LLM:
    """Return a backend that may take so long for a reply; `None`, and backends without limits, leave it as it is."""
    change = getattr(llm, "within", None)
    return llm if seconds is None or change is None else cast("LLM", change(seconds))


class LateError(LLMError):
    """A limit of time that was reached; what was said until then is whole words of the model's."""


class TransientError(LLMError):
    """A failure that may pass: worth another try as long as nothing was said.

    Attributes:
        retry_after: seconds that the server asked to wait, or `None`.
    """

    def __init__(self, problem: str, fix: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(problem, fix)
        self.retry_after = retry_after


def retrying(attempt: Callable[[], Iterator[Piece]], limits: Limits, stop: threading.Event) -> Iterator[Piece]:
    """Yield what an attempt yields; try again after a transient failure, but never once a piece of text was said.

    Args:
        attempt: sends the request and yields the pieces; an empty piece is a sign of life.
        limits: number of tries and pauses.
        stop: set when nobody waits for the reply any more.

    Raises:
        LLMError: the last attempt's.
    """
    for number in range(1, limits.tries + 1):
        spoken = False
        try:
            for piece in attempt():
                spoken = spoken or bool(text_of(piece))
                yield piece
        except TransientError as error:
            pause = _pause(error, number, limits)
            if spoken or number == limits.tries or pause is None or stop.wait(pause):
                raise
        else:
            return


def _pause(error: TransientError, number: int, limits: Limits) -> float | None:
    """Return the seconds to wait before the next try, or `None` when the server asks for too many."""
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= limits.longest_pause else None
    pause = limits.backoff * 2 ** (number - 1) * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret
    return float(min(pause, limits.longest_pause))


class Sink:
    """What a backend writes its reply into, from a thread of its own; a consumer reads at the other end, in time.

    Attributes:
        stop: set when nobody waits for the reply any more.
        ended: set when the backend's thread has nothing left to do.
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self.stop = threading.Event()
        self.ended = threading.Event()
        self._name = name
        self._limits = limits
        self._deadline = time.monotonic() + limits.total
        self._queue: queue.Queue[Piece | LLMError | None] = queue.Queue(_WAITING)
        self._end: LLMError | None = None
        self._size = 0

    def put(self, piece: Piece) -> bool:
        """Hand a piece over (an empty one is a sign of life); `False` says that no more is wanted. Never raises."""
        self._size += len(text_of(piece))
        if self._size > self._limits.max_characters:
            most = f"{self._limits.max_characters:,}"
            self._end = LLMError(f"{self._name} wrote more than {most} characters; the answer is incomplete")
        elif time.monotonic() > self._deadline:
            self._end = self._late(total=True, spoken=self._size > 0)
        return self._end is None and self._offer(piece)

    def fill(self, produce: Callable[[Sink], None]) -> None:
        """Run the backend; however it ends, the consumer hears of it."""
        try:
            produce(self)
        except LLMError as error:
            error.__context__ = None  # the foreign error behind it holds the request, and so the key
            self._end = self._end or error.with_traceback(None)
        except Exception as error:  # noqa: BLE001 -- a thread has no caller: the consumer must hear of it, whatever it is
            # Only the kind is reported: the text of a foreign error may hold an address or a key.
            kind = type(error).__name__
            self._end = self._end or LLMError(f"{self._name} sent something that can't be read ({kind})")
        self._offer(self._end)

    def pieces(self) -> Iterator[Piece]:
        """Yield what was written, without the empty pieces that tell nothing.

        Raises:
            LLMError: the backend's, or it took too long.
            CallerLeftError: nobody waits for it any more.
        """
        patience, spoken = self._limits.first, False
        while True:
            left = self._deadline - time.monotonic()
            try:
                item = self._queue.get(timeout=max(min(left, patience), 0.001))
            except queue.Empty:
                raise self._late(left <= patience, spoken) from None
            if self.stop.is_set():
                raise CallerLeftError
            if item is None:
                return
            if isinstance(item, LLMError):
                raise item
            patience = self._limits.idle
            spoken = spoken or bool(text_of(item))
            if item != "":
                yield item

    def abandon(self) -> None:
        """Wake the consumer, who waits for nobody any more. From any thread."""
        self.stop.set()
        with suppress(queue.Full):  # then it does not wait
            self._queue.put_nowait(None)

    def _offer(self, item: Piece | LLMError | None) -> bool:
        while not self.stop.is_set():
            try:
                self._queue.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def _late(self, total: bool, spoken: bool) -> LLMError:
        what = "the answer is incomplete" if spoken else "nothing was answered"
        fix = "give it longer with --llm-timeout or RAG_LLM_TIMEOUT"
        if total:
            return LateError(f"{self._name} did not finish within {self._limits.total:g} s; {what}", fix)
        return LateError(f"{self._name} fell silent for too long; {what}", fix)


def guarded(
    name: str,
    produce: Callable[[Sink], None],
    limits: Limits,
    cancel: Callable[[], None] = lambda: None,
    running: set[Sink] | None = None,
) -> Iterator[Piece]:
    """Yield what a backend writes, within its limits.

    Args:
        name: the backend's spec, for messages.
        produce: called in a thread of its own; writes into the sink until it is done or told that no more is wanted.
        limits: what it may take.
        cancel: called once from the consumer's thread to break off a wait inside `produce`.
        running: where the sink is noted while its thread works, for who must wait for it.

    Raises:
        LLMError: what `produce` raised, or a limit that was reached, or nothing but white space was said.
        CallerLeftError: nobody waits for it any more (`rag.llms.calls.callers`).
    """
    sink = Sink(name, limits)
    _start(name, sink, produce, running)
    spoken = False
    try:
        with caller().telling(sink.abandon):
            for piece in sink.pieces():
                spoken = spoken or bool(text_of(piece).strip())
                yield piece
        if not spoken:
            raise LLMError(f"{name} answered with an empty text", "ask again, or choose another model with --llm")
    finally:
        sink.stop.set()
        cancel()


def _start(name: str, sink: Sink, produce: Callable[[Sink], None], running: set[Sink] | None) -> None:
    noted = set() if running is None else running

    def work() -> None:
        try:
            sink.fill(produce)
        finally:
            noted.discard(sink)
            sink.ended.set()

    # A daemon, because a reader that hangs in a dead connection must not keep the process from ending.
    noted.add(sink)
    threading.Thread(target=work, name=f"reading {name}", daemon=True).start()


def pour(pieces: Iterator[Piece], sink: Sink) -> None:
    """Write all pieces into the sink, as long as they are wanted."""
    for piece in pieces:
        if not sink.put(piece):
            break
