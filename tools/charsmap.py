"""A character table in the form that SentencePiece calls a precompiled character map.

The form is a double-array trie (Aoe 1989, in the layout of Darts-clone) over the UTF-8 bytes
of each character, followed by the replacements, each ended by a NUL byte. Tokenizer files
use it, so an exported model normalises text by the same table as the packed one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

_LEAF = 1 << 8
_VALUE = 1 << 31
_SPAN = 256

_Node = dict[int, "_Node | int"]


def precompile(table: Mapping[int, str]) -> bytes:
    """Build the precompiled map of a table from code points to their replacements."""
    replacements, places = bytearray(), dict[str, int]()
    root: _Node = {}
    for character, replacement in sorted(table.items()):
        if replacement not in places:
            places[replacement] = len(replacements)
            replacements += replacement.encode() + b"\0"
        _insert(root, chr(character).encode(), places[replacement])
    units = _DoubleArray(root).units
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(replacements)


def _insert(node: _Node, key: bytes, value: int) -> None:
    for byte in key:
        child = node.setdefault(byte, {})
        assert isinstance(child, dict)
        node = child
    node[0] = value


class _DoubleArray:
    """Places the nodes of a trie so that the child by byte b of a node with base o is at o ^ b."""

    def __init__(self, root: _Node) -> None:
        self.units: list[int] = [0] * _SPAN
        self._taken = {0}
        self._bases: set[int] = set()
        self._first_free = 1
        waiting: list[tuple[int, _Node]] = [(0, root)]
        while waiting:
            place, node = waiting.pop()
            waiting.extend(self._place(place, node))

    def _place(self, place: int, node: _Node) -> Iterator[tuple[int, _Node]]:
        base = self._base_for(node)
        self._bases.add(base)
        self.units[place] |= _offset_bits(place ^ base) | (_LEAF if 0 in node else 0)
        for byte, child in node.items():
            spot = base ^ byte
            self._taken.add(spot)
            if isinstance(child, int):
                self.units[spot] = _VALUE | child
            else:
                self.units[spot] = byte
                yield spot, child

    def _base_for(self, node: _Node) -> int:
        some_byte = next(iter(node))
        spot = self._free_from(self._first_free)
        self._first_free = spot
        while True:
            base = spot ^ some_byte
            if base not in self._bases and not any(base ^ byte in self._taken for byte in node):
                return base
            spot = self._free_from(spot + 1)

    def _free_from(self, spot: int) -> int:
        while spot in self._taken:
            spot += 1
        if spot >= len(self.units):
            self.units.extend([0] * _SPAN)
        return spot


def _offset_bits(offset: int) -> int:
    if offset < 1 << 21:
        return offset << 10
    return (offset >> 8) << 10 | 1 << 9
