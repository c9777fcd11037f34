"""Answers to questions about the library itself, from its catalogue and the documents' own words, every line cited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice

from index.embedders.answer_profiles import TextsProfile
from index.language.codes import canonical, language_name
from index.language.numbers.quantities import DATE, YEAR, held
from index.stores.base import DocumentHeader, Filter, PassageStore
from index.stores.filtering import allows
from index.types import Sentence
from rag.overview.asked.asked_of_files import LIST, AskedOfFiles, asked_of_files, fits, is_named
from rag.overview.asked.asked_of_texts import says_text
from rag.overview.asked.catalogue import catalogue_of, headers_of
from rag.overview.asked.languages_named import languages_named
from rag.overview.asked.meant import SURELY, Library
from rag.overview.asked.naming import named
from rag.overview.asked.numbered_parts import asked_part, part_in
from rag.overview.cited_lines import Changed, LibraryAnswer, Page, listed
from rag.overview.comparing import set_side_by_side
from rag.overview.contents.covering import covering, sentences_of
from rag.overview.contents.library import Topic, span_of, topics_of
from rag.overview.fields import fields_of
from rag.overview.newest import list_newest
from rag.question.kinds import library_questions as asked

__all__ = ["LibraryAnswer", "answer_about_files", "answer_about_library", "answer_about_part"]

_LISTED = 12  # documents in a list
_TOPICS, _COMPARED = 6, 2
_SENTENCES = 5
_DATES, _LEAST_DATES = 12, 3  # sentences in all, and of each document at least
_FEW = 50  # documents of a library in which a numbered part is looked for in each


def answer_about_library(
    kind: str,
    question: str,
    language: str,
    store: PassageStore,
    where: Filter | None = None,
    profile: TextsProfile | None = None,
    changed: Changed = lambda _: "",
) -> LibraryAnswer | None:
    """Return the answer to a question about the library; `None` where it is to be looked for in the documents.

    Args:
        kind: what `asked_of_library` returned.
        question: its text.
        language: BCP 47 code of the question, in which is said what isn't quoted.
        store: the open index.
        where: which documents count; `None` means all.
        profile: of the embedder of the index; `None`: the generic one.
        changed: ISO date of the last change of a document's file, by its id; `""` where nobody knows.
    """
    headers = headers_of(store, where)
    page = Page(store, language, profile, changed)
    make = _MAKERS.get(kind)
    if not headers or make is None or not make(page, question, headers):
        return None
    return page.done()


def answer_about_files(
    question: str, language: str, store: PassageStore, where: Filter | None = None
) -> LibraryAnswer | None:
    """Return the answer to a question about who wrote or sent what, when and to whom; `None` for any other question.

    Args:
        question: its text.
        language: BCP 47 code of the question.
        store: the open index.
        where: which documents count; `None` means all.
    """
    asked_for = asked_of_files(question, language)
    if asked_for is None:
        return None
    headers = headers_of(store, where)
    meant = [header for header in headers if fits(asked_for, header, strict=True)]
    meant = meant or [header for header in headers if fits(asked_for, header, strict=False)]
    if not meant and not asked_for.mails and asked_for.wanted != LIST and says_text(question):
        meant = _loosely(asked_for, Library(headers, store, language, where=where))
    if not meant or len(meant) == len(headers) > _LISTED:
        return None
    page = Page(store, language)
    meant.sort(key=lambda header: (str(header.metadata.get("date") or ""), header.source))
    rows = [(header, fields) for header in meant if (fields := fields_of(page.document(header.id), asked_for.wanted))]
    if asked_for.wanted == LIST and len(rows) > 1:
        page.say("documents", n=len(rows))
    for header, span in rows[:_LISTED]:
        _write(page, header, span, whole=asked_for.wanted == LIST)
    if len(rows) > _LISTED:
        page.say("more", n=len(rows) - _LISTED)
    return page.done() if rows else None


def _loosely(asked_for: AskedOfFiles, library: Library) -> list[DocumentHeader]:
    """Return the one text that a question surely means which asks who wrote it, or when: "the Tehran article"."""
    found = library.one(" ".join(asked_for.words))
    return [found.clear] if found.clear is not None and found.share >= SURELY else []


def answer_about_part(
    question: str, language: str, store: PassageStore, near: Sequence[str], where: Filter | None = None
) -> LibraryAnswer | None:
    """Return a numbered part of a text ("clause 2.2") in its own words; `None` for any other question.

    Args:
        question: its text.
        language: BCP 47 code of the question.
        store: the open index.
        near: ids of the documents that are near to the question, best first; in a small library all are looked at.
        where: which documents count; `None` means all.
    """
    part = asked_part(question)
    if part is None:
        return None
    few = list(islice(store.document_ids(), _FEW + 1))
    names = list(dict.fromkeys([*near, *(few if len(few) <= _FEW else [])]))
    known = store.headers(names)
    page = Page(store, language)
    headers = [known[name] for name in names if allows(where, known[name])]
    headers = [header for header in headers if all(is_named(word, header) for word in part.words)]
    found = [(header, span) for header in headers if (span := part_in(page.document(header.id).text, part))]
    for header, span in found[:_COMPARED]:
        title = f"**{' '.join(header.title.split())}**: " if len(found) > 1 else ""
        page.quote(header, Sentence(*span), title)
    return page.done() if found else None


def _write(page: Page, header: DocumentHeader, span: Sentence, *, whole: bool) -> None:
    """Add what a document says of itself: the title with sender and date for a list, else the line that answers."""
    title = " ".join(header.title.split())
    if not whole:
        page.quote(header, span, f"**{title}**: ")
        return
    people = header.metadata.get("author")
    facts = [str(value) for value in (people, header.metadata.get("date")) if isinstance(value, str) and value]
    page.list_fields(header, span, f" ({', '.join(facts)})" if facts else "")


def _documents(page: Page, _: str, headers: Sequence[DocumentHeader]) -> bool:
    page.say("documents", n=len(headers))
    page.lines.append(_tongues(page, headers))
    topics = topics_of(page.store, headers, page.language, page.profile)
    if len(topics) > 1:  # in one line: a topic before the list would look like the heading of all of it
        page.lines.append(" · ".join(_titled(topic) for topic in topics))
    _list(page, sorted(headers, key=lambda header: canonical(header.language) != canonical(page.language)))
    return True


def _tongues(page: Page, headers: Sequence[DocumentHeader]) -> str:
    """Return in which languages documents are, and from when to when, as far as they tell it."""
    counts = Counter(header.language for header in headers).most_common(_LISTED)
    named = listed(f"{language_name(language, page.language)} ({count})" for language, count in counts)
    ends = dict.fromkeys(page.date(end) for end in span_of(headers) if end)
    return " · ".join([named, *([" – ".join(ends)] if ends else [])])


def _titled(topic: Topic) -> str:
    """Return a topic's own words and how many documents it has."""
    return f"**{listed(topic.words)}** ({len(topic.documents)})"


