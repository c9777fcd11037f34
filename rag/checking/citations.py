"""From what a model wrote to an answer whose every `[n]` points at exact words.

Each sentence of the answer is a claim. For every source that a claim cites, the sentence of that source that agrees
with it most becomes the quote. The quote is compared with the stored document character by character; one that differs
does not become a citation. Sources that don't exist are dropped. Claims that their quotes don't carry are marked with
`MARK`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.embedders.answer_profiles import SupportProfile
from index.language.folding import fold
from index.language.numbers.facts import Facts, facts_of
from index.records import location
from rag.checking.entailment import Judge, Relation
from rag.checking.proofs import Lookup, Proofs
from rag.checking.repeating import repeated
from rag.checking.spans import Embed, Meaning, Span, closeness, naming, quote_of
from rag.checking.stated_numbers import number_missing
from rag.checking.support import check
from rag.checking.verdicts import Readings
from rag.checking.written.claims import Claim, Mark, claims, first_claims, followings_of, put_in, take_out
from rag.checking.written.table_rows import carried, mark_place
from rag.checking.written.wrapping import file_name
from rag.llms.calls.callers import still_wanted
from rag.llms.events import Spoken
from rag.reading.types import ClaimReader
from rag.types import Citation, ScoredPassage, Support

__all__ = ["MARK", "MOST_CLAIMS", "Cited", "Embed", "cite"]

MARK = "⚠"  # behind a sentence that the sources don't carry; understood without words
MOST_CLAIMS = 200  # far more sentences than an answer has: each is proved at a price


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer's text with its proofs.

    Attributes:
        text: the text, markers renumbered from 1 in order of appearance, unsupported sentences marked.
        citations: in the order of their numbers; every one stands in the text.
        unsupported: how many sentences are marked.
        dropped: how many times a source was named that does not exist.
        unread: how many sentences were left out because there were more than `MOST_CLAIMS`.
    """

    text: str
    citations: tuple[Citation, ...]
    unsupported: int = 0
    dropped: int = 0
    unread: int = 0


def cite(
    pieces: Sequence[Spoken],
    passages: Sequence[ScoredPassage],
    document: Lookup,
    embed: Embed | None = None,
    language: str = "und",
    *,
    embedder: str = "",
    attribute: bool = False,
    judge: Judge | None = None,
    reader: ClaimReader | None = None,
) -> Cited:
    """Turn a backend's pieces into text and citations.

    Args:
        pieces: what the backend yielded; `Quoted` pieces bring their spans along.
        passages: the numbered sources; `[1]` is the first.
        document: looks up a document by its id, to check quotes against.
        embed: texts to unit vectors, shape (n, dimension); `None`: wording alone decides.
        language: BCP 47 code of the answer.
        embedder: fingerprint of the model behind `embed`; `""`: the generic profile counts.
        attribute: a sentence that names no source gets the one whose words support it, if one does.
        judge: says whether a quote entails a claim; `None`: the reader does.
        reader: judges claims; `None` as well: wording, facts and vectors alone decide.
    """
    body, marks = take_out(pieces, passages)
    readings = Readings(None if judge else reader)
    work = _Citer(body, passages, document, Meaning(embed, embedder), language, judge, readings)
    every = claims(body, marks)
    found, body, marks = first_claims(every, body, marks, MOST_CLAIMS)
    work.take(found, attribute=attribute)
    return Cited(
        text=put_in(body, work.insertions, [mark.place for mark in marks]),
        citations=tuple(work.citations),
        unsupported=work.unsupported,
        dropped=sum(not 1 <= number <= len(passages) for mark in marks for number in mark.numbers),
        unread=len(every) - len(found),
    )


