"""Looks for quotations over all documents of an index: passages by the keyword index first, then letter by letter.

The keyword index proposes; only what is proposed is compared, so that the time grows with the quotation and not with
the index. A quotation may run over the borders of passages: what is compared is the passage and what is around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from index.records import location
from index.stores.base import Filter, PassageStore
from index.types import Document, Passage
from rag.drafts.marks import Quotation
from rag.drafts.matching import Match, Wanted, exact, nearly, wanted
from rag.drafts.normal import Normal, normal, words_of
from rag.drafts.types import CheckedQuotation, QuotationVerdict
from rag.types import Citation, Support

__all__ = ["Searched", "Searcher", "citation_of"]

# Words of a quotation that are asked for at once; a longer one is asked for by pieces of it, at most so many.
_PIECE, _MOST_PIECES = 14, 3
_CANDIDATES, _OF_SHORT, _SHORT = 16, 100, 4  # passages a piece proposes; many for a quotation of few words
_COMPARED = 24  # passages that are held against it for near likeness, the nearest first
_AROUND = 400  # letters around a passage that are compared with it, and as many more as the quotation is long
_STEP = 512  # so that neighbours are compared by the same stretch, which is normalised once
_MOST_SHOWN = 3  # documents in which a quotation is shown to stand


class Searched(Protocol):
    """What is needed of an index."""

    @property
    def store(self) -> PassageStore:
        """Its documents, passages and keywords."""
        ...


class Searcher:
    """Finds quotations in one generation of an index; what it reads for one it keeps for the next.

    Args:
        index: an open index.
        where: which passages may be found; `None` means all.
    """

    def __init__(self, index: Searched, where: Filter | None = None) -> None:
        self._store = index.store
        self._where = where
        self.document = lru_cache(maxsize=32)(index.store.document)
        self._normal = lru_cache(maxsize=256)(self._normalised)

    def check(self, quotation: Quotation) -> CheckedQuotation:
        """Return what becomes of a quotation."""
        asked = wanted(quotation.words)
        if asked is None:
            return self._checked(quotation, "absent", [])
        passages = list(self._candidates(asked))
        if found := list(self._exact(asked, passages)):
            return self._checked(quotation, "exact", found)
        best = max(self._nearly(asked, passages), key=lambda one: one[1].share, default=None)
        return self._checked(quotation, "nearly" if best else "absent", [best] if best else [])

    def _candidates(self, asked: Wanted) -> Iterator[Passage]:
        """Yield the passages that hold most words of a quotation, the best of each piece first."""
        words = [word.text for part in asked.parts for word in words_of(part) if word.says]
        many = _OF_SHORT if len(words) <= _SHORT else _CANDIDATES
        scores: dict[int, float] = {}
        for piece in _pieces(words, asked.plain):
            for hit in self._store.keyword(piece, many, self._where).hits:
                scores[hit.key] = max(scores.get(hit.key, 0.0), hit.score)
        yield from self._store.passages(sorted(scores, key=lambda key: -scores[key]))

    def _exact(self, asked: Wanted, passages: Sequence[Passage]) -> Iterator[tuple[Passage, Match, Normal, int]]:
        """Yield where a quotation stands, each document once."""
        seen: set[str] = set()
        for passage in passages:
            if passage.document_id in seen:
                continue
            there, offset = self._around(passage, len(asked.plain))
            found = exact(asked, there)
            if found is not None:
                seen.add(passage.document_id)
                yield passage, found, there, offset
            if len(seen) == _MOST_SHOWN:
                return

    def _nearly(self, asked: Wanted, passages: Sequence[Passage]) -> Iterator[tuple[Passage, Match, Normal, int]]:
        for passage in passages[:_COMPARED]:
            there, offset = self._around(passage, len(asked.plain))
            found = nearly(asked, there)
            if found is not None:
                yield passage, found, there, offset

    def _around(self, passage: Passage, length: int) -> tuple[Normal, int]:
        """Return the normal text of a passage and what is around it, and where it begins in the document."""
        reach = _AROUND + length
        low = max(0, passage.start - reach) // _STEP * _STEP
        high = (passage.end + reach + _STEP - 1) // _STEP * _STEP
        return self._normal(passage.document_id, low, high), low

    def _normalised(self, name: str, low: int, high: int) -> Normal:
        return normal(self.document(name).text[low:high])

    def _checked(
        self,
        quotation: Quotation,
        verdict: QuotationVerdict,
        found: Sequence[tuple[Passage, Match, Normal, int]],
    ) -> CheckedQuotation:
        citations = tuple(self._citation(number, verdict, *each) for number, each in enumerate(found, start=1))
        differences = found[0][1].differences if found else ()
        return CheckedQuotation(quotation.start, quotation.end, quotation.words, verdict, citations, differences)

    def _citation(
        self, number: int, verdict: QuotationVerdict, passage: Passage, match: Match, there: Normal, offset: int
    ) -> Citation:
        start, end = there.span(match.start, match.end)
        support: Support = "supported" if verdict == "exact" else "partly"
        document = self.document(passage.document_id)
        return citation_of(document, offset + start, offset + end, number, support, passage)


def citation_of(document: Document, start: int, end: int, number: int, support: Support, passage: Passage) -> Citation:
    """Return the citation of some words of a document."""
    return Citation(
        number=number,
        document_id=document.id,
        title=document.title,
        source=document.source,
        start=start,
        end=end,
        quote=document.text[start:end],
        support=support,
        language=passage.language,
        location=location(document, start, end),
        passage_id=passage.id,
    )


def _pieces(words: Sequence[str], plain: str) -> Iterator[str]:
    """Yield what is asked for: the whole of a short quotation, else pieces of its beginning, middle and end."""
    if len(words) <= _PIECE:
        yield plain
        return
    joint = " " if " " in plain else ""
    last = len(words) - _PIECE
    for start in dict.fromkeys(last * number // (_MOST_PIECES - 1) for number in range(_MOST_PIECES)):
        yield joint.join(words[start : start + _PIECE])
