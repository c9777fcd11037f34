"""Questions about what files and mails tell of themselves: who wrote or sent them, to whom, when; and which ones did.

"Which mails did Mei send in March?" is no question about the words of any text. A question is taken for one of these
only when each of its words is explained: it asks who, when or which, or is the name of a person, a date, or part of the
title, file name or folder of a document. All others are looked for in the texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from index.language.folding import fold
from index.language.lexicon import alternatives, entries, spaced_words
from index.language.numbers.dates import Day, day_within
from index.language.question_words import asks_for_a_reason, common, counts
from index.language.words import tokens
from index.stores.base import DocumentHeader
from rag.overview.asked.file_words import concepts_of, unspaced_concepts

__all__ = [
    "AUTHOR",
    "DATE",
    "LIST",
    "RECIPIENT",
    "AskedOfFiles",
    "alike",
    "among",
    "asked_of_files",
    "bare",
    "fits",
    "is_named",
    "on",
    "shared_beginning",
    "words_of",
]

AUTHOR, RECIPIENT, DATE, LIST = "author", "recipient", "date", "list"
_STEM, _ENDING = 3, 3  # letters that two forms of a word share at least, and that they may differ in at their end
_ENDINGS = re.compile(r"(?<=\w)['’]\w{1,5}\b")  # "Mei's", "Mei'nin"


@dataclass(frozen=True, slots=True)
class AskedOfFiles:
    """What a question asks of files.

    Attributes:
        wanted: `AUTHOR`, `RECIPIENT`, `DATE`, or `LIST` for the files themselves.
        mails: only messages count.
        words: of the question that must tell which files: names, titles.
        receivers: those of them that are named as whom something went to.
        givers: those from whom it came.
        received: whoever else is named received.
        day: when, as far as it is stated; `None` where it isn't.
    """

    wanted: str
    mails: bool
    words: tuple[str, ...]
    receivers: frozenset[str] = field(default=frozenset())
    givers: frozenset[str] = field(default=frozenset())
    received: bool = False
    day: Day | None = None


def asked_of_files(question: str, language: str) -> AskedOfFiles | None:
    """Return what a question asks of files; `None` for one whose words say nothing of writing or sending.

    Args:
        question: its text.
        language: its BCP 47 code, for the names of months.
    """
    if asks_for_a_reason(question) or counts(question):
        return None
    text = fold(_ENDINGS.sub("", _dative().sub(" ›", question)))
    concepts_seen: set[str] = set()
    for word, said in unspaced_concepts():
        if word in text:
            text = text.replace(word, " ")
            concepts_seen |= said
    day, dated = day_within(text, language)
    words: list[str] = []
    receivers: set[str] = set()
    givers: set[str] = set()
    to, out_of, before = spaced_words("towards"), spaced_words("out_of"), ""
    for form in _forms(text):
        concepts = concepts_of(form)
        concepts_seen |= concepts
        if form == "›" and words:
            receivers.add(words[-1])
        elif not concepts and form not in dated and form not in to and not _says_nothing(form):
            words.append(form)
            receivers |= {form} if before in to else set()
            givers |= {form} if before in out_of else set()
        before = form
    if not concepts_seen & {"wrote", "sent", "received", "mail"} or not (words or day):
        return None
    mails = bool(concepts_seen & {"mail", "sent", "received"})
    people = frozenset(receivers), frozenset(givers)
    return AskedOfFiles(_wanted(concepts_seen, text), mails, tuple(words), *people, "received" in concepts_seen, day)


def _forms(text: str) -> Iterator[str]:
    for piece in re.split(r"(›)", text):
        yield from ["›"] if piece == "›" else [token.form for token in tokens(piece)]


@lru_cache(maxsize=1)
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives('file_prefixes')})(?=\w{{2}})")


@lru_cache(maxsize=1)
def _dative() -> re.Pattern[str]:
    """Return what finds the ending of whom something went to: "Ola'ya"."""
    return re.compile(rf"(?<=\w)['’](?:{alternatives('dative_endings')})\b", re.IGNORECASE)


def bare(word: str) -> str:
    """Return a folded word without what is written together with it before it."""
    return _before().sub("", word, count=1)


def _says_nothing(form: str) -> bool:
    about = spaced_words("about_files")
    return form in common() or form in about or bare(form) in about


def _wanted(concepts: set[str], text: str) -> str:
    if "when" in concepts:
        return DATE
    if "whom" in concepts or ("who" in concepts and _to_whom(text)):
        return RECIPIENT
    if "who" in concepts:
        return RECIPIENT if "received" in concepts and "sent" not in concepts else AUTHOR
    return LIST


def _to_whom(text: str) -> bool:
    """Tell whether it is asked to whom something went: "to whom", "به چه کسی", "who was it sent to"."""
    forms = [token.form for token in tokens(text)]
    to = spaced_words("towards")
    pairs = [*pairwise(forms), *zip(forms, forms[2:], strict=False)]
    return (bool(forms) and forms[-1] in to) or any(one in to and "who" in concepts_of(after) for one, after in pairs)


def fits(asked: AskedOfFiles, header: DocumentHeader, *, strict: bool) -> bool:
    """Tell whether a document is one of those that a question means.

    Args:
        asked: the question.
        header: of the document.
        strict: people must stand where the question says, else anywhere.
    """
    metadata = header.metadata
    if asked.mails and "sender" not in metadata:
        return False
    if asked.day is not None and not on(asked.day, str(metadata.get("date") or "")):
        return False
    senders, recipients = (
        words_of(metadata.get("author"), metadata.get("sender")),
        words_of(metadata.get("recipients")),
    )
    for word in asked.words:
        to = (
            word in asked.receivers
            or (asked.received and word not in asked.givers)
            or word.startswith(entries("towards_prefixes"))
        )
        people = (recipients if to else senders) if strict else senders | recipients
        if not (is_named(word, header) or among(word, people)):
            return False
    return True


def is_named(word: str, header: DocumentHeader) -> bool:
    """Tell whether a word of a question, folded, is one of a document's title, file name, folder or subject."""
    source = re.sub(r"[_.-]", " ", header.source)
    return among(word, words_of(header.title, source, header.metadata.get("subject")))


