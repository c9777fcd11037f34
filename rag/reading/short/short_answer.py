"""The short answer: the exact words that answer, where the reader is sure of them, and what other documents say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.language.codes import canonical
from index.language.numbers.digits import numbers
from index.language.numbers.quantities import spelled
from index.language.question_words import asks_yes_or_no, offers_a_choice
from index.language.sentences.enumerations import whole_list
from index.language.words import has_case, tokens
from index.records import location
from index.types import Document
from rag.output.whole_thoughts import list_around
from rag.question.kinds.answer_type import Expectation
from rag.question.kinds.expectations import Expected, can_answer
from rag.question.rows.named_rows import row_around
from rag.reading.profile import Sure, bears_witness, knows_the_words, profile_of
from rag.reading.quotes.labels import is_label
from rag.reading.short.agreement import agreement
from rag.reading.short.cells import answering_cell, goes_over_a_blank, value_named
from rag.reading.short.circumstances import tells_another_day
from rag.reading.short.kinds import Fit, fitted
from rag.reading.short.narrowing import narrowed
from rag.reading.short.rendering import rendered
from rag.reading.short.speaking import speaking_first
from rag.reading.short.ticked import ticked_option
from rag.reading.short.units import with_unit
from rag.types import Citation, Reading, ScoredPassage, Witness

__all__ = ["Short", "short_answer"]

_PART = re.compile(r"[^\n\t|]+")
_OPENING = re.compile(r"(?:#{1,6}|[-*•>])[ \t]+")
# More words are a sentence, which may well repeat what was asked.
_MOST_REPEATED = 4


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, the BCP 47 code of its language, and what it asks for."""

    text: str
    language: str
    kind: Expected = ""
    wanted: Expectation | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """What answers in a few words.

    Attributes:
        citation: the words; `None` where the reader isn't sure.
        rendered: the same for whoever asked; `""` where there is no need.
        witnesses: what other documents say, those that agree first.
    """

    citation: Citation | None = None
    rendered: str = ""
    witnesses: tuple[Witness, ...] = ()


def short_answer(
    passages: Sequence[ScoredPassage],
    question: str,
    language: str,
    document: Callable[[str], Document],
    cited: Sequence[Citation],
    confidence: float | None,
    kind: Expected = "",
    wanted: Expectation | None = None,
) -> Short:
    """Return the words of the best passage that answer, checked against the stored document.

    Args:
        passages: best first; those that were read count.
        question: standing alone.
        language: its BCP 47 code.
        document: looks up a document by its id.
        cited: the answer's citations, whose numbers are given to words that stand in them.
        confidence: that the passages answer.
        kind: what kind of answer the question asks for.
        wanted: the same, as its vector says.
    """
    read = [hit for hit in passages if hit.reading is not None]
    if not read or read[0] is not passages[0]:
        return Short()
    read = [narrowed(hit, question, language, wanted) for hit in speaking_first(read)]
    if value_named(read[0], question):
        kind, wanted = "", Expectation(0.0, 0.0, 0.0, frozenset(numbers(question)))
    asked = _Asked(question, language, kind, wanted)
    best = _sure_one(read[0], asked, confidence)
    citation = None if best is None else _citation(best, asked, document, cited)
    if citation is None:
        return Short()

    def ours(said: Citation) -> str:
        return rendered(said.quote, said.language, question, language, [hit.passage.text for hit in passages])

    others = ((hit, _citation(hit, asked, document, cited)) for hit in read[1:] if _bears_witness(hit))
    found = [Witness(other, agrees, ours(other)) for other, agrees in _witnesses(others, citation)]
    return Short(citation, ours(citation), tuple(sorted(found, key=lambda one: not one.agrees)))


def _sure_one(hit: ScoredPassage, asked: _Asked, confidence: float | None) -> ScoredPassage | None:
    """Return a passage, pointed at the words that fit the question best; `None` where the reader isn't sure of them."""
    best, fit = fitted(hit, asked.text, asked.wanted)
    if tells_another_day(best, asked.text, asked.language, asked.wanted):
        return None
    return best if _is_sure(best, fit, confidence, asked.language) else None


def _witnesses(
    others: Iterable[tuple[ScoredPassage, Citation | None]], given: Citation
) -> Iterator[tuple[Citation, bool]]:
    """Yield the words of other documents that agree with the given ones or surely differ, one of each document."""
    seen = {given.document_id}
    for hit, other in others:
        if other is None or other.document_id in seen:
            continue
        agrees = agreement((given.quote, given.language), (other.quote, other.language))
        if agrees is not None and (agrees or _tells(hit)):
            seen.add(other.document_id)
            yield other, agrees


def _sure(reading: Reading) -> Sure:
    return profile_of(reading.reader).words


def _is_sure(hit: ScoredPassage, fit: Fit, confidence: float | None, language: str) -> bool:
    """Tell whether the reader knows which words answer: the passage must, and the words must stand out in it.

    Across languages more is asked. There the reader points at wrong words more often, and no shared word shows that the
    passage is about what is asked: the only number in it may be that of another thing.
    """
    assert hit.reading is not None, "only what was read has a reading"
    sure = _sure(hit.reading)
    enough = confidence is None or confidence >= sure.confidence
    across = canonical(language) != canonical(hit.passage.language)
    stands_out = fit == "the only name" or (fit == "alone" and hit.reading.span >= sure.alone_span)
    if stands_out and hit.reading.answers >= sure.alone and (enough or not across):
        return True
    least = sure.among if fit == "among others" else sure.answers
    if across and hit.reading.span < sure.across_span:
        least = max(least, sure.across)
    least = max(least, sure.beside) if fit == "unknown" and _has_a_rival(hit, sure) else least
    return fit != "misfit" and enough and knows_the_words(hit.reading) and hit.reading.answers >= least


