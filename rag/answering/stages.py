"""One question's way to its answer, over one generation of the index: understood, found, read, written, checked.

Each stage hands on one record. A backend that fails is replaced by the extractive one, and its text is withdrawn;
whatever happens, the passages are shown.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from index.opening.opened import Index
from index.opening.originals import original_of
from index.opening.scoped import ScopedIndex
from index.stores.base import Filter
from rag.answering.checking import checked, refuse
from rag.answering.material import begin
from rag.answering.nearest import lacks_own, own_first
from rag.answering.reading import Read, answers_unfiltered, read
from rag.answering.request import Request
from rag.answering.retrieving import Found, find
from rag.answering.understanding import understand
from rag.answering.writing import quote_instead, speak
from rag.config import AnswerConfig
from rag.llms.base import LLM
from rag.llms.events import Piece, StreamEvent, Withdrawn, text_of
from rag.overview.about_texts import TextAsked, answer_about_texts, which_text
from rag.overview.answers import LibraryAnswer, answer_about_files, answer_about_library, answer_about_part
from rag.overview.asked.about_a_text import asks_what_a_text_is_about, names_all_titles
from rag.overview.asked.asked_of_texts import says_text
from rag.overview.asked.languages_named import asks_for_a_language
from rag.question.kinds.library_questions import COMPARE, DATES, DOCUMENTS, LANGUAGES, NEWEST, SUMMARY
from rag.question.small_talk import invitation
from rag.reading.stage import Doubt, answers_rather, is_far
from rag.retrieval.retrieve import Readable, Retrieved, retrieve
from rag.types import Answer, ScoredPassage

__all__ = ["answer_events", "changed_on"]

# Titles that tell what can be asked about.
_TITLES = 2
_OF_THE_CATALOGUE = frozenset({DOCUMENTS, NEWEST, LANGUAGES})  # what may be asked of a library that people walk into
_NEAR = 30  # passages by which the documents are found that are nearest to a name


def answer_events(index: Readable, request: Request, llm: LLM, config: AnswerConfig) -> Iterator[StreamEvent]:
    """Yield the text as it comes, where it is withdrawn, and the finished answer last."""
    started = time.perf_counter()
    understood = understand(request, llm, config)
    understood_in = time.perf_counter() - started
    if understood.small_talk:
        yield _welcome(index, request)
        return
    found = find(index, understood, config)
    catalogue = _of_the_library(index, found, config)
    if catalogue.answer is not None:
        yield _timed(catalogue.answer, found.retrieved, understood_in, {"total": time.perf_counter() - started})
        return
    seen = catalogue.read or read(index, found, config)
    if not seen.answers:
        if (unclear := _answer_of(index, found, which_text(_text_asked(index, found)))) is not None:
            yield _timed(unclear, found.retrieved, understood_in, {"total": time.perf_counter() - started})
            return
        seen = _in_own_language(index, seen)
        refused = replace(refuse(index, seen, llm.spec), filtered=answers_unfiltered(index, seen, config))
        yield _timed(refused, seen.retrieved, understood_in, {"total": time.perf_counter() - started})
        return
    reply = begin(index, seen, llm, config)
    asked_at = time.perf_counter()
    yield from _shown(speak(reply, request.history, llm, config))
    cited_at = time.perf_counter()
    while (answer := checked(index, seen, reply, config)) is None:  # once: quotes have their sources
        yield from _shown(quote_instead(reply, f"{reply.llm} named no source for its answer", config))
    now = time.perf_counter()
    timings = {"llm": cited_at - asked_at, "cite": now - cited_at, "total": now - started}
    yield _timed(answer, seen.retrieved, understood_in, timings)


def _shown(pieces: Iterator[Piece]) -> Iterator[StreamEvent]:
    """Yield what people see of a reply while it comes."""
    for piece in pieces:
        if isinstance(piece, Withdrawn):
            yield piece
        elif text := text_of(piece):
            yield text


def _welcome(index: Readable, request: Request) -> Answer:
    """Return one line that says what can be asked; nothing is looked for."""
    names = islice(index.store.document_ids(), _TITLES) if request.where is None else ()
    titles = [index.store.document(name).title for name in names]
    text, language = invitation(request.asked, request.history, titles)
    return Answer(request.question, text, (), (), False, language, "", index.generation)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What the index says of itself to a question.

    Attributes:
        answer: `None` where the documents are asked.
        read: what the passages say, where they were read to decide between the two; `None` where they weren't.
    """

    answer: Answer | None = None
    read: Read | None = None