def _list(page: Page, headers: Sequence[DocumentHeader], most: int = _LISTED) -> None:
    left = page.list_documents(headers, most)
    if left:
        page.say("more", n=left)


def _languages(page: Page, question: str, headers: Sequence[DocumentHeader]) -> bool:
    counts = Counter(header.language for header in headers)
    meant = languages_named(question, page.language, counts)
    counts = Counter({code: counts[code] for code in meant}) if meant else counts
    page.say("languages")
    left = _LISTED
    for language, count in counts.most_common():
        page.lines.append(f"**{language_name(language, page.language)}** ({count})")
        own = [header for header in headers if header.language == language]
        _list(page, own, max(1, left // len(counts) if len(counts) > 1 else left))
    return True


def _topics(page: Page, _: str, headers: Sequence[DocumentHeader]) -> bool:
    page.say("topics")
    topics = topics_of(page.store, headers, page.language, page.profile)
    known = {header.id: header for header in headers}
    if len(topics) > 1:
        for topic in topics:
            page.lines.append(_titled(topic))
            for name in topic.documents[: max(1, _TOPICS // len(topics))]:
                _cover(page, known[name], 1)
        return bool(page.citations)
    for header in headers[:_TOPICS]:
        _cover(page, header, 1, f"**{' '.join(header.title.split())}**: ")
    if len(headers) > _TOPICS:
        page.say("more", n=len(headers) - _TOPICS)
    return bool(page.citations)


def _summary(page: Page, question: str, headers: Sequence[DocumentHeader]) -> bool:
    meant = headers if len(headers) == 1 else _meant(page, question, headers)[:1]
    if not meant:
        return False
    page.say_summary(meant[0])
    _cover(page, meant[0], _SENTENCES)
    return bool(page.citations)


def _compare(page: Page, question: str, headers: Sequence[DocumentHeader]) -> bool:
    meant = headers if len(headers) == _COMPARED else _meant(page, question, headers)[:_COMPARED]
    if len(meant) < _COMPARED:
        return False
    set_side_by_side(page, *meant)
    return bool(page.citations)


def _dates(page: Page, question: str, headers: Sequence[DocumentHeader]) -> bool:
    """Add the sentences with dates, of every document some; what is left out is counted."""
    meant = _meant(page, question, headers) or headers
    dated = [(header, found) for header in meant[:_TOPICS] if (found := _dated(page, header))]
    if not dated:
        return False
    page.say("dates")
    most = max(_LEAST_DATES, _DATES // len(dated))
    for header, found in dated:
        if len(dated) > 1:
            page.lines += ["", f"**{' '.join(header.title.split())}**"]
        for sentence in found[:most]:
            page.quote(header, sentence)
        if len(found) > most:
            page.say("more", n=len(found) - most)
    if len(meant) > _TOPICS:
        page.lines.append("")
        page.say("more", n=len(meant) - _TOPICS)
    return True


def _dated(page: Page, header: DocumentHeader) -> list[Sentence]:
    """Return the sentences of a document that name a date or a year."""
    text = page.document(header.id).text
    every = sentences_of(page.store, header.id)[0]
    return [one for one in every if held(text[one.start : one.end], header.language) & {DATE, YEAR}]


_MAKERS: dict[str, Callable[[Page, str, Sequence[DocumentHeader]], bool]] = {
    asked.DOCUMENTS: _documents,
    asked.NEWEST: list_newest,
    asked.LANGUAGES: _languages,
    asked.TOPICS: _topics,
    asked.SUMMARY: _summary,
    asked.COMPARE: _compare,
    asked.DATES: _dates,
}


def _meant(page: Page, question: str, headers: Sequence[DocumentHeader]) -> list[DocumentHeader]:
    known = {header.id: header for header in headers}
    catalogue = catalogue_of(page.store)
    found = catalogue.titles.named(question) if len(headers) == len(catalogue.headers) else named(question, headers)
    return [known[name] for name in found if name in known]


def _cover(page: Page, header: DocumentHeader, most: int, before: str = "") -> None:
    sentences, vectors = sentences_of(page.store, header.id)
    for place in covering(sentences, vectors, most, page.document(header.id).text, profile=page.profile):
        page.quote(header, sentences[place], before)
