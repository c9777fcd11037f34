"""What one document is about: the sentences that cover it, its headings, the names that it speaks of most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from index.language.facts import begins_sentence
from index.language.words import Token, tokens
from index.stores.base import PassageStore
from index.types import Sentence
from rag.overview.covering import covering, sentences_of
from rag.types import Answer

__all__ = ["Overview", "cover_of", "names_in", "overview_of"]

_SENTENCES = 4
_HEADINGS = 12
_NAMES = 6
# A name of several words that stands so often in a text is one that it speaks of.
_OFTEN = 2
_PAIR = 2
# Text in which names are looked for, in code points.
_LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Overview:
    """What a document is about, in its own words; made from what the index holds of it, without a model.

    Attributes:
        document_id: of the document.
        sentences: the few that cover it best, in reading order.
        headings: its headings in reading order.
        names: names of several words that stand in it more than once, most first; only in scripts with capital letters.
        language: its BCP 47 code.
        characters: its length in code points.
        written: what a language model wrote of it, cited and checked as any answer; `None` where none was asked, or it
            failed.
        warnings: sentences for people about what went wrong with that.
    """

    document_id: str
    sentences: tuple[Sentence, ...]
    headings: tuple[str, ...]
    names: tuple[str, ...]
    language: str
    characters: int
    written: Answer | None = None
    warnings: tuple[str, ...] = ()


def cover_of(store: PassageStore, document_id: str) -> tuple[Sentence, ...]:
    """Return the few sentences that cover a document best, in reading order.

    Raises:
        StoreError: there is no such document.
    """
    sentences, vectors = sentences_of(store, document_id)
    return tuple(sentences[place] for place in covering(sentences, vectors, _SENTENCES))


def overview_of(store: PassageStore, document_id: str) -> Overview:
    """Return what a document is about.

    Raises:
        StoreError: there is no such document.
    """
    document = store.document(document_id)
    told = document.metadata.get("properties")  # where the file tells about itself, below its text
    end = told[0] if isinstance(told, list) and told and isinstance(told[0], int) else len(document.text)
    headings = [each.heading for each in store.passages(store.keys(document_id)) if each.heading and each.start < end]
    own = [heading for heading in dict.fromkeys(headings) if heading != document.title]
    names = tuple(names_in(document.text[: min(end, _LOOKED_AT)]))
    return Overview(document_id, cover_of(store, document_id), tuple(own[:_HEADINGS]), names, document.language, end)


def names_in(text: str) -> list[str]:
    """Return the names of several words that stand in a text more than once, most first."""
    counts = Counter(name for name in _runs(text))
    known = [name for name, count in counts.most_common(4 * _NAMES) if count >= _OFTEN]
    # "Arab Organization" within "Arab Organization for Industrialization" is one thing.
    return [name for name in known if not any(name != other and name in other for other in known)][:_NAMES]


def _runs(text: str) -> Iterator[str]:
    """Yield words that follow each other and begin with capital letters, two or more.

    The first word of a sentence is written with a capital letter whatever it is. It counts unless the text has it with
    a small letter as well, and what follows it counts by itself too: "Then Ada Brandt left".
    """
    words = tokens(text)
    small = {token.form for token in words if text[token.start].islower()}
    run: list[Token] = []
    for token in [*words, Token("", len(text), len(text))]:
        capital = text[token.start : token.start + 1].isupper()
        if capital and run and text[run[-1].end : token.start] == " ":
            run.append(token)
            continue
        if len(run) > 1:
            yield text[run[0].start : run[-1].end]
        if len(run) > _PAIR and begins_sentence(text, run[0].start):
            yield text[run[1].start : run[-1].end]
        run = [token] if capital and not (token.form in small and begins_sentence(text, token.start)) else []
