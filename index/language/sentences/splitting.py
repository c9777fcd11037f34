"""Sentences of a text in any script: the unit of a quote.

ICU finds the candidates by the rules of Unicode (UAX 29); what it is known to get wrong is corrected here: stops after
abbreviations, initials and ordinals, opening quotes left behind at the end of a sentence, speech tags torn from
their quotes, and line breaks, which end a sentence only where a line is more than wrapped
(`index.language.sentences.linebreaks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from index.language.icu import sentence_ends
from index.language.lexicon import alternatives, languages
from index.language.scripts import NO_SPACES, is_small, script_of_char
from index.language.sentences.abbreviations import learn, stop_is_inside
from index.language.sentences.linebreaks import LEADERS, hard_breaks
from index.types import Sentence

__all__ = ["sentences", "split_at", "trimmed_spans"]

_THAI_SPACE = re.compile('(?<=[ก-๛])[ \xa0]+(?=["“(]?[ก-ฮเ-ไ])')
_THAI_LENGTH = 60  # code points; the mean Thai sentence of news has some 110
_LINE_ENDS = {ord(mark): " " for mark in "\n\r\v\f\x85\u2028\u2029"}
_HARD = "\u2029"  # the paragraph separator: ends a sentence by the rules of Unicode
_OPENERS = re.compile("[\"'“„«‘‚‹(\\[{「『（〔【《〈¿¡]+$")
_LIST_MARK = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]")
_CLOSERS = frozenset("\"'”’“‘»›«‹)]}」』）〕】》〉")
_CLOSED = re.compile("[»”’\"'›)\\]」』）]+(?=[ \xa0]|$)[ \xa0]*")  # a quote before a space closes
_QUOTE_THEN_COMMA = re.compile("[»”’\"'›)\\]」』）]*[,;،]")
_STOPS = frozenset(".．")
_WORD = re.compile(r"\w")


def sentences(text: str, language: str = "und") -> list[Sentence]:
    """Return the sentences of a text in order.

    They never overlap, hold no space at either end, and every character that is no space lies in exactly one.

    Args:
        text: any text.
        language: BCP 47 code of most of it; it only helps with ordinals, Greek question marks and the like.
    """
    return list(trimmed_spans(text, split_at(text, language, hard_breaks(text))))


def split_at(text: str, language: str, hard: list[int]) -> list[int]:
    """Return the offsets at which sentences end (space included), given those at which a line surely begins."""
    plain = _with_hard_breaks(text, hard)
    learnt, fixed = learn(plain), frozenset(hard)
    ends: list[int] = []
    start = 0
    for end in _candidates(plain, language):
        if end in fixed or end >= len(text):
            kept = end
        else:
            kept = _moved_behind_closers(plain, end) if end > start else start
            kept = _moved_before_openers(plain, start, end) if kept == end else kept
            if kept <= start or _goes_on(plain, start, kept, language, learnt, start == 0 or start in fixed):
                continue
        if ends and ends[-1] not in fixed and not _WORD.search(plain, start, kept):
            ends[-1] = kept  # closing quotes and the like stay with what they close
        else:
            ends.append(kept)
        start = kept
    return ends


def _with_hard_breaks(text: str, hard: list[int]) -> str:
    """Return the text, as long as before: soft line breaks are spaces, and leading dots are no stops."""
    plain = text.translate(_LINE_ENDS)
    if "...." in plain or ". . ." in plain:
        plain = LEADERS.sub(lambda dots: "_" * len(dots[0].rstrip()) + " " * dots[0].endswith(" "), plain)
    if not hard:
        return plain
    pieces, at = [], 0
    for offset in hard:
        pieces += [plain[at : offset - 1], _HARD]
        at = offset
    return "".join([*pieces, plain[at:]])


def _candidates(plain: str, language: str) -> Iterable[int]:
    ends = sentence_ends(plain, language if language.isascii() else "und")
    if language == "th":
        return list(_thai_ends(plain, ends))
    pattern = _further_ends(language)
    extra = {match.end() for match in pattern.finditer(plain)} if pattern else set()
    return sorted(extra.union(ends)) if extra else ends


@lru_cache(maxsize=128)
def _further_ends(language: str) -> re.Pattern[str] | None:
    """Return ends that the rules of Unicode don't know: a language's custom, with marks that others use otherwise."""
    known = languages().get(language)
    return re.compile(known.values["ends"]) if known and "ends" in known.values else None


def _thai_ends(plain: str, ends: Iterable[int]) -> Iterator[int]:
    """Yield the ends, and the spaces between clauses where a Thai sentence has reached a usual length.

    Thai ends sentences with a space, and clauses too; only a reader can tell which. As a quote a few clauses do well.
    """
    start = 0
    for end in ends:
        for match in _THAI_SPACE.finditer(plain, start, end):
            if match.start() - start >= _THAI_LENGTH and end - match.end() >= _THAI_LENGTH // 2:
                yield match.end()
                start = match.end()
        yield end
        start = end


def _moved_behind_closers(plain: str, end: int) -> int:
    """Return the end with closing quotes that a space tore off: `« Oui. » Il`."""
    match = _CLOSED.match(plain, end) if plain[end - 1].isspace() else None
    return match.end() if match else end


def _moved_before_openers(plain: str, start: int, end: int) -> int:
    """Return the end without opening quotes and brackets at the very end, no space behind them: `。「`."""
    match = _OPENERS.search(plain, max(start, end - 8), end)
    if not match or match.start() == start or (plain[match.start()] in "\"'" and plain[match.start() - 1] != " "):
        return end  # a straight quote right after the stop closes
    return match.start()


def _goes_on(plain: str, start: int, kept: int, language: str, learnt: frozenset[str], at_line_start: bool) -> bool:
    """Tell whether the sentence `start:kept` goes on behind it, against ICU's opinion."""
    closed = _back_over_space(plain, start, kept)
    last = closed
    while last > start and (plain[last - 1] in _CLOSERS or (last < closed and plain[last - 1] in " \xa0")):
        last -= 1
    if last == start or kept >= len(plain):
        return False
    if _QUOTE_THEN_COMMA.match(plain, kept):
        return True
    if closed > last:
        return is_small(plain[kept]) or (kept == closed and _is_tag(plain, kept))
    if plain[last - 1] in _STOPS:
        if at_line_start and _LIST_MARK.fullmatch(plain, start, last):
            return True
        return plain[last - 2 : last - 1] != "." and stop_is_inside(plain, last - 1, kept, language, learnt)
    return plain[last - 1] == "…" and is_small(plain[kept])


@lru_cache(maxsize=1)
def _speech_tag() -> re.Pattern[str]:
    return re.compile(alternatives("speech_tags"))


def _is_tag(plain: str, at: int) -> bool:
    """Tell whether what is joined to a closing quote belongs to it: a particle or an ending, `」と`, `”라고`."""
    if script_of_char(plain[at]) in NO_SPACES:
        return plain[at] == "、" or _speech_tag().match(plain, at) is not None
    return plain[at].isalpha()


def _back_over_space(plain: str, start: int, end: int) -> int:
    while end > start and plain[end - 1].isspace():
        end -= 1
    return end


def trimmed_spans(text: str, ends: Iterable[int]) -> Iterator[Sentence]:
    """Yield the sentences that end at the given offsets, without the space around them."""
    start = 0
    for end in ends:
        piece = text[start:end]
        kept = piece.rstrip()
        if kept:
            yield Sentence(start + len(kept) - len(kept.lstrip()), start + len(kept))
        start = end