class _Citer:
    """Collects the citations of one answer, claim by claim."""

    def __init__(
        self,
        body: str,
        passages: Sequence[ScoredPassage],
        document: Lookup,
        meaning: Meaning,
        language: str,
        judge: Judge | None,
        readings: Readings,
    ) -> None:
        self._body = body
        self._passages = passages
        self._document = document
        self._meaning = meaning
        self._language = language
        self._judge = judge
        self._readings = readings
        self._proofs = Proofs(passages, document, meaning)
        self._numbers: dict[tuple[str, int, int, Support], int] = {}
        self._around: dict[int, Facts] = {}
        self._settled: dict[tuple[str, tuple[Span, ...]], bool] = {}
        self.citations: list[Citation] = []
        self.insertions: dict[int, str] = {}
        self.unsupported = 0

    def take(self, found: Sequence[Claim], *, attribute: bool) -> None:
        """Prove the claims one by one; with `attribute`, one that names no source gets the one that supports it."""
        followings = followings_of(found)
        self._embed(found, followings, attribute=attribute)
        self._read(found, followings)
        for claim, following in zip(found, followings, strict=True):
            still_wanted()
            if not (attribute and not claim.marks and claim.asserts and self.attribute(claim, following)):
                self.add(claim, following)

    def _embed(self, found: Sequence[Claim], followings: Sequence[tuple[Mark, ...]], *, attribute: bool) -> None:
        """Embed in one call the claims, each before the sentences that it is held against."""
        texts = []
        for claim, following in zip(found, followings, strict=True):
            marks = list(claim.marks or following)
            if attribute and not claim.marks and claim.asserts and not self._proofs.quoted(claim, following):
                marks.append(Mark(claim.end, tuple(range(1, len(self._passages) + 1))))
            texts += self._proofs.texts(claim, marks)
        self._meaning.prepare(texts)

    def _read(self, found: Sequence[Claim], followings: Sequence[tuple[Mark, ...]]) -> None:
        """Let the reader judge in one call what each claim is held against."""
        if not self._readings.known:
            return
        pairs = []
        for claim, following in zip(found, followings, strict=True):
            spans = [span for mark in claim.marks or following for span in self._proofs.of(claim, mark)]
            if spans and not self._is_settled(claim, spans):
                pairs.append((claim.text, quote_of(spans)))
        self._readings.prepare(pairs)

    def add(self, claim: Claim, following: tuple[Mark, ...]) -> None:
        """Prove one claim; a claim without markers of its own is held against those that follow it."""
        name = "".join(fold(file_name(claim.text)).split())
        proofs = [(mark, naming(name, self._proofs.of(claim, mark))) for mark in claim.marks]
        spans = list(dict.fromkeys(span for _, marked in proofs for span in marked))
        verdict = self._verdict(claim, spans or [span for mark in following for span in self._proofs.of(claim, mark)])
        own = {span: self._own(claim, span, spans, verdict) for span in spans}
        for mark, marked in proofs:
            numbers = dict.fromkeys(self._number(span, own[span]) for span in marked)
            self._insert(mark.place, "".join(f"[{number}]" for number in numbers))
        if verdict == "not found" and claim.asserts:
            self.unsupported += 1
            self._mark(claim)

    def attribute(self, claim: Claim, following: tuple[Mark, ...]) -> bool:
        """Give a claim without markers the source that supports it; `False` when it needs none or none does.

        The bar is higher than for a source that the model named itself: nobody has said that this one is meant.
        """
        if self._verdict(claim, [span for mark in following for span in self._proofs.of(claim, mark)]) == "supported":
            return False
        found = [
            span
            for number in range(1, len(self._passages) + 1)
            for span in self._proofs.of(claim, Mark(claim.end, (number,)))
            if self._verdict(claim, [span], self._meaning.profile.unnamed, read=False) == "supported"
        ]
        if not found:
            return False
        best = max(found, key=lambda span: closeness(claim.text, span.text, self._meaning))
        if self._verdict(claim, [best], self._meaning.profile.unnamed, read=True) != "supported":
            return False
        before = self._below(claim) if claim.code else " "
        self._insert(claim.end, f"{before}[{self._number(best, 'supported')}]")
        return True

    def _mark(self, claim: Claim) -> None:
        """Mark a claim as not carried: behind it, in its cell, or below its code, where it is no part of that."""
        places = [mark.place for mark in claim.marks]
        if claim.code:
            self._insert(max([claim.end, *places]), f"{self._below(claim)}{MARK}")
        else:
            self._insert(mark_place(self._body, claim.start, claim.end, places), f" {MARK}")

    def _below(self, claim: Claim) -> str:
        """Return what begins a new paragraph behind a block of code, which is closed where the model did not."""
        last = self._body[claim.start : claim.end].rstrip().rpartition("\n")[2]
        return "\n\n" if last.strip() and not last.strip(" \t`~") else "\n```\n\n"

    def _insert(self, place: int, text: str) -> None:
        if text:
            self.insertions[place] = self.insertions.get(place, "") + text

    def _verdict(
        self, claim: Claim, spans: Sequence[Span], profile: SupportProfile | None = None, *, read: bool = True
    ) -> Support:
        """Judge a claim by all its quotes together; without `read`, no model is asked."""
        if not spans:
            return "not found"
        quote = quote_of(spans)
        sources = dict.fromkeys(span.number for span in spans)
        hits = [self._passages[number - 1] for number in sources]
        if claim.row and carried(claim.text, quote):
            return "supported"
        languages = {hit.passage.language for hit in hits}
        return check(
            claim.text,
            quote,
            similarity=None if claim.text in quote else self._nearest(claim.text, spans),
            same_language=languages == {self._language} if "und" not in {self._language, *languages} else None,
            language=self._language,
            quoted_in=hits[0].passage.language,
            context=[self._facts(number) for number in sources],
            relation=self._relation(claim, spans) if read else None,
            similar=self._meaning.similarity if self._meaning.known else None,
            profile=profile or self._meaning.profile,
        )

    def _facts(self, number: int) -> Facts:
        """Return the facts of a source, looked for once."""
        if number not in self._around:
            hit = self._passages[number - 1]
            self._around[number] = facts_of(f"{hit.title}\n{hit.passage.heading}\n{hit.passage.text}")
        return self._around[number]

    def _relation(self, claim: Claim, spans: Sequence[Span]) -> Relation | None:
        """Ask the model that reads both, unless the claim is the quote's own sentence or has a number of its own."""
        if self._is_settled(claim, spans):
            return None
        if self._judge is not None:
            return self._judge(quote_of(spans), claim.text)
        languages = {self._language, *(self._passages[span.number - 1].passage.language for span in spans)}
        across = len(languages) > 1 and "und" not in languages
        return self._readings.relation(claim.text, quote_of(spans), across=across)

    def _is_settled(self, claim: Claim, spans: Sequence[Span]) -> bool:
        """Tell, looked at once, that no model need read a claim: it repeats its quote, or has a number of its own."""
        key = claim.text, tuple(spans)
        if key not in self._settled:
            words, quoted_in = (claim.text, quote_of(spans)), self._passages[spans[0].number - 1].passage.language
            around = [self._facts(number) for number in dict.fromkeys(span.number for span in spans)]
            missing = number_missing(*words, self._language, quoted_in, around)
            self._settled[key] = missing or repeated(*words, quoted_in)
        return self._settled[key]

    def _nearest(self, claim: str, spans: Sequence[Span]) -> float | None:
        found = (self._meaning.similarity(claim, span.text) for span in spans)
        return max((value for value in found if value is not None), default=None)

    def _own(self, claim: Claim, span: Span, spans: Sequence[Span], verdict: Support) -> Support:
        """Judge what one quote of several carries: a part of a claim that all of them carry is no failure."""
        if len(spans) == 1 or verdict == "not found":
            return verdict
        own = self._verdict(claim, [span])
        return "partly" if own == "not found" and verdict == "supported" else own

    def _number(self, span: Span, support: Support) -> int:
        """Return the number of the citation for a span, making it at the first appearance."""
        hit = self._passages[span.number - 1]
        key = (hit.passage.document_id, span.start, span.end, support)
        if key not in self._numbers:
            self._numbers[key] = len(self.citations) + 1
            self.citations.append(self._citation(self._numbers[key], hit, span, support))
        return self._numbers[key]

    def _citation(self, number: int, hit: ScoredPassage, span: Span, support: Support) -> Citation:
        return Citation(
            number=number,
            document_id=hit.passage.document_id,
            title=hit.title,
            source=hit.source,
            start=span.start,
            end=span.end,
            quote=span.text,
            support=support,
            language=hit.passage.language,
            location=location(self._document(hit.passage.document_id), span.start, span.end),
            passage_id=hit.passage.id,
        )
