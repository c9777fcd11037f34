"""Which sentences only name what stands elsewhere: headings, labels of a form, keyword lines, lists of titles.

They are near to every question about their subject and answer none, so they are never quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from index.language.folding import fold
from index.language.lexicon import alternatives, known_words
from index.records import cells_of, is_blank, table_at, tables_of
from rag.output.code import is_code
from rag.question.alike import forms_of, is_among
from rag.types import ScoredPassage

__all__ = ["is_label"]

_LONGEST, _LONGEST_LINE = 100, 200  # code points of a label, and of a line with dots
_FEW = 8  # words of a line that says nothing beyond the question
_FINAL = frozenset(".!?…。！？؟۔।")
_EMPTY_FORM = re.compile(r"[^\n]{1,80}?[:：]?\s*(?:_{3,}|\.{4,}|…{2,}|[☐□]|‥{2,}|\[\s*\])[\s_.…☐□‥\[\]]*\Z")
_FILLED = re.compile(r"^[^\n:：]{1,80}[:：][ \t]*(?![\s_.…☐□–-]*$)\S", re.MULTILINE)  # a field that holds something
_CONTENTS = re.compile(r"[^\n]*[^\W\d_][^\n]*?(?:[.·…] ?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})\Z", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*•◦▪‣·●○■□–]|\(?\w{1,3}[.)])\s")


def is_label(hit: ScoredPassage, start: int, end: int, question: str = "") -> bool:
    """Tell whether a sentence of a hit only names things.

    Args:
        hit: the passage that it stands in.
        start: its first code point in the document.
        end: one past its last.
        question: what is asked; `""` leaves out what can only be decided with it.
    """
    offset = hit.passage.start
    text = hit.passage.text[max(0, start - offset) : max(0, end - offset)].strip()
    if is_code(hit, start):
        return False
    row = _row(hit, start, end, text)
    if row is not None:
        return row
    if _is_heading(hit, start, text) or _keywords().match(text.lstrip("*_# ")) or _is_of_contents(text):
        return True
    empty = _EMPTY_FORM.match(text) and not _is_asked_box(text, question, hit.passage.text)
    if len(text) <= _LONGEST and (text.endswith((":", "：")) or empty or _is_unfilled(text)):
        return True
    if len(text) <= _LONGEST and text[-1:] not in _FINAL and _is_filled_below(text, hit.passage.text):
        return True
    return bool(question) and (_is_listed(hit, question) or _adds_nothing(text, question))


@lru_cache(maxsize=1)
def _keywords() -> re.Pattern[str]:
    """Return how a line of keywords begins, behind its markup."""
    return re.compile(rf"(?:{alternatives('keyword_labels')})\s*[:：–—-]", re.IGNORECASE)


def _is_of_contents(text: str) -> bool:
    """Tell whether a line is one of a table of contents: a title, dots, and the number of a page."""
    return len(text) <= _LONGEST_LINE and _CONTENTS.match(text) is not None


def _row(hit: ScoredPassage, start: int, end: int, text: str) -> bool | None:
    """Tell whether a row of a table has no values; `None` for what is no row."""
    table = table_at(tables_of(hit.metadata), start, end)
    if table is None:
        return None
    cells = cells_of(text, table.columns)
    named = [cell for cell in cells if cell.column]
    if not named and len(cells) > 1:  # what stands beside a label, in a table without names of columns
        named = list(cells[1:])
    return all(is_blank(cell.value) for cell in named or cells)


def _is_asked_box(text: str, question: str, passage: str) -> bool:
    """Tell whether a line is a box that wasn't ticked in a form that was filled in, and the question names it."""
    words = forms_of(text)
    if not _FILLED.search(passage):
        return False
    return text.endswith("☐") and bool(words) and all(is_among([word], forms_of(question)) for word in words)


def _is_unfilled(text: str) -> bool:
    """Tell whether a line is a label with nothing behind its colon: `Date of birth: –`."""
    name, colon, value = text.replace("：", ":").partition(":")
    return bool(name.strip() and colon and value.strip()) and is_blank(value)


def _is_filled_below(text: str, passage: str) -> bool:
    """Tell whether a line is a label that comes again with its value: `Insured`, and elsewhere `Insured: yes`."""
    return "\n" not in text and any(line.startswith(f"{text}: ") for line in passage.split("\n"))


def _is_heading(hit: ScoredPassage, start: int, text: str) -> bool:
    headings = hit.metadata.get("headings")
    if not isinstance(headings, Sequence) or isinstance(headings, str):
        return False
    return any(entry[0] == start and text == str(entry[2]).strip() for entry in headings if _is_entry(entry))


def _is_entry(entry: object) -> bool:
    return isinstance(entry, Sequence) and not isinstance(entry, str) and len(entry) == 3


def _is_listed(hit: ScoredPassage, question: str) -> bool:
    """Tell whether a passage lists what others wrote, and the question doesn't ask for that."""
    return fold(hit.passage.heading).strip(" .:") in known_words("reference_headings") and not is_among(
        forms_of(question), known_words("title_words")
    )


def _adds_nothing(text: str, question: str) -> bool:
    """Tell whether a line, no sentence, holds no word beyond those of a question that asks for one."""
    if text[-1:] in _FINAL or _ITEM.match(text):
        return False
    words, asked = forms_of(text), fold(question).split()
    if not words or len(words) > _FEW or not any(word.strip("¿?!,.'’") in known_words("asking") for word in asked):
        return False
    return all(is_among([word], forms_of(question)) for word in words)
