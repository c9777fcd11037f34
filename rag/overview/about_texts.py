"""Answers to questions about one text or two as wholes: summed up, compared, or which of several may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.embedders.answer_profiles import TextsProfile
from index.language.codes import canonical
from index.stores.base import DocumentHeader, Filter, PassageStore
from rag.overview.asked.asked_of_texts import AskedOfTexts, asked_of_texts
from rag.overview.asked.catalogue import headers_of
from rag.overview.asked.meant import SURELY, Library, Meant, Near
from rag.overview.cited_lines import LibraryAnswer, Page
from rag.overview.comparing import set_side_by_side
from rag.overview.contents.covering import covering, sentences_of
from rag.question.kinds.library_questions import COMPARE

__all__ = ["TextAsked", "answer_about_texts", "which_text"]

_SENTENCES, _OF_EACH = 5, 3
_POSSIBLE = 3
_CALLED = 0.99  # share of the words of a name with which texts are called so, which then must be meant


@dataclass(frozen=True, slots=True)
class TextAsked:
    """A question about texts, and where they are.

    Attributes:
        question: its text.
        language: its BCP 47 code.
        kind: what its vector says that it asks of the library.
        store: the open index.
        near: documents nearest to a few words by their vectors.
        where: which documents count; `None` means all.
        profile: of the embedder of the index; `None`: the generic one.
    """

    question: str
    language: str
    kind: str
    store: PassageStore
    near: Near | None = None
    where: Filter | None = None
    profile: TextsProfile | None = None


def answer_about_texts(asked: TextAsked) -> LibraryAnswer | None:
    """Return the texts that a question surely names, summed up; `None` where it asks for nothing of the kind."""
    wanted = asked_of_texts(asked.question, asked.kind)
    if wanted is None:
        return None
    headers = headers_of(asked.store, asked.where)
    named = _named(asked, wanted, headers)
    if not named or any(each.clear is None for each in named):
        return None
    if not wanted.says_text and min(each.share for each in named) < SURELY:
        return None
    page = Page(asked.store, asked.language, asked.profile)
    match [each.clear for each in named]:
        case [DocumentHeader() as first, DocumentHeader() as second]:
            set_side_by_side(page, first, second)
        case [DocumentHeader() as only]:
            _sum_up(page, only, _SENTENCES)
    return replace(page.done(), of_texts=True) if page.citations else None


def which_text(asked: TextAsked) -> LibraryAnswer | None:
    """Return which texts a question may mean that names them unclearly; `None` where it surely means none.

    What is clear of two that are to be compared is summed up.
    """
    wanted = asked_of_texts(asked.question, asked.kind)
    if wanted is None:
        return None
    headers = headers_of(asked.store, asked.where)
    if len(headers) < (2 if wanted.kind == COMPARE else 1):
        return None
    named = _named(asked, wanted, headers)
    if not wanted.says_text and min(each.share for each in named) < _CALLED:
        return None
    if not asked.kind and not any(each.possible for each in named):
        return None
    page = Page(asked.store, asked.language, asked.profile)
    clear = [each.clear for each in named if each.clear is not None]
    for header in clear:
        _sum_up(page, header, _OF_EACH)
    _ask_back(page, _possible(named, headers, asked.language))
    return page.done() if page.citations else None


def _named(asked: TextAsked, wanted: AskedOfTexts, headers: Sequence[DocumentHeader]) -> tuple[Meant, ...]:
    """Return what is named; where there are only as many texts as are asked about, those are meant."""
    library = Library(headers, asked.store, asked.language, asked.near, asked.where, asked.profile)
    if wanted.kind != COMPARE:
        found: tuple[Meant, ...] = (library.one(wanted.naming),)
    else:
        found = library.two(wanted.naming)
    if len(headers) == len(found) and wanted.says_text:
        return tuple(Meant(header, (header,), 1.0) for header in headers)
    return found


def _possible(named: Sequence[Meant], headers: Sequence[DocumentHeader], language: str) -> list[DocumentHeader]:
    """Return the texts that may be meant: those that fit, else some in the asker's language."""
    clear = {each.clear.id for each in named if each.clear is not None}
    found = [header for each in named if each.clear is None for header in each.possible]
    own = sorted(headers, key=lambda header: canonical(header.language) != canonical(language))
    kept = {header.id: header for header in found or own if header.id not in clear}
    return list(kept.values())[:_POSSIBLE]


def _ask_back(page: Page, possible: Sequence[DocumentHeader]) -> None:
    page.say("which_meant")
    for header in possible:
        page.list_document(header)


def _sum_up(page: Page, header: DocumentHeader, most: int) -> None:
    page.say_summary(header)
    sentences, vectors = sentences_of(page.store, header.id)
    for place in covering(sentences, vectors, most, page.document(header.id).text, profile=page.profile):
        page.quote(header, sentences[place])
