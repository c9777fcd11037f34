"""What the index says of itself to a question, or of its texts as wholes, before passages are read for an answer.

What only sounds like such a question is left to the passages: a reader decides, and what it read is handed on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from index.opening.opened import Index
from index.opening.originals import original_of
from index.opening.scoped import ScopedIndex
from rag.answering.reading import Read, read
from rag.answering.retrieving import Found
from rag.config import AnswerConfig
from rag.overview.about_texts import TextAsked, answer_about_texts, which_text
from rag.overview.answers import LibraryAnswer, answer_about_files, answer_about_library, answer_about_part
from rag.overview.asked.about_a_text import asks_what_a_text_is_about, names_all_titles
from rag.overview.asked.asked_of_texts import says_text
from rag.overview.asked.languages_named import asks_for_a_language
from rag.question.kinds.library_questions import COMPARE, DATES, DOCUMENTS, LANGUAGES, NEWEST, SUMMARY
from rag.reading.stage import Doubt, answers_rather
from rag.retrieval.retrieve import Readable, Retrieved
from rag.types import Answer

__all__ = ["Catalogue", "ask_back", "ask_catalogue", "changed_on"]

_OF_THE_CATALOGUE = frozenset({DOCUMENTS, NEWEST, LANGUAGES})  # what may be asked of a library that people walk into
_NEAR = 30  # passages by which the documents are found that are nearest to a name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the index says of itself to a question.

    Attributes:
        answer: `None` where the documents are asked.
        read: what the passages say, where they were read to decide between the two; `None` where they weren't.
    """

    answer: Answer | None = None
    read: Read | None = None


def ask_catalogue(index: Readable, found: Found, config: AnswerConfig) -> Catalogue:
    """Return the answer to a question about the library itself, or what was read instead of answering.

    Args:
        index: the open index.
        found: what was found for the question.
        config: how passages are read.

    Raises:
        RagError: the reader can't read.
    """
    request, retrieved = found.understood.request, found.retrieved
    if request.standalone is not None:
        return Catalogue()
    said, kind = _of_files_or_texts(index, found)
    doubt = _doubt(kind, retrieved) or _doubt_of_text(request.asked, said)
    seen = read(index, found, config) if doubt is not None else None
    if seen is not None and doubt is not None and _answers_rather(seen, doubt):
        return Catalogue(read=seen)
    if kind and said is None:
        texts, changed = retrieved.profile.texts, partial(changed_on, index)
        said = answer_about_library(kind, request.asked, retrieved.language, index.store, request.where, texts, changed)
    return Catalogue(_answer_of(index, found, said), seen)


def changed_on(index: Readable, document_id: str) -> str:
    """Return the day of the last change of a document's file, ISO 8601; `""` where it is unknown."""
    if not isinstance(index, Index | ScopedIndex):
        return ""
    record = original_of(index.folder, index.generation, document_id)
    return "" if record is None else dt.datetime.fromtimestamp(record.mtime_ns // 10**9).astimezone().date().isoformat()


def ask_back(index: Readable, found: Found) -> Answer | None:
    """Return which texts a question may mean that names them unclearly; `None` where it surely means none."""
    return _answer_of(index, found, which_text(_text_asked(index, found)))


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
    if found.library == DATES:
        return Doubt.LOOSE
    return Doubt.KIND if found.library in _OF_THE_CATALOGUE else None


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
