"""The index over the vectors: which methods there are, how one is made, and what its searches may cost.

No statement names a method: other engines that speak PostgreSQL have other ones (YugabyteDB's is `ybhnsw`).
`RAG_VECTOR_INDEX` chooses; `none` searches every vector.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from index.errors import ConfigError
from index.stores.postgres.tables.pointer import Search

__all__ = ["EXACT_UPTO", "Method", "chosen_method", "index_statement", "method_of", "session_settings"]

EXACT_UPTO = 20_000
"""Passages up to which every search looks at all vectors: 19,800 of 384 dimensions take the server 9 ms, a graph 11."""

_CARE = 128  # takes half again as long to build as the default of 64, and halves what a search costs
_LINKS = 32  # a third more to build than the default of 16, and half the effort finds as much
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True)
class Method:
    """What there is to know of a method.

    Attributes:
        setting: what says how much a search may cost.
        start: its first value.
        most: its highest value.
        steady: settings of every search: rows go on coming until enough passed the filter.
    """

    setting: str
    start: int
    most: int
    steady: str = ""


_METHODS = {
    # Rows are put in order here; strict order throws away what comes late, a tenth of the nearest at the least effort.
    "hnsw": Method("hnsw.ef_search", 100, 1000, "SET LOCAL hnsw.iterative_scan = relaxed_order;"),
    "ivfflat": Method("ivfflat.probes", 10, 2000, "SET LOCAL ivfflat.iterative_scan = relaxed_order;"),
    "ybhnsw": Method("ybhnsw.ef_search", 100, 1000),
}


def chosen_method() -> str:
    """Return the method for a new index, `""` for none.

    Raises:
        ConfigError: `RAG_VECTOR_INDEX` can't be the name of a method.
    """
    method = os.environ.get("RAG_VECTOR_INDEX", "") or "hnsw"
    if not _NAME.fullmatch(method):
        raise ConfigError(f"RAG_VECTOR_INDEX: {method!r} can't be a method of an index", "write hnsw, ivfflat or none")
    return "" if method == "none" else method


def method_of(name: str) -> Method | None:
    """Return what is known of a method."""
    return _METHODS.get(name)


def index_statement(table: str, method: str, count: int) -> str:
    """Return the statement that makes the index of a table's vectors.

    Args:
        table: its name.
        method: of the index.
        count: rows of the table.
    """
    made = {
        "ivfflat": f" WITH (lists = {max(10, min(count // 500, 4000))})",
        "hnsw": f" WITH (m = {_LINKS}, ef_construction = {_CARE})",
    }
    return f"CREATE INDEX ON {table} USING {method} (embedding halfvec_ip_ops){made.get(method, '')}"


def session_settings(search: Search) -> str:
    """Return the statements that a transaction starts with whose searches use an index.

    Without them the server's planner now and then reads the whole table instead, because it takes a search of the index
    to cost more than it does.
    """
    known = _METHODS.get(search.method)
    if known is None:
        return ""
    effort = f"SET LOCAL {known.setting} = {int(search.effort)};" if search.effort else ""
    return f"{known.steady}{effort}SET LOCAL enable_seqscan = off;"