def _of_the_library(index: Readable, found: Found, config: AnswerConfig) -> _Catalogue:
    """Return the answer to a question about the library itself, or what was read instead of answering."""
    request, retrieved = found.understood.request, found.retrieved
    if request.standalone is not None:
        return _Catalogue()
    said, kind = _of_files_or_texts(index, found)
    doubt = _doubt(kind, retrieved) or _doubt_of_text(request.asked, said)
    seen = read(index, found, config) if doubt is not None else None
    if seen is not None and doubt is not None and _answers_rather(seen, doubt):
        return _Catalogue(read=seen)
    if kind and said is None:
        texts, changed = retrieved.profile.texts, partial(changed_on, index)
        said = answer_about_library(kind, request.asked, retrieved.language, index.store, request.where, texts, changed)
    return _Catalogue(_answer_of(index, found, said), seen)


def changed_on(index: Readable, document_id: str) -> str:
    """Return the day of the last change of a document's file, ISO 8601; `""` where it is unknown."""
    record = (
        original_of(index.folder, index.generation, document_id) if isinstance(index, Index | ScopedIndex) else None
    )
    return "" if record is None else dt.datetime.fromtimestamp(record.mtime_ns // 10**9).astimezone().date().isoformat()


def _of_files_or_texts(index: Readable, found: Found) -> tuple[LibraryAnswer | None, str]:
    """Return what files, parts of files or texts say of themselves; else which question about the library it is."""
    request, retrieved = found.understood.request, found.retrieved
    said = answer_about_files(request.asked, retrieved.language, index.store, request.where)
    if said is None:
        near = list(dict.fromkeys(hit.passage.document_id for hit in retrieved.passages))
        said = answer_about_part(request.asked, retrieved.language, index.store, near, request.where)
    if said is not None:
        return said, ""
    titles = [hit.title for hit in retrieved.passages]
    kind = SUMMARY if asks_what_a_text_is_about(request.asked, titles) else retrieved.library
    if not kind and asks_for_a_language(request.asked, retrieved.language, index.store.languages()):
        kind = LANGUAGES
    if kind in {"", SUMMARY, COMPARE}:
        said = answer_about_texts(_text_asked(index, found))
    return said, kind


def _doubt(kind: str, found: Retrieved) -> Doubt | None:
    """Return how a question that its vector says is about the index may as well be one to a passage; `None`: not.

    "How many books has the library?" means the building that a document speaks of, "Which report had the right date?"
    no list of dates.
    """
    if not kind or found.library_share >= found.profile.kinds.only_library:
        return None
    return {DATES: Doubt.LOOSE}.get(found.library, Doubt.KIND if found.library in _OF_THE_CATALOGUE else None)


def _doubt_of_text(question: str, said: LibraryAnswer | None) -> Doubt | None:
    """Return how a question that was taken for one about whole texts may as well be one to a passage; `None`: not.

    "How do fees at public schools compare to those at others?" compares no texts, and "What does the report say of
    fees?" asks for no summary. A word for a text and whole titles say rather that texts are meant.
    """
    if said is None or not said.of_texts:
        return None
    named = says_text(question) or names_all_titles(question, {cited.title for cited in said.citations})
    return Doubt.NAMED if named else Doubt.LOOSE


def _answers_rather(seen: Read, doubt: Doubt) -> bool:
    return seen.answers and answers_rather(seen.retrieved, seen.confidence, doubt)


def _answer_of(index: Readable, found: Found, reply: LibraryAnswer | None) -> Answer | None:
    if reply is None:
        return None
    question, language = found.understood.request.question, found.retrieved.language
    return Answer(question, reply.text, reply.citations, (), False, language, "", index.generation)


def _text_asked(index: Readable, found: Found) -> TextAsked:
    """Return the question with what decides which texts it means."""
    request, retrieved = found.understood.request, found.retrieved

    def near(words: str) -> list[tuple[str, float]]:
        hits = index.store.dense(index.embed_query(words)[0], _NEAR, request.where)
        passages = index.store.passages([hit.key for hit in hits])
        best: dict[str, float] = {}
        for hit, passage in zip(hits, passages, strict=True):
            best.setdefault(passage.document_id, hit.score)
        return list(best.items())

    where, texts = request.where, retrieved.profile.texts
    return TextAsked(request.asked, retrieved.language, retrieved.library, index.store, near, where, texts)


def _in_own_language(index: Readable, seen: Read) -> Read:
    """Return what was read, and where all of it is far from the question, what is in the asker's language first."""
    if seen.not_given or not is_far(seen.retrieved, seen.confidence):
        return seen
    found, where = seen.retrieved, seen.understood.request.where or Filter()
    further: tuple[ScoredPassage, ...] = ()
    if lacks_own(found.passages, found.language) and not where.languages:
        own = replace(where, languages=(found.language,))
        further = retrieve(index, seen.understood.searched, len(found.passages), own).passages
    return replace(
        seen,
        retrieved=replace(
            found, passages=own_first(found.passages, found.language, found.profile.ranking.lift, further)
        ),
    )


def _timed(answer: Answer, found: Retrieved, understood_in: float, timings: dict[str, float]) -> Answer:
    return replace(answer, timings={"understand": understood_in, **found.timings, **timings})