def words_of(*values: object) -> frozenset[str]:
    """Return the words of values, whatever they are made of."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, str):
            spaced = re.sub(r"[@._<>-]", " ", value)
            for words in dict.fromkeys((value, spaced)):
                found.update(token.form for token in tokens(words))
        elif isinstance(value, Sequence):
            found |= words_of(*value)
    return frozenset(found)


def among(word: str, forms: frozenset[str]) -> bool:
    """Tell whether a folded word is one of some words, in any form of it."""
    if word in forms:
        return True
    return any(alike(one, form) for one in {word, bare(word)} for form in forms)


def alike(one: str, other: str) -> bool:
    """Tell whether two words are forms of one: the same but for the last letters, or an article written before."""
    if one == bare(other) or one == other:
        return True
    short, long = sorted((one, other), key=len)
    shared = shared_beginning(one, other)
    inflected = shared >= _STEM and len(long) - shared <= _ENDING and len(short) - shared <= 1
    return inflected and (one + other).isalpha()


def shared_beginning(one: str, other: str) -> int:
    """Return in how many letters two words begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, pair in pairs if pair[0] != pair[1]), min(len(one), len(other)))


def on(day: Day, date: str) -> bool:
    """Tell whether a date in ISO 8601 lies on a day, in a month or in a year, as precise as both tell."""
    parts = date[:10].split("-")
    wanted = (day.year, day.month, day.day)
    known = [int(part) for part in parts if part.isascii() and part.isdigit()]
    if not known or (day.month and len(known) < 2) or (day.day and len(known) < 3):
        return False
    return all(not one or one == other for one, other in zip(wanted, known, strict=False))
