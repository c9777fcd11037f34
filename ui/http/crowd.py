"""So many connections at once and no more: whoever holds most of them gives one up for whoever holds fewer.

A connection costs a file descriptor and some memory whether or not anything is asked on it. Without a bound a visitor
who opens thousands keeps all others out, and the server from opening its own files. When all are taken, the address
that holds most gives one up (fair shares as in stochastic fair queueing, McKenney 1990): first one on which nothing is
asked, else one whose request still arrives, else one that is being answered.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Protocol

__all__ = ["MOST", "MOST_EACH", "Crowd", "Member", "Stage", "room"]

MOST = 1_000
"""Connections at once. A page holds up to six, most of them for seconds only."""
MOST_EACH = 250
"""Of one address, where addresses tell visitors apart: an office behind one, each page of which holds a connection."""

_WANTED_FILES = 4_096


class Stage(IntEnum):
    """What a connection is at, from what is given up first to what is given up last."""

    WAITING = 0
    ARRIVING = 1
    ANSWERED = 2


class Member(Protocol):
    """What is needed of a connection."""

    def stage(self) -> Stage:
        """Tell what it is at."""
        ...

    def give_up(self) -> None:
        """End it."""
        ...


class Crowd:
    """The connections of a server, by the address they come from.

    Args:
        most: connections at once.
        each: connections of one address; those of shared addresses have no limit but `most`.
        shared: whether many visitors are behind an address: this machine's own, a proxy's.
    """

    def __init__(
        self, most: int = MOST, each: int = MOST_EACH, shared: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._most = most
        self._each = each
        self._shared = shared
        self._members: dict[str, dict[Member, None]] = {}  # of each address, the oldest first
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def admit(self, member: Member, address: str) -> bool:
        """Let a connection in, if need be in the place of another one; `False` when there is no place for it."""
        place = _place(address)
        own = len(self._members.get(place, ()))
        if own >= self._each and not self._shared(address):
            if not self._replace(place, Stage.WAITING):
                return False
        elif self._count >= self._most and not self._make_room(place, own):
            return False
        self._members.setdefault(place, {})[member] = None
        self._count += 1
        return True

    def leave(self, member: Member, address: str) -> None:
        """Forget a connection that has ended; one that was given up is forgotten already."""
        place = _place(address)
        members = self._members.get(place, {})
        if member in members:
            del members[member]
            self._count -= 1
            if not members:
                del self._members[place]

    def _make_room(self, place: str, own: int) -> bool:
        """Give up a connection of the address that holds most; one's own address gives up only what waits."""
        largest = max(self._members, key=lambda one: len(self._members[one]))
        if len(self._members[largest]) > own + 1:
            return self._replace(largest, Stage.ANSWERED)
        return self._replace(place, Stage.WAITING)

    def _replace(self, place: str, last: Stage) -> bool:
        """Give up the oldest connection of an address among those that are at the earliest stage, up to the last."""
        members = self._members.get(place, {})
        chosen = min(members, key=lambda one: one.stage(), default=None)
        if chosen is None or chosen.stage() > last:
            return False
        self.leave(chosen, place)
        chosen.give_up()
        return True


def room(most: int = MOST) -> int:
    """Raise this process's limit of open files as far as it may, and return how many connections it can hold.

    Half of the files are left to the process itself; `most` is never exceeded.
    """
    try:
        import resource
    except ImportError:  # Windows counts them by itself
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _WANTED_FILES:
        wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return most if soft == resource.RLIM_INFINITY else max(1, min(most, soft // 2))


def _place(address: str) -> str:
    """Return what counts as one address: of IPv6 the network of a household, which has 2**64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
