"""BM25 in the server: the formula of `index.stores.embedded.postings`, over our own terms in a table.

A row holds a term with some of the passages that hold it: keys, how often, and how many terms each passage has. An
update adds rows of its own. Of a passage that is gone the postings stay until everything is written anew; its key
stands in `dead`, and its terms in `gone`, so that scores are those of an index that never had it.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.stores.base import Filter, Hit, KeywordHits
from index.stores.embedded.postings import K1, B, digest
from index.stores.postgres.filters import named
from index.stores.postgres.snapshot import Snapshot
from index.stores.terms import terms

__all__ = ["search_keywords", "signed"]

_SEARCH = """
WITH weights AS MATERIALIZED (
    SELECT a.term, h.held, ln(1 + (%(passages)s - h.held + 0.5) / (h.held + 0.5)) AS weight
    FROM unnest(%(terms)s::bigint[]) a(term) CROSS JOIN LATERAL (
        SELECT coalesce((SELECT sum(p.holders) FROM {postings} p WHERE p.term = a.term), 0)::float8
            - (SELECT count(*) FROM {gone} g WHERE g.term = a.term) AS held
    ) h
), found AS (
    SELECT w.weight, unnest(p.keys) AS key, unnest(p.counts)::float8 AS count, unnest(p.lengths)::float8 AS length
    FROM weights w JOIN {postings} p ON p.term = w.term
), scored AS (
    SELECT key, sum(weight * %(most)s::float8 * count / (count + %(base)s::float8 + %(slope)s::float8 * length))::real
        AS score
    FROM found WHERE {allowed} GROUP BY key
), best AS (
    SELECT key, score FROM scored WHERE {living} ORDER BY score DESC, key LIMIT %(k)s
)
SELECT b.key, b.score, w.ceiling FROM (
    SELECT CASE WHEN coalesce(max(held), 0) > 0 THEN sum(weight) ELSE 0 END AS ceiling FROM weights
) w LEFT JOIN best b ON true ORDER BY b.score DESC, b.key
"""


def signed(term: str) -> int:
    """Return the 64 bits of a term as PostgreSQL's bigint."""
    found = digest(term)
    return found - (1 << 64) if found >> 63 else found


def search_keywords(
    snapshot: Snapshot, text: str, k: int, where: Filter | None, keys: Sequence[int] | None
) -> KeywordHits:
    """Return the `k` passages with the highest BM25 score for a text, best first, and the ceiling of such scores.

    Args:
        snapshot: of the index.
        text: the question.
        k: how many passages at most.
        where: which may be found; `None` means all.
        keys: their keys where they are few; `None`: the server applies the filter.
    """
    asked = [signed(term) for term in dict.fromkeys(terms(text))]
    if not asked:
        return KeywordHits((), 0.0)
    pointer = snapshot.pointer
    mean = max(pointer.terms / pointer.passages if pointer.passages else 1.0, 1.0)
    values: dict[str, object] = {
        "terms": asked, "passages": pointer.passages, "k": max(k, 0), "most": K1 + 1,
        "base": K1 * (1 - B), "slope": K1 * B / mean,
    }  # fmt: skip
    allowed, living = "true", "key NOT IN (SELECT key FROM {dead})"
    if keys is not None:
        allowed, values["keys"] = "key = ANY(%(keys)s)", list(keys)
    elif where is not None:
        living += f" AND key IN ({named(where, values)})"
    statement = _SEARCH.replace("{allowed}", allowed).replace("{living}", living)
    rows = snapshot.rows(pointer.tables.fill(statement), values)
    hits = tuple(Hit(int(key), float(score)) for key, score, _ in rows if key is not None)
    return KeywordHits(hits, float(rows[0][2]))
