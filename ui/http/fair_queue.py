"""Places at work that visitors share: whoever has many questions waits behind the others, not before them.

Round robin among visitors (Nagle 1985, RFC 970), and within each among what that visitor has open.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

__all__ = ["SIGNED_IN", "Places", "Visitor", "visitor_of"]

Visitor: TypeAlias = Sequence[str]
"""Who asks, from the person to the page: each part shares the turns of the one before it."""

SIGNED_IN = "babelquote.user"
"""Key of a request's scope that holds the name of who signed in."""

Item = TypeVar("Item")


def visitor_of(scope: Mapping[str, Any], page: str = "") -> Visitor:
    """Return who sent a request: the name of who signed in, else the address; and the page in which they ask."""
    client = scope.get("client")
    who = scope.get(SIGNED_IN) or (f"at {client[0]}" if client else "")
    return (str(who), page)


class _Turns(Generic[Item]):
    """What waits, by visitor; whose turn it was goes to the end."""

    def __init__(self) -> None:
        self._parts: OrderedDict[str, _Turns[Item]] = OrderedDict()
        self._items: deque[Item] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, visitor: Visitor, item: Item) -> None:
        self._count += 1
        if visitor:
            self._parts.setdefault(visitor[0], _Turns()).push(visitor[1:], item)
        else:
            self._items.append(item)

    def pop(self) -> Item:
        self._count -= 1
        if not self._parts:
            return self._items.popleft()
        name, part = next(iter(self._parts.items()))
        item = part.pop()
        if len(part):
            self._parts.move_to_end(name)
        else:
            del self._parts[name]
        return item

    def remove(self, visitor: Visitor, item: Item) -> bool:
        """Take something out before its turn; returns `False` when it is not there any more."""
        if visitor:
            part = self._parts.get(visitor[0])
            found = part is not None and part.remove(visitor[1:], item)
            if part is not None and not len(part):
                del self._parts[visitor[0]]
        else:
            found = item in self._items
            if found:
                self._items.remove(item)
        self._count -= found
        return found

    def before(self, visitor: Visitor) -> int:
        """Return how many of those that wait would have their turn before one more of the visitor's."""
        if not visitor:
            return len(self._items)
        own = self._parts[visitor[0]].before(visitor[1:]) if visitor[0] in self._parts else 0
        return own + sum(min(len(part), own + 1) for name, part in self._parts.items() if name != visitor[0])


class Places:
    """Lets so many work at once and the others wait, who hold no thread meanwhile. To be used from one event loop.

    Args:
        count: how many work at the same time.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._turns: _Turns[asyncio.Future[None]] = _Turns()

    def locked(self) -> bool:
        """Tell whether one would have to wait."""
        return self._free <= 0 or len(self._turns) > 0

    def before(self, visitor: Visitor) -> int:
        """Return how many of those that wait would come before one more question of a visitor."""
        return self._turns.before(visitor)

    async def acquire(self, visitor: Visitor) -> bool:
        """Take a place when it is the visitor's turn."""
        if not self.locked():
            self._free -= 1
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.push(visitor, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()  # it was given at the same moment, and nobody else would give it back
            else:
                self._turns.remove(visitor, turn)
            raise
        return True

    def release(self) -> None:
        """Give a place back, to whose turn it is."""
        self._free += 1
        while self._free > 0 and len(self._turns):
            turn = self._turns.pop()
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
