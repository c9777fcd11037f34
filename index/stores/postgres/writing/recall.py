"""Makes the index over the vectors and measures what it finds, before anybody searches by it.

A graph can be cut off from some of its vectors, and then finds the others without a word. So its own vectors are
searched by it and by looking at all of them, and so are vectors between two of them and those of sentences; what a
search may cost is raised until it finds enough.

Sentences are the hardest and stand for questions: both are short and lie far from every passage. Of 30,000 passages a
graph that found 97.9 % of the nearest for vectors between two found 96.5 % for sentences and 96.7 % for questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from index.stores.postgres.connection import Connection
from index.stores.postgres.searching.samples import own_vectors, sentence_vectors, unit
from index.stores.postgres.tables import methods
from index.stores.postgres.tables.methods import chosen_method, index_statement, method_of, session_settings
from index.stores.postgres.tables.pointer import Pointer, Search
from index.types import FloatArray

__all__ = ["indexed", "measured"]

_QUERIES, _NEAREST = 50, 100
_AIM = 0.985  # above what is enough (`index.stores.recall`) by what other questions than the measured ones may differ
_GROWN = 1.1  # an index that has so many times the passages it was measured with is measured again
_HALF = "mod(hashint4(key), 2) = 0"  # a filter that lets half of them through: its nearest are harder to find
_HALVINGS = 2  # of the gap between too little effort and enough
_SAME = 1e-6  # vectors no farther than the last of the nearest are as good as it


def indexed(connection: Connection, pointer: Pointer, *, new: bool) -> Search:
    """Make the index of a generation's vectors where it has enough of them, and return how it is to be searched.

    Args:
        connection: within the build's transaction.
        pointer: of the generation.
        new: whether its tables are new.
    """
    table, before = pointer.tables["embeddings"], pointer.search
    if pointer.passages <= methods.EXACT_UPTO and (new or not before.method):
        return Search()
    method = chosen_method() if new or not before.method else before.method
    if not method:
        return Search()
    if new or not before.method:
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        connection.execute(index_statement(table, method, pointer.passages).encode())
        before = Search(method)
    elif pointer.passages <= before.measured * _GROWN:
        return before
    return measured(connection, pointer, before)


def measured(connection: Connection, pointer: Pointer, search: Search) -> Search:
    """Return a search with the least effort that finds enough, and its recall.

    Where not even the most effort finds enough, that is taken. Nearest passages are compared with those of a search
    that looks at every vector: for vectors of the index, for some between them and for those of sentences, the latter
    within half of the passages, too.
    """
    known = method_of(search.method)
    kinds = _asked(connection, pointer)
    exact = [
        [_nearest(connection, pointer, each, "(embedding <#> %s::halfvec) + 0", only) for each in kind]
        for only, kind in kinds
    ]

    def tried(effort: int) -> Search:
        trial = replace(search, effort=effort, measured=pointer.passages)
        connection.execute("SAVEPOINT measuring")
        connection.execute(session_settings(trial).encode() or b"SELECT")
        found = [
            [_nearest(connection, pointer, each, "embedding <#> %s::halfvec", only) for each in kind]
            for only, kind in kinds
        ]
        connection.execute("ROLLBACK TO SAVEPOINT measuring")
        return replace(trial, recall=min(_agreement(*pair) for pair in zip(exact, found, strict=True)))

    least, most = search.effort or (known.start if known else 0), known.most if known else 0
    found = _least(tried, least, most)
    return replace(found, recall=round(found.recall, 4))


def _least(tried: Callable[[int], Search], effort: int, most: int) -> Search:
    """Return the least effort that finds enough, to about an eighth; the most there is, where none does."""
    found, short = tried(effort), 0
    while found.recall < _AIM and effort < most:
        short, effort = effort, min(2 * effort, most)
        found = tried(effort)
    for _ in range(_HALVINGS if short and found.recall >= _AIM else 0):
        between = tried((short + found.effort) // 2)
        if between.recall >= _AIM:
            found = between
        else:
            short = between.effort
    return found


def _asked(connection: Connection, pointer: Pointer) -> list[tuple[str, list[str]]]:
    """Return (condition on the passages, vectors as a statement takes them), a pair for each kind."""

    def rows(statement: str, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = connection.execute(statement.encode(), values, binary=True).fetchall()
        return found

    own = own_vectors(rows, pointer, _QUERIES)
    between, sentences = _between(own), sentence_vectors(rows, pointer, _QUERIES)
    kinds = [("true", own), ("true", between), ("true", sentences), (_HALF, sentences if len(sentences) else between)]
    return [(only, [*map(_text, vectors)]) for only, vectors in kinds]


def _between(own: FloatArray) -> FloatArray:
    """Return vectors between two passages each, whose nearest are harder to find than those of a passage."""
    return unit(own + np.roll(own, 1, axis=0))


def _text(vector: FloatArray) -> str:
    return f"[{','.join(map(repr, vector.tolist()))}]"


def _nearest(connection: Connection, pointer: Pointer, query: str, order: str, only: str) -> list[float]:
    """Return the distances of the nearest passages that fulfil a condition, nearest first."""
    table = pointer.tables["embeddings"]
    statement = f"SELECT embedding <#> %s::halfvec FROM {table} WHERE {only} ORDER BY {order} LIMIT {_NEAREST}"
    rows: Sequence[tuple[Any, ...]] = connection.execute(statement.encode(), (query, query)).fetchall()
    return sorted(distance for (distance,) in rows)


def _agreement(exact: Sequence[Sequence[float]], found: Sequence[Sequence[float]]) -> float:
    """Return which share of the nearest passages was found, on average; one as near as the last of them counts."""
    shares = [
        sum(distance <= true[-1] + _SAME for distance in tried) / len(true)
        for true, tried in zip(exact, found, strict=True)
        if true
    ]
    return float(np.minimum(shares, 1.0).mean()) if shares else 1.0
