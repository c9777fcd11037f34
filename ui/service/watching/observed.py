"""An assistant that says how each question ended: for figures and logs, which hold no words of anybody.

It covers every way to ask: the page, the API, OpenAI's protocol and MCP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rag import Assistant
from rag.llms.events import StreamEvent
from rag.types import Answer, Style, Turn
from ui.service.asking.backends import describe

__all__ = ["ObservedAssistant", "Observer", "Outcome"]

End: TypeAlias = Literal["answered", "refused", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question ended.

    Attributes:
        question: as it was asked; only who was configured to may keep it.
        backend: what was to answer, by its name for visitors.
        end: how it ended; `"stopped"`: whoever asked left.
        seconds: from the question to the end.
        answer: the answer, if there is one.
    """

    question: str
    backend: str
    end: End
    seconds: float
    answer: Answer | None = None


Observer: TypeAlias = Callable[[Outcome], None]


class ObservedAssistant(Assistant):
    """An assistant whose questions are reported.

    Args:
        observers: called in the thread that answers, when a question has ended.
        spec: of its backend.
        named: what `Assistant` takes.
    """

    def __init__(self, observers: Sequence[Observer], spec: str, **named: Any) -> None:  # noqa: ANN401 - as Assistant
        super().__init__(llm=spec, **named)
        self._observers = tuple(observers)
        self._name = describe(spec).name

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        style: Style | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Iterator[StreamEvent]:
        """Yield what `Assistant.stream` yields, with its arguments."""
        begun = time.monotonic()
        try:
            events = super().stream(question, history, style=style, **more)
        except Exception:
            self._report(question, "failed", begun)
            raise
        return self._followed(question, events, begun)

    def _followed(self, question: str, events: Iterator[StreamEvent], begun: float) -> Iterator[StreamEvent]:
        end: End = "stopped"
        answer: Answer | None = None
        try:
            for event in events:
                if isinstance(event, Answer):
                    answer, end = event, "refused" if event.refused else "answered"
                yield event
        except Exception:
            end = "failed"
            raise
        finally:
            self._report(question, end, begun, answer)

    def _report(self, question: str, end: End, begun: float, answer: Answer | None = None) -> None:
        outcome = Outcome(question, self._name, end, time.monotonic() - begun, answer)
        for observer in self._observers:
            observer(outcome)
