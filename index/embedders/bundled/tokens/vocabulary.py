"""The pieces of a vocabulary as a tree of letters (Fredkin 1960) that lies in a file and is never read as a whole.

A dictionary of a quarter of a million pieces takes 0.15 s and 60 MB at each start, to cut a question into ten of them.
Node 0 is the root. The children of a node lie side by side, sorted by letter, so that one is found by bisection.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.kept_files import HEAD, keep, mapped, place
from index.embedders.bundled.packed import PackedModel

__all__ = ["NONE", "Tree", "tree_of", "view_of"]

NONE = -1
"""No node; no piece."""
_KEPT = 2
_CODE = Path(__file__)


class Tree:
    """Finds pieces letter by letter. Several threads may use one.

    Args:
        arrays: shape (3, nodes), int32: the letter by which a node is reached, the number of its piece or `NONE`,
            and its first child, before which those of the nodes before it lie.
    """

    def __init__(self, arrays: NDArray[np.int32]) -> None:
        # Views, since an array makes an object of each number that is read.
        self._letters, self._pieces, self._children = (view_of(row) for row in arrays)
        self._nodes = arrays.shape[1]

    def child(self, node: int, letter: int) -> int:
        """Return the node that a letter (a code point) leads to, `NONE` where no piece goes on so."""
        first, behind = self._children[node], self._children[node + 1] if node + 1 < self._nodes else self._nodes
        found = bisect_left(self._letters, letter, first, behind)
        return found if found < behind and self._letters[found] == letter else NONE

    def piece(self, node: int) -> int:
        """Return the number of the piece that ends at a node, `NONE` where none does."""
        found: int = self._pieces[node]
        return found


def view_of(numbers: NDArray[Any]) -> Sequence[Any]:
    """Return a view of an array's numbers that gives Python's own, without a copy of them."""
    view: Sequence[Any] = memoryview(numbers)  # type: ignore[arg-type] # the stubs don't know it as one
    return view


def tree_of(model: PackedModel, specials: int) -> Tree:
    """Return the tree of a model's pieces, from the cache folder where it was kept before.

    Args:
        model: the packed model.
        specials: so many pieces at the beginning stand for no text.
    """
    identity = f"{model.vocabulary_digest} {specials} {hashlib.sha256(_CODE.read_bytes()).hexdigest()}"
    path = place("vocabularies", identity, ".tree")
    data = mapped(path)
    if data is not None and len(data) > HEAD and (len(data) - HEAD) % 12 == 0:
        return Tree(np.frombuffer(data, np.int32, offset=HEAD).reshape(3, -1))
    arrays = _arrays(model.pieces, specials)
    keep(path, arrays.tobytes(), _KEPT)
    return Tree(arrays)


def _arrays(pieces: list[str], specials: int) -> NDArray[np.int32]:
    """Build the tree level by level: in the order of the alphabet a node's pieces stand together."""
    order = sorted(range(specials, len(pieces)), key=pieces.__getitem__)
    letters = _letters([pieces[number] for number in order])
    sizes = (letters > 0).sum(1)
    differs = letters[1:] != letters[:-1]
    # How many letters a piece shares with the one before it.
    shared = np.concatenate([[0], np.where(differs.any(1), differs.argmax(1), letters.shape[1])])
    numbers = np.array(order, np.int32)
    levels = [(np.array([0]), np.array([0], np.int32), np.array([NONE], np.int32))]
    parents: list[NDArray[np.int64]] = []
    first = 0
    for depth in range(1, letters.shape[1] + 1):
        rows = np.flatnonzero((sizes >= depth) & (shared < depth))
        parents.append(first + np.searchsorted(levels[-1][0], rows, "right") - 1)
        first += len(levels[-1][0])
        here = np.where(sizes[rows] == depth, numbers[rows], NONE).astype(np.int32)
        levels.append((rows, letters[rows, depth - 1], here))
    _, of_nodes, piece_at = (np.concatenate(part) for part in zip(*levels, strict=True))
    counts = np.bincount(np.concatenate(parents), minlength=len(piece_at))
    children = 1 + np.concatenate([[0], counts.cumsum()[:-1]])
    return np.stack([of_nodes, piece_at, children]).astype(np.int32)


def _letters(pieces: list[str]) -> NDArray[np.int32]:
    """Return the code points of each piece, zeros behind them, shape (pieces, longest)."""
    longest = max(map(len, pieces))
    joined = "".join(piece.ljust(longest, "\0") for piece in pieces)
    return np.frombuffer(joined.encode("utf-32-le"), np.int32).reshape(len(pieces), longest)
