"""Whether a question asks for an empty field of a form: `Date of birth: –` is no answer, nor is its neighbour.

Fields stand on lines of their own, or as rows of a table whose columns have no names: `Date of birth | –`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from index.records import BETWEEN, is_blank, location
from index.types import Document
from rag.question.asked_rows import forms_of, is_among
from rag.types import ScoredPassage

__all__ = ["empty_field"]

_LONGEST_LABEL = 80
_FEWEST_WORDS = 2  # "Name" alone may be that of anything


def empty_field(question: str, hits: Sequence[ScoredPassage], document: Callable[[str], Document]) -> str:
    """Return that the field which a question asks for is empty in the best hit; `""` where it is none, or filled in.

    Args:
        question: standing alone.
        hits: best first.
        document: looks up a document by its id.
    """
    if not hits:
        return ""
    asked, found = forms_of(question), ""
    for start, label, value in _fields(hits[0].passage.text):
        words = forms_of(label)
        if len(words) < _FEWEST_WORDS or not all(is_among([word], asked) for word in words):
            continue
        if not is_blank(value):
            return ""
        if not found:
            at = hits[0].passage.start + start
            where = location(document(hits[0].passage.document_id), at, at + len(label)) or hits[0].title
            found = f"{label}: not given in {where}"
    return found


def _fields(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where each line with a label and a value begins, and both."""
    at = 0
    for line in text.split("\n"):
        label, sign, value = line.partition(BETWEEN if BETWEEN in line else ":")
        if sign and value.strip() and BETWEEN not in value and 0 < len(label.strip()) <= _LONGEST_LABEL:
            yield at + len(label) - len(label.lstrip()), label.strip(), value.strip()
        at += len(line) + 1
