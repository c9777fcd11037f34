"""Questions to begin with, made once for each generation of the index and each language of the interface."""

from __future__ import annotations

import threading
from collections import OrderedDict

from index.errors import RagError
from rag import Assistant
from ui.service.asking import ChatService

__all__ = ["Suggested"]

_KEPT = 20


class Suggested:
    """Keeps what was suggested; making it asks the index some questions, one visitor's at a time.

    Args:
        service: whose default assistant is asked.
    """

    def __init__(self, service: ChatService) -> None:
        self._service = service
        self._kept: OrderedDict[tuple[int, str], list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, language: str) -> list[str]:
        """Return questions in a language of the interface; none where there is nothing to ask."""
        assistant = self._service.assistant
        if not isinstance(assistant, Assistant):
            return []
        with self._lock:
            try:
                with assistant.reading() as index:
                    key = (index.generation, language)
                if key not in self._kept:
                    self._kept[key] = assistant.suggestions(language)
            except RagError:
                return []
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]
