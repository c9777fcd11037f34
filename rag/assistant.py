"""The assistant: a question in, a cited answer or an honest refusal out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, aclosing
from dataclasses import replace
from pathlib import Path

from index.errors import ConfigError, StoreError
from index.locations import Database, Location, LocationLike
from index.stores.base import Filter
from index.stores.narrowing import holds
from index.types import Document
from rag.answering.lasting import lasting, lasting_events
from rag.answering.narrowing import Live, Where, open_live, within
from rag.answering.request import Request
from rag.answering.stages import answer_events
from rag.config import AnswerConfig, llm_timeout
from rag.drafts.types import CheckedDraft, Progress
from rag.llms.base import LLM, load_llm
from rag.llms.calls.guard import limited
from rag.llms.events import StreamEvent
from rag.llms.extractive import Extractive
from rag.overview.contents.document import Overview, overview_of, texts_of
from rag.overview.contents.library import LibraryOverview, library_overview
from rag.overview.contents.suggesting import suggestions
from rag.question.cleaning import clean_question, recent
from rag.question.followups import resolve_follow_up
from rag.retrieval.reranking import load_reranker
from rag.retrieval.retrieve import Readable, retrieve
from rag.types import Answer, ScoredPassage, Style, Turn

__all__ = ["Assistant", "Live", "Where"]

_SUGGESTING = 4.0  # seconds for which questions are tried out: somebody waits before an empty page


class Assistant:
    """Answers questions over one index; safe to use from several threads at once.

    Args:
        index_dir: folder or `postgresql://` address of the index; `None` takes the default one.
        llm: spec of the backend, or a backend.
        k: how many passages to retrieve; `None` takes the config's.
        config: how an answer is made.
        reranker: `sentence-transformers:NAME_OR_FOLDER`, orders anew; `None` takes the config's.
        index: an open live index, instead of `index_dir`.
        where: which passages it may find at all; a question's own filter narrows that further. `None` means all.

    Raises:
        ConfigError: no such backend, or a setting that makes no sense.
        StoreError: there is no usable index in that folder.
    """

    def __init__(
        self,
        index_dir: LocationLike = None,
        llm: str | LLM = "extractive",
        *,
        k: int | None = None,
        config: AnswerConfig | None = None,
        reranker: str | None = None,
        index: Live | None = None,
        where: Filter | None = None,
    ) -> None:
        settings = config or AnswerConfig()
        settings = settings if k is None else replace(settings, k=k)
        self.config = settings if reranker is None else replace(settings, reranker=reranker)
        given = Extractive(self.config.max_quotes) if llm == "extractive" else load_llm(llm)
        self.llm: LLM = limited(given, llm_timeout(self.config.llm_timeout))
        self._live = open_live(index_dir) if index is None else index
        self._where = where

    @property
    def folder(self) -> Location | None:
        """The folder of the index that is asked, or its database; `None` where it has neither."""
        folder = getattr(self._live, "folder", None)
        return folder if isinstance(folder, Path | Database) else None

    def retrieve(self, question: str, k: int | None = None, where: Where = None) -> list[ScoredPassage]:
        """Return the passages that fit a question best, best first.

        Args:
            question: in any language.
            k: how many; `None` takes the assistant's.
            where: which passages may be found; `None` means all, `{"author": "Mei"}` those of such documents.

        Raises:
            ConfigError: `k` or `where` makes no sense, or the filter asks for what the assistant's own forbids.
            QuestionError: the question can't be asked.
            StoreError: the index can't be read.
        """
        asked, count, narrow = clean_question(question), self._k(k), self.resolved(where)
        reranker = load_reranker(self.config.reranker)
        return lasting(
            self._live, lambda index: list(retrieve(index, asked, count, narrow, reranker=reranker).passages)
        )

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Where = None,
        style: Style | None = None,
    ) -> Answer:
        """Answer a question; arguments and errors are those of `stream`."""
        *_, last = self.stream(question, history, k=k, where=where, style=style)
        assert isinstance(last, Answer), "a stream ends with its answer"
        return last

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Where = None,
        style: Style | None = None,
    ) -> Iterator[StreamEvent]:
        """Yield the answer's text in pieces as they come, and the finished `Answer` last.

        The pieces are what the backend writes; the text of the finished answer, whose citations are checked, takes
        their place. A `Withdrawn` says that all text before it is void.

        Args:
            question: in any language.
            history: earlier turns of the conversation, oldest first, of which the last six are read; pairs of texts
                will do.
            k: how many passages to retrieve; `None` takes the assistant's.
            where: which passages may be used; `None` means all, `{"author": "Mei"}` those of such documents.
            style: how long a language model writes, `"short"`, `"normal"` or `"detailed"`; `None` takes the
                assistant's.

        Raises:
            ConfigError: `k` or `style` makes no sense, or the filter asks for what the assistant's own forbids.
            QuestionError: the question can't be asked.
            StoreError: the index can't be read.
        """
        config = self.config if style is None else replace(self.config, style=style)
        asked = clean_question(question)
        turns = recent(history)
        meant = resolve_follow_up(asked, turns)
        narrow = self.resolved(where)
        request = Request(question, asked, meant.standalone, turns, self._k(k), narrow, meant.focus)
        return self._events(request, config)

    async def aanswer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Where = None,
        style: Style | None = None,
    ) -> Answer:
        """Answer a question while the event loop goes on; arguments and errors are those of `stream`."""
        last: StreamEvent = ""
        async for item in self.astream(question, history, k=k, where=where, style=style):
            last = item
        assert isinstance(last, Answer), "a stream ends with its answer"
        return last

    async def astream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Where = None,
        style: Style | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """Yield what `stream` yields while the event loop goes on; arguments and errors are its own.

        The work is done in a thread of the loop's executor. Who is cancelled is free at once; the thread stops at the
        backend's next piece.
        """
        from rag.answering.unblocking import unblocked  # brings asyncio, which only this needs

        async with aclosing(unblocked(lambda: self.stream(question, history, k=k, where=where, style=style))) as items:
            async for item in items:
                yield item

    def document(self, document_id: str) -> Document:
        """Return a document of the index, for showing a quote where it stands.

        Raises:
            StoreError: there is no such document among those that may be found, or the index can't be read.
        """
        return lasting(self._live, lambda index: self._document(index, document_id))

    def _document(self, index: Readable, document_id: str) -> Document:
        found = index.store.document(document_id)
        if self._where is not None and not self._lets_through(index, document_id):
            raise StoreError(f"{document_id}: is not among the documents that can be asked here")
        return found

    def overview(self, document_id: str, *, written: bool = False, language: str = "") -> Overview:
        """Return what a document is about, in its own words.

        Args:
            document_id: which document.
            written: the assistant's language model writes an overview besides, whose sentences are checked and cited
                as any answer's; where it fails or there is none, the document's own sentences stay alone.
            language: BCP 47 code in which it writes; `""` takes the document's.

        Raises:
            StoreError: there is no such document among those that may be found, or the index can't be read.
        """
        self.document(document_id)
        if written:
            from rag.answering.written_overview import write_overview

            return lasting(
                self._live, lambda index: write_overview(index, document_id, self.llm, self.config, language)
            )
        return lasting(self._live, lambda index: overview_of(index.store, document_id, texts_of(index)))

    def library(self, language: str = "en") -> LibraryOverview:
        """Return what the documents are that may be found: how many, in which languages, from when, on which topics.

        Args:
            language: BCP 47 code in which topics are named where documents of that language are.

        Raises:
            StoreError: the index can't be read.
        """
        narrow = self.resolved()
        return lasting(self._live, lambda index: library_overview(index.store, narrow, language, texts_of(index)))

    def check_draft(
        self, text: str, *, where: Where = None, claims: bool = True, progress: Progress | None = None
    ) -> CheckedDraft:
        """Check a text that somebody brings: its quotations word by word, its claims by the words that decide.

        Args:
            text: plain or Markdown, in any language.
            where: which passages may be found; `None` means all.
            claims: whether claims are checked as well as quotations.
            progress: called with how much is done, and of how much.

        Raises:
            ConfigError: `where` makes no sense, or asks for what the assistant's own filter forbids.
            QuestionError: the text is empty or too long.
            StoreError: the index can't be read.
        """
        from rag.drafts.checking import check_text  # a question needs nothing of it

        narrow = self.resolved(where)
        return lasting(
            self._live, lambda index: check_text(index, text, self.config, narrow, claims=claims, progress=progress)
        )

    def suggestions(self, language: str = "en", most: int = 4, documents: Sequence[str] = ()) -> list[str]:
        """Return questions that the documents answer, each asked before; no language model is asked.

        Args:
            language: BCP 47 code in which they are put.
            most: how many at most.
            documents: ids of those that are asked about, to go on after an answer; none: the first of the library.

        Raises:
            StoreError: there is no such document, or the index can't be read.
        """
        quoting = Assistant(index=self._live, config=self.config, where=self._where)
        rest = quoting.answer, language, most, self.resolved(), documents, _SUGGESTING
        return lasting(self._live, lambda index: suggestions(index.store, *rest, texts_of(index)))

    def reading(self) -> AbstractContextManager[Readable]:
        """Hold the newest generation of the index for a look into it."""
        return self._live.reading()

    def resolved(self, where: Where = None) -> Filter | None:
        """Return a filter within the assistant's own, with what its collections hold in place of their names.

        Raises:
            ConfigError: no passage could pass both, or there is no collection of such a name.
            StoreError: the collections can't be read.
        """
        return within(self._live, self._where, Filter.of(where))

    def _lets_through(self, index: Readable, document_id: str) -> bool:
        try:
            where = self.resolved(Filter(documents=(document_id,)))
        except ConfigError:
            return False
        return where is None or holds(index.store, where)

    def _events(self, request: Request, config: AnswerConfig) -> Iterator[StreamEvent]:
        return lasting_events(self._live, lambda index: answer_events(index, request, self.llm, config), self.llm.spec)

    def _k(self, k: int | None) -> int:
        return self.config.k if k is None else replace(self.config, k=k).k
