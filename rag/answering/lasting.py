"""A look into an index that lasts when the server of the index goes away in the middle: it is taken again, whole.

Another server may have its place by then, or the same one be back: `Live.reading` waits for that. Its own error means
that nobody came, and is final.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from index.errors import StoreUnreachableError
from rag.answering.narrowing import Live
from rag.llms.events import StreamEvent, Withdrawn
from rag.retrieval.retrieve import Readable

__all__ = ["lasting", "lasting_events"]

_T = TypeVar("_T")
_TRIES = 3


def lasting(live: Live, look: Callable[[Readable], _T]) -> _T:
    """Return what a look into the index gives.

    Raises:
        StoreUnreachableError: no server answered, or each went away in the middle.
    """
    for _ in range(_TRIES - 1):
        with live.reading() as index:
            try:
                return look(index)
            except StoreUnreachableError:
                continue
    with live.reading() as index:
        return look(index)


def lasting_events(live: Live, events: Callable[[Readable], Iterator[StreamEvent]], llm: str) -> Iterator[StreamEvent]:
    """Yield the events of an answer; what was said before it had to begin anew is withdrawn.

    Args:
        live: the index.
        events: answers over one generation of it.
        llm: spec of the backend.
    """
    for tries_left in range(_TRIES - 1, -1, -1):
        said = False
        with live.reading() as index:
            try:
                for event in events(index):
                    said = True
                    yield event
            except StoreUnreachableError:
                if not tries_left:
                    raise
            else:
                return
        if said:
            yield Withdrawn(llm)
