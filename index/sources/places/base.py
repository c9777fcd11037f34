"""What a place gives: the things that lie in it, each with its size and version, and their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Entry", "LeftOut", "Place"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a place.

    Attributes:
        tail: what its source adds to the address of the place; `""` when the place is this one thing.
        path: its name below the place, with `/`, for patterns; `""` when none apply.
        suffix: of its file on this machine, with its dot.
        size: bytes, `None` when the place does not say.
        version: changes whenever the bytes do; `""` when the place says nothing of that kind.
        read: gives the bytes, piece by piece; raises `RefusedError` or what the place's library raises.
    """

    tail: str
    path: str
    suffix: str
    size: int | None
    version: str
    read: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry of a place that is not read, and why.

    Attributes:
        tail: what its source adds to the address of the place.
        reason: why.
        lost: whether that is a failure, so that what is known of it stays; else it is left out on purpose.
    """

    tail: str
    reason: str
    lost: bool


class Place(Protocol):
    """A place that is open."""

    def entries(self) -> Iterator[Entry | LeftOut]:
        """Go through all that lies there.

        Raises:
            RefusedError: it can't be listed.
        """
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
