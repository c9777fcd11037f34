"""What the sources make of a claim: the nearest sentences are found, read beside it, and judged as an answer's are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from index.errors import RagError
from index.language.numbers.facts import facts_of
from index.language.sentences.answer_sentences import sentence_spans
from index.language.words import tokens
from index.stores.base import Filter
from index.types import Document, FloatArray
from rag.checking.entailment import Judge, Relation
from rag.checking.spans import Meaning
from rag.checking.support import agreement, check
from rag.checking.verdicts import asked_back, profile_of
from rag.drafts.contradictions import Compared, contradictions
from rag.drafts.searching import citation_of
from rag.drafts.sentences import Statement
from rag.drafts.types import CheckedClaim, ClaimVerdict, Difference
from rag.reading.types import ClaimReader, Verdict
from rag.retrieval.reranking import Reranker
from rag.retrieval.retrieve import Readable, retrieve
from rag.types import ScoredPassage, Support

__all__ = ["Evidence"]

_PASSAGES, _SENTENCES = 5, 3  # that are looked at for a claim
_AT_ONCE = 8  # claims whose evidence is read in one call
_LONGEST = 1_000  # characters of a claim that are looked for; a sentence is seldom half as long
_BETTER: tuple[Support, ...] = ("supported", "partly", "not found")


@dataclass(slots=True)
class _Near:
    """A sentence of the sources beside a claim."""

    hit: ScoredPassage
    start: int
    end: int
    words: str
    closeness: float
    verdict: Verdict | None = None


@dataclass(slots=True)
class _Case:
    """A claim with what is near it, nearest first."""

    statement: Statement
    language: str
    near: list[_Near] = field(default_factory=list)


class Evidence:
    """Judges claims over one generation of an index.

    Args:
        index: an open index.
        reader: reads claims and sentences together; `None`: words, facts and vectors judge alone.
        judge: says whether a sentence entails a claim, instead of the reader.
        where: which passages may be found; `None` means all.
        reranker: orders anew what is found for a claim.
    """

    def __init__(
        self,
        index: Readable,
        reader: ClaimReader | None,
        judge: Judge | None = None,
        where: Filter | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._index = index
        self._reader = reader
        self._profile = profile_of(reader)
        self._judge = judge
        self._where = where
        self._reranker = reranker
        self._documents: dict[str, Document] = {}

    def check(self, statements: Sequence[Statement]) -> Iterator[CheckedClaim]:
        """Yield what becomes of each claim, in their order."""
        for at in range(0, len(statements), _AT_ONCE):
            cases = [self._found(statement) for statement in statements[at : at + _AT_ONCE]]
            self._read(cases)
            for case in cases:
                yield self._judged(case)

    def _found(self, statement: Statement) -> _Case:
        """Retrieve, and keep the sentences that are nearest by words and by meaning."""
        asked = statement.said[:_LONGEST]
        found = retrieve(self._index, asked, _PASSAGES, self._where, reranker=self._reranker)
        words = [token.form for token in tokens(asked)]
        near = [one for hit in found.passages for one in _sentences(hit, words)]
        near.sort(key=lambda one: -one.closeness)
        return _Case(statement, found.language, near[:_SENTENCES])

    def _read(self, cases: Sequence[_Case]) -> None:
        """Let the reader judge all pairs in one call; one that fails is asked no more."""
        pairs = [(case.statement.said[:_LONGEST], near.words) for case in cases for near in case.near]
        if self._reader is None or not pairs:
            return
        try:
            verdicts = self._reader.judge(pairs)
        except RagError:
            self._reader = None
            return
        for near, verdict in zip((near for case in cases for near in case.near), verdicts, strict=True):
            near.verdict = verdict

    def _judged(self, case: _Case) -> CheckedClaim:
        meaning = Meaning(self._embed, self._index.fingerprint)
        said = case.statement.said[:_LONGEST]
        meaning.prepare([said, *(near.words for near in case.near)])
        # What is said in the claim's own language comes first: across languages a unit or an order is easily missed.
        own = [near for near in case.near if not _across(case, near)]
        nearest = own if own and own[0] is case.near[0] else case.near
        judged = [(near, self._support(said, case, near, meaning)) for near in nearest]
        judged.sort(key=lambda one: (_BETTER.index(one[1]), _across(case, one[0])))
        if not judged:
            return self._checked(case.statement, "not found", None, ())
        best, verdict = judged[0]
        if verdict != "supported" or _across(case, best):
            for near in case.near:
                differences = contradictions(self._compared(said, case, near, meaning))
                if differences is not None and (verdict != "supported" or not _across(case, near)):
                    return self._checked(case.statement, "contradicted", near, differences)
        return self._checked(case.statement, verdict, best, ())

    def _support(self, said: str, case: _Case, near: _Near, meaning: Meaning) -> Support:
        language, there = case.language, near.hit.passage.language
        return check(
            said,
            near.words,
            similarity=meaning.similarity(said, near.words),
            same_language=None if "und" in (language, there) else language == there,
            language=language,
            quoted_in=there,
            context=(facts_of(_context(near.hit)),),
            relation=self._relation(said, case, near),
            similar=meaning.similarity,
            profile=meaning.profile,
        )

    def _relation(self, said: str, case: _Case, near: _Near) -> Relation | None:
        if self._judge is not None:
            return self._judge(near.words, said)
        if near.verdict is None:
            return None
        across = _across(case, near)
        relation = self._profile.relation(near.verdict.supported, across=across)
        if relation != "entailment" or across:
            return relation
        return asked_back(self._reader, said, near.words, self._profile)

    def _compared(self, said: str, case: _Case, near: _Near, meaning: Meaning) -> Compared:
        similarity = meaning.similarity(said, near.words)
        across = _across(case, near)
        limits = meaning.profile
        least = limits.contradicts_across if across else limits.contradicts
        is_near = similarity is not None and similarity >= least
        return Compared(said, near.words, _context(near.hit), case.language, across, is_near, near.verdict)

    def _embed(self, texts: Sequence[str]) -> FloatArray:
        return np.stack([self._index.embed_query(text)[0] for text in texts])

    def _checked(
        self,
        statement: Statement,
        verdict: ClaimVerdict,
        near: _Near | None,
        differences: tuple[Difference, ...],
    ) -> CheckedClaim:
        citation = None
        if near is not None:
            document = self._document(near.hit.passage.document_id)
            support: Support = "not found" if verdict == "contradicted" else verdict
            citation = citation_of(document, near.start, near.end, 1, support, near.hit.passage)
        return CheckedClaim(statement.start, statement.end, statement.text, verdict, citation, differences)

    def _document(self, name: str) -> Document:
        if name not in self._documents:
            self._documents[name] = self._index.store.document(name)
        return self._documents[name]


def _across(case: _Case, near: _Near) -> bool:
    languages = {case.language, near.hit.passage.language}
    return len(languages) > 1 and "und" not in languages


def _context(hit: ScoredPassage) -> str:
    return f"{hit.title}\n{hit.passage.heading}\n{hit.passage.text}"


def _sentences(hit: ScoredPassage, words: Sequence[str]) -> Iterator[_Near]:
    """Yield a passage's sentences; how near each is adds the share of the claim's words to its cosine."""
    passage = hit.passage
    scored = [(max(s.start, passage.start), min(s.end, passage.end), s.score) for s in hit.sentences]
    if not scored:
        scored = [(passage.start + low, passage.start + high, hit.score) for low, high in sentence_spans(passage.text)]
    for start, end, score in scored:
        text = passage.text[start - passage.start : end - passage.start]
        if text.strip():
            share = agreement(words, [token.form for token in tokens(text)])
            yield _Near(hit, start, end, text, share + score)
