"""From a question to the states of its answer, one after the other; knows nothing of any web framework."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeAlias

from index.errors import IndexMissingError, RagError
from index.stores.base import Filter
from index.stores.collections import Viewer
from index.types import Document
from rag.config import AnswerConfig
from rag.errors import LLMError, QuestionError
from rag.llms.events import StreamEvent, Withdrawn
from rag.retrieval.retrieve import Readable
from rag.types import STYLES, Answer, ScoredPassage, Style, Turn
from ui.http.admission import Gates
from ui.http.fair_queue import Places, Visitor
from ui.http.sign_in.viewing import NOBODY, look_as
from ui.service.asking.backends import Backend, describe, public
from ui.service.asking.receipts import receipt_of
from ui.service.asking.scope import picked_from
from ui.service.asking.streams import Stop, pumped
from ui.view import strings
from ui.view.cards import TurnCard, turn_of

__all__ = ["QUESTION_CHARACTERS", "Answerer", "ChatService"]

logger = logging.getLogger(__name__)
QUESTION_CHARACTERS = 4_000
# Why a question failed is kept in English and said in the language of the interface where it is shown.
_WRITTEN = "en"
_MOST_RUNS = 1_000
# Questions of one person at a time; further ones are refused, so that others find room.
_MOST_ASKED = 120
# Of a question that is refused, enough for its author to shorten it.
_MOST_SHOWN = 20_000
# From so many characters on, a text that streams is drawn when it has grown by this part.
_LONG_TEXT = 2_000
_STEPS = 40


_Item: TypeAlias = str | Withdrawn | TurnCard


class Answerer(Protocol):
    """What the chat needs of an assistant."""

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Filter | None = None,
        style: Style | None = None,
    ) -> Iterator[StreamEvent]:
        """Yield pieces of the text as they come, the finished answer last."""
        ...

    def retrieve(self, question: str, k: int | None = None, where: Filter | None = None) -> list[ScoredPassage]:
        """Return the passages that fit a question best, best first."""
        ...

    def document(self, document_id: str) -> Document:
        """Return one indexed document."""
        ...

    def reading(self) -> AbstractContextManager[Readable]:
        """Hold the newest generation of the index for a look into it."""
        ...


class ChatService:
    """Asks the assistant on behalf of browsers. It keeps no conversation, only the runs that can still be stopped.

    Who waits for a turn or for an answer holds no thread. The questions of one service are asked in one event loop.

    Args:
        assistant: answers the questions for which no other backend was chosen.
        llm: spec of its backend.
        tell_all: errors may name files of this machine, because only its own user sees the page.
        others: by spec, the assistants of the other backends that visitors may choose.

    Attributes:
        backends: what visitors may choose from, the default first.
        gates: the places at each of them, which the page shares with the API and MCP.
    """

    def __init__(
        self, assistant: Answerer, llm: str, *, tell_all: bool = True, others: Mapping[str, Answerer] | None = None
    ) -> None:
        self.assistant = assistant
        self.llm = llm
        self.tell_all = tell_all
        answerers = {llm: assistant, **(others or {})}
        self.backends: tuple[Backend, ...] = tuple(map(describe, answerers))
        self._answerers = {one.name: answerers[one.spec] for one in self.backends}
        self.gates = Gates({one.name: one.spec for one in self.backends})
        self._runs: OrderedDict[str, Stop] = OrderedDict()
        self._asking: Counter[str] = Counter()
        self._lock = threading.Lock()

    async def ask(
        self,
        question: str,
        history: Sequence[Turn],
        run_id: str,
        backend: str = "",
        visitor: Visitor = ("", ""),
        style: str = "",
        scope: str = "",
        viewer: Viewer = NOBODY,
    ) -> AsyncGenerator[TurnCard, None]:
        """Yield the question's states: thinking, streaming as text comes, and how it ended. Never raises.

        Args:
            question: as typed.
            history: earlier exchanges of the conversation, oldest first.
            run_id: random name of this run, by which `stop` finds it.
            backend: name of the one that is to answer, never replaced by another one; `""` is the default.
            visitor: who asks: visitors take turns.
            style: how long a language model writes; what is none of `STYLES` is what the server was started with.
            scope: the documents and collections that are asked, as the page sends them; `""` for all.
            viewer: as whom the index is read.
        """
        turn = TurnCard(id=run_id, question=question.strip(), state="thinking", llm=backend or self.backends[0].name)
        if complaint := self._complaint(turn.question, turn.llm, visitor):
            yield replace(turn, question=turn.question[:_MOST_SHOWN], state="failed", text=complaint, llm="")
            return
        with self._run(run_id, visitor) as stop:
            try:
                yield turn
                pieces = partial(self._pieces, turn, history, style, scope, viewer)
                async with aclosing(self._in_turn(turn, pieces, stop, visitor)) as states:
                    async for state in states:
                        yield state
            except RagError as error:  # it says all there is to say, and quoted it stays on one line
                logger.warning("a question could not be answered: %r", str(error))
                yield replace(turn, state="failed", text=self._sentence(error))
            except Exception as error:
                logger.exception("a question could not be answered")
                yield replace(turn, state="failed", text=self._sentence(error))

    @property
    def style(self) -> str:
        """How long a language model writes where nobody chose otherwise."""
        config = getattr(self.assistant, "config", None)
        return config.style if isinstance(config, AnswerConfig) else AnswerConfig().style

    def answerer(self, name: str = "") -> Answerer:
        """Return what answers for a backend; `""` is the default one.

        Raises:
            KeyError: it is not offered.
        """
        return self._answerers[name or self.backends[0].name]

    def shown(self, answer: Answer, name: str = "") -> Answer:
        """Return a backend's answer as visitors may see it."""
        return public(answer, self._spec(name or self.backends[0].name))

    def stop(self, run_id: str) -> bool:
        """Stop a run; says whether there was one of that name."""
        with self._lock:
            stop = self._runs.get(run_id)
        if stop is not None:
            stop.set()
        return stop is not None

    async def _in_turn(
        self, turn: TurnCard, pieces: Callable[[], Iterator[_Item]], stop: Stop, visitor: Visitor
    ) -> AsyncGenerator[TurnCard, None]:
        """Wait for a place at the backend, then yield the states."""
        gate = self.gates.of(turn.llm)
        if not await _entered(gate.places, stop, visitor):
            yield replace(turn, state="stopped")
            return
        entered = time.monotonic()
        try:
            async with aclosing(self._states(turn, pieces, stop)) as states:
                async for state in states:
                    yield state
        finally:
            gate.leave(entered)

    async def _states(
        self, turn: TurnCard, pieces: Callable[[], Iterator[_Item]], stop: Stop
    ) -> AsyncGenerator[TurnCard, None]:
        start, text, shown = time.perf_counter(), "", 0
        async with aclosing(pumped(pieces, stop)) as batches:
            async for batch in batches:
                for item in batch:
                    if isinstance(item, TurnCard):
                        yield item
                        return
                    # After a backend that failed, another one starts anew.
                    text = "" if isinstance(item, Withdrawn) else text + item
                if _is_news(text, shown):
                    shown = len(text)
                    yield replace(turn, state="streaming", text=text)
        yield replace(turn, state="stopped", text=text, seconds=time.perf_counter() - start)

    def _pieces(
        self, turn: TurnCard, history: Sequence[Turn], style: str, scope: str, viewer: Viewer
    ) -> Iterator[_Item]:
        """Yield the backend's pieces, and what the page shows of its answer last. Works in a thread."""
        look_as(viewer)
        start, answerer = time.perf_counter(), self._answerers[turn.llm]
        chosen = next((one for one in STYLES if one == style), None)
        ask = partial(answerer.stream, style=chosen) if chosen else answerer.stream
        if (where := picked_from(scope).where(answerer)) is not None:
            ask = partial(ask, where=where)
        for item in ask(turn.question, history=history):
            if isinstance(item, Answer):
                answer = public(item, self._spec(turn.llm))
                yield turn_of(answer, turn.id, time.perf_counter() - start, receipt_of(answer, answerer))
            else:
                yield item

    @contextmanager
    def _run(self, run_id: str, visitor: Visitor) -> Iterator[Stop]:
        """Note a run of a visitor, by which it can be found and stopped, as long as it lasts."""
        stop = Stop()
        with self._lock:
            self._runs[run_id] = stop
            while len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)
        self._asking[visitor[0]] += 1
        try:
            yield stop
        finally:
            with self._lock:
                self._runs.pop(run_id, None)
            self._asking -= Counter((visitor[0],))  # who has none left is forgotten

    def _spec(self, name: str) -> str:
        return next(one.spec for one in self.backends if one.name == name)

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, IndexMissingError):
            return strings.text(_WRITTEN, "nothing_indexed")
        if isinstance(error, QuestionError | LLMError) or (self.tell_all and isinstance(error, RagError)):
            return str(error)
        return strings.text(_WRITTEN, "failed_inside")

    def _complaint(self, question: str, name: str, visitor: Visitor) -> str:
        if name not in self._answerers:
            return strings.text(_WRITTEN, "backend_refused")
        if not question:
            return strings.text(_WRITTEN, "question_empty")
        if len(question) > QUESTION_CHARACTERS:
            return strings.text(_WRITTEN, "question_long", n=len(question), m=QUESTION_CHARACTERS)
        return strings.text(_WRITTEN, "busy") if self._asking[visitor[0]] >= _MOST_ASKED else ""


def _is_news(text: str, shown: int) -> bool:
    """Tell whether a text has grown enough to be drawn anew.

    Each drawing costs as much as the whole text is long; by steps of a share of it, all together cost so many times the
    finished text, and not its square.
    """
    return len(text) < shown or len(text) - shown >= (len(text) // _STEPS if len(text) > _LONG_TEXT else 0)


async def _entered(places: Places, stop: Stop, visitor: Visitor) -> bool:
    """Take a place when it is the visitor's turn; returns `False` when the question was stopped before."""
    if not places.locked():
        return await places.acquire(visitor)
    entering, stopped = asyncio.ensure_future(places.acquire(visitor)), asyncio.ensure_future(stop.woken())
    try:
        await asyncio.wait((entering, stopped), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        if entering.done():  # at the same moment: nobody else would give the place back
            places.release()
        entering.cancel()
        raise
    finally:
        stopped.cancel()
    return entering.done() or not entering.cancel()