def _has_a_rival(hit: ScoredPassage, sure: Sure) -> bool:
    """Tell whether other words that say another thing are nearly as likely: a reader may mistake one for another."""
    reading, language = hit.reading, hit.passage.language
    assert reading is not None, "only what was read has a reading"
    words = _within(hit, reading.start, reading.end)
    near = [(start, end) for start, end, share in reading.others if share >= reading.span - sure.rival]
    rivals = [_within(hit, start, end) for start, end in near]
    return any(agreement((words, language), (rival, language)) is not True for rival in rivals)


def _within(hit: ScoredPassage, start: int, end: int) -> str:
    return hit.passage.text[start - hit.passage.start : end - hit.passage.start]


def _bears_witness(hit: ScoredPassage) -> bool:
    return hit.reading is not None and bears_witness(hit.reading)


def _tells(hit: ScoredPassage) -> bool:
    """Tell whether a passage answers so surely that a difference is one between sources and not a misreading."""
    assert hit.reading is not None, "only what was read has a reading"
    return hit.reading.answers >= _sure(hit.reading).differs


def _citation(
    hit: ScoredPassage, asked: _Asked, document: Callable[[str], Document], cited: Sequence[Citation]
) -> Citation | None:
    """Return the words of a passage that answer; `None` when they are none, or only repeat the question."""
    start, end = _words(hit, asked)
    stored = document(hit.passage.document_id)
    quote = stored.text[start:end]
    in_row = row_around(hit, start) is not None
    if not quote.strip() or quote not in hit.passage.text:
        return None
    if not _answers(quote, hit.passage.language, asked, in_row=in_row):
        return None
    if any(is_label(hit, one.start, one.end) for one in hit.sentences if one.start <= start < one.end):
        return None
    around = [c for c in cited if c.document_id == stored.id and c.start <= start and end <= c.end]
    return Citation(
        number=around[0].number if around else 0,
        document_id=stored.id,
        title=hit.title,
        source=hit.source,
        start=start,
        end=end,
        quote=quote,
        language=hit.passage.language,
        location=location(stored, start, end),
        passage_id=hit.passage.id,
    )


def _words(hit: ScoredPassage, asked: _Asked) -> tuple[int, int]:
    """Return the words that answer: within one paragraph or cell of a table, and a list of things to its end."""
    reading, offset = hit.reading, hit.passage.start
    assert reading is not None, "only what was read has words"
    start, end, text = reading.start - offset, reading.end - offset, hit.passage.text
    if goes_over_a_blank(hit, start, end):
        return reading.start, reading.start
    around = list_around(hit, reading.start, reading.end) if "\n" in text[start:end] else None
    if around is not None and reading.end > around[2][0][1]:  # of a list more than its first item: all of it
        first, last = around[2][0], around[2][-1]
        low = next(_parts(text, first[0] - offset, first[1] - offset), (first[0] - offset, 0))[0]
        return low + offset, last[1]
    parts = list(_parts(text, start, end))
    telling = [part for part in parts if not _repeats(text[part[0] : part[1]], asked.text)]
    start, end = max(telling or parts, key=lambda part: part[1] - part[0], default=(start, end))
    option = ticked_option(text, start, end)
    if option is not None:
        return option[0] + offset, option[1] + offset
    cell = answering_cell(hit, start, end, asked.text, asked.kind, asked.wanted)
    if cell is not None:
        return cell[0] + offset, cell[1] + offset
    start, end = _whole_words(text, start, end)
    end = with_unit(text, start, end, hit.passage.language)
    return start + offset, whole_list(text, start, end) + offset


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span that begins or ends within a word; scripts without case write articles together."""
    if not has_case(text[start:end]):
        return start, end
    while 0 < start < end and text[start - 1].isalpha() and text[start].isalpha():
        start -= 1
    while start < end < len(text) and text[end - 1].isalpha() and text[end].isalpha():
        end += 1
    return start, end


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the lines and cells of a span, without the signs of headings and lists before them."""
    for found in _PART.finditer(text, start, end):
        low = found.start() + len(found.group()) - len(found.group().lstrip())
        opening = _OPENING.match(text, low, found.end())
        low = opening.end() if opening else low
        high = low + len(text[low : found.end()].rstrip())
        if low < high:
            yield low, high


def _answers(quote: str, language: str, asked: _Asked, *, in_row: bool) -> bool:
    """Tell whether words may be an answer: they hold a number that is asked for, and say more than the question.

    Yes or no is not said by a name or a number: there only a clause answers.
    """
    words = [token.form for token in tokens(quote)]
    counted = spelled(canonical(language))
    counts = in_row and quote.isdigit()  # in a table 1100 is no year
    number = asked.kind == "number" and (counts or any(word in counted for word in words))
    if not can_answer(asked.kind, asked.text, [quote]) and not number:
        return False
    if len(words) > _MOST_REPEATED:
        return True
    repeats = _repeats(quote, asked.text) and not offers_a_choice(asked.text, asked.language)
    return not repeats and not asks_yes_or_no(asked.text, asked.language)


def _repeats(quote: str, question: str) -> bool:
    """Tell whether every word of a quote stands in the question or is heard in it."""
    asked = {token.form for token in tokens(question)}
    words = [token for token in tokens(quote) if len(token.form) > 1 or token.form.isdigit()]
    return bool(words) and all(token.form in asked for token in words)
