"""The sentences of a text that say something which sources could bear out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language.identification import detect
from index.language.sentences.splitting import sentences
from rag.checking.written.claims import says_something
from rag.drafts.marks import prose

__all__ = ["Statement", "statements"]

# What Markdown puts around words, and notes that a number stands for.
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\([^()\s]{1,2000}\)")
_NOTE = re.compile(
    r"\[\^?[\w-]{1,20}\](?!\()|(?<!\w)(?:\*{1,3}|_{1,3}|`)(?=\w)|(?<=[\w.,;:!?)])(?:\*{1,3}|_{1,3}|`)(?!\w)"
)
_MARK = re.compile(r"^(?:[-+*•]|\d{1,3}[.)])\s+|^#{1,6}\s+")
_SAMPLE = 4_000  # characters by which the language of a text is found
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, `text` at `start:end` of the text that is checked; `said` is what it says, without its markup."""

    start: int
    end: int
    text: str
    said: str


def statements(text: str) -> list[Statement]:
    """Return the sentences that say something; questions, headings, code, tables' rules and blocks quoted are none."""
    language = detect(text[:_SAMPLE])
    found: list[Statement] = []
    for start, end in prose(text):
        part = text[start:end]
        for sentence in sentences(part, language):
            words = part[sentence.start : sentence.end]
            said = _said(words)
            if not words.startswith("#") and len(words) <= _LONGEST and says_something(said):
                found.append(Statement(start + sentence.start, start + sentence.end, words, said))
    return found


def _said(words: str) -> str:
    plain = _NOTE.sub("", _LINK.sub(r"\1", words))
    return " ".join(_MARK.sub("", plain).split())
