"""Questions to begin with and to go on with, made once for each generation of the index and language of the page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from index.errors import RagError
from rag import Assistant
from rag.overview.contents.suggesting import is_news
from ui.service.asking.asking import ChatService
from ui.service.library.views import view_of

__all__ = ["Suggested"]

_KEPT = 200
_AFTER = 3  # questions after an answer, of so many documents
_DOCUMENTS = 2


class Suggested:
    """Keeps what was suggested; making it asks the index some questions, one visitor's at a time.

    Args:
        service: whose default assistant is asked.
    """

    def __init__(self, service: ChatService) -> None:
        self._service = service
        self._kept: OrderedDict[tuple[object, str, str], list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, language: str) -> list[str]:
        """Return questions in a language of the interface; none where there is nothing to ask."""
        return self._made(language, "")

    def after(self, language: str, documents: Sequence[str], question: str) -> list[str]:
        """Return questions about the documents of an answer, without what its question asked already."""
        found = [one for name in documents[:_DOCUMENTS] for one in self._made(language, name)]
        return [one for one in dict.fromkeys(found) if is_news(one, question)][:_AFTER]

    def _made(self, language: str, document: str) -> list[str]:
        assistant = self._service.assistant
        if not isinstance(assistant, Assistant):
            return []
        with self._lock:
            try:
                with assistant.reading() as index:
                    key = (view_of(index), language, document)
                if key not in self._kept:
                    about = partial(assistant.suggestions, documents=(document,)) if document else assistant.suggestions
                    made = about(language)
                    with assistant.reading() as index:
                        if view_of(index) != key[0]:  # it changed meanwhile who may see what
                            return made
                    self._kept[key] = made
            except RagError:
                return []
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]
