"""What one document is about: the sentences that cover it, its headings, the names that it speaks of most."""

from __future__ import annotations

from dataclasses import dataclass

from index.embedders.answer_profiles import TextsProfile
from index.embedders.profile import profile_of
from index.language.codes import canonical
from index.language.lexicon import flagged
from index.stores.base import PassageStore
from index.types import Sentence
from rag.overview.contents.covering import covering, sentences_of
from rag.overview.contents.terms import names_in, terms_in
from rag.overview.contents.values import values_of
from rag.retrieval.retrieve import Readable
from rag.types import Answer

__all__ = ["Overview", "cover_of", "overview_of", "texts_of"]

_SENTENCES = 4
_HEADINGS = 12
# Text in which names are looked for, in code points.
_LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Overview:
    """What a document is about, in its own words; made from what the index holds of it, without a model.

    Attributes:
        document_id: of the document.
        sentences: the few that cover it best, in reading order.
        headings: its headings in reading order.
        names: names and terms of several words that stand in it more than once, most first.
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


def texts_of(index: Readable) -> TextsProfile:
    """Return the part of its embedder's profile by which the texts of an index are summed up."""
    return profile_of(index.fingerprint).texts


def cover_of(store: PassageStore, document_id: str, profile: TextsProfile | None = None) -> tuple[Sentence, ...]:
    """Return the few sentences that cover a document best, in reading order.

    Args:
        store: the open index.
        document_id: which one.
        profile: of the embedder of the index; `None`: the generic one.

    Raises:
        StoreError: there is no such document.
    """
    sentences, vectors = sentences_of(store, document_id)
    text, own = store.document(document_id).text, profile or profile_of("").texts
    places = covering(sentences, vectors, _SENTENCES, text, profile=own)
    return tuple(sentences[place] for place in places)


def overview_of(store: PassageStore, document_id: str, profile: TextsProfile | None = None) -> Overview:
    """Return what a document is about.

    Args:
        store: the open index.
        document_id: which one.
        profile: of the embedder of the index; `None`: the generic one.

    Raises:
        StoreError: there is no such document.
    """
    document = store.document(document_id)
    properties = document.metadata.get("properties")  # where the file says about itself, below its text
    end = (
        properties[0]
        if isinstance(properties, list) and properties and isinstance(properties[0], int)
        else len(document.text)
    )
    headings = [each.heading for each in store.passages(store.keys(document_id)) if each.heading and each.start < end]
    own = [heading for heading in dict.fromkeys(headings) if heading != document.title]
    # Where every noun has a capital, one word alone is no name for sure.
    spoken_of = terms_in if canonical(document.language) in flagged("capital_nouns") else names_in
    names = tuple(spoken_of(values_of(document, min(end, _LOOKED_AT))))
    cover = cover_of(store, document_id, profile)
    return Overview(document_id, cover, tuple(own[:_HEADINGS]), names, document.language, end)
