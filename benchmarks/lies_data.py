"""Pairs of a truth and a lie about one passage, made from facts that are told in several languages.

Each fact is told in five of ten languages: a passage, two truths, two lies. Of three claims one is made in another
language than its passage, and one truth in nine is a sentence of the passage as it stands. Facts belong to one half:
methods are chosen on `development`, `held_out` only judges.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.language.sentences.answer_sentences import sentence_spans

HALVES = ("development", "held_out")
_FOLDER = Path(__file__).parent / "lies_facts"
_ACROSS, _COPIED = 3, 9  # every so many pairs


@dataclass(frozen=True)
class Statement:
    """Something said about a passage.

    Attributes:
        half: the half that its fact belongs to.
        fact: name of the fact.
        kind: how it was made, `"roles"`, `"paraphrase"` …
        true: whether the passage says so.
        text: what is said.
        language: in which language.
        passage: what is read.
        passage_language: in which language that is.
    """

    half: str
    fact: str
    kind: str
    true: bool
    text: str
    language: str
    passage: str
    passage_language: str

    @property
    def across(self) -> bool:
        """Whether claim and passage are in two languages."""
        return self.language != self.passage_language


def statements(half: str) -> list[Statement]:
    """Return the truths and lies of one half, each lie behind its truth."""
    facts: list[dict[str, Any]] = tomllib.loads((_FOLDER / f"{half}.toml").read_text(encoding="utf-8"))["facts"]
    return [each for number, fact in enumerate(facts) for each in _of_fact(half, fact, number)]


def _of_fact(half: str, fact: dict[str, Any], number: int) -> Iterator[Statement]:
    languages = [name for name, words in fact.items() if isinstance(words, dict)]
    places = [(language, slot) for language in languages for slot in range(len(fact["lies"]))]
    for count, (language, slot) in enumerate(places, number * len(places)):
        passage = fact[language]["passage"]
        said_in = language
        if count % _ACROSS == 0:
            said_in = languages[(languages.index(language) + 1 + count % (len(languages) - 1)) % len(languages)]
        kind, truth = fact["truths"][slot], fact[said_in]["truths"][slot]
        if said_in != language:
            kind = "translation"
        elif count % _COPIED == 1:
            start, end = sentence_spans(passage, language)[0]
            kind, truth = "copy", passage[start:end]
        yield Statement(half, fact["name"], kind, True, truth, said_in, passage, language)
        lie = fact[said_in]["lies"][slot]
        yield Statement(half, fact["name"], fact["lies"][slot], False, lie, said_in, passage, language)
