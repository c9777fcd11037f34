"""What the library is about, made once for each generation of the index, those who see the same, and each language."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection

from index.errors import RagError
from rag import Assistant, LibraryOverview
from ui.service.asking.asking import ChatService
from ui.service.library.views import view_of

__all__ = ["Topics"]

_KEPT = 20


class Topics:
    """Keeps what was found out about the library; one visitor's wish is made at a time.

    Args:
        service: whose default assistant is asked; `None` says nothing.
    """

    def __init__(self, service: ChatService | None) -> None:
        self._service = service
        self._kept: OrderedDict[tuple[object, str], LibraryOverview] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, language: str) -> dict[str, object]:
        """Return topics and the span of dates for the page; nothing where that can't be known."""
        listed = self._overview(language)
        if listed is None:
            return {"topics": [], "since": "", "until": ""}
        key = f"{listed[0]}-{language}"
        topics = [
            {"words": list(one.words), "documents": len(one.documents), "key": f"{key}-{place}"}
            for place, one in enumerate(listed[1].topics)
        ]
        return {"topics": topics if len(topics) > 1 else [], "since": listed[1].since, "until": listed[1].until}

    def documents(self, key: str) -> Collection[str] | None:
        """Return the documents of a topic by the key that the page got; `None` for none, or of an older index."""
        generation, _, rest = key.partition("-")
        language, _, place = rest.partition("-")
        if not (generation.isascii() and generation.isdecimal() and place.isascii() and place.isdecimal()):
            return None
        view = self._view()
        if view is None or view[0] != int(generation[:18]):
            return None
        with self._lock:
            kept = self._kept.get((view, language))
        if kept is None or len(place) > 3 or int(place) >= len(kept.topics):
            return None
        return frozenset(kept.topics[int(place)].documents)

    def _overview(self, language: str) -> tuple[int, LibraryOverview] | None:
        assistant = self._service.assistant if self._service is not None else None
        if not isinstance(assistant, Assistant):
            return None
        with self._lock:
            try:
                with assistant.reading() as index:
                    key = (view_of(index), language)
                if key not in self._kept:
                    made = assistant.library(language)
                    if self._view() != key[0]:  # it changed meanwhile who may see what
                        return key[0][0], made
                    self._kept[key] = made
            except RagError:
                return None
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return key[0][0], self._kept[key]

    def _view(self) -> tuple[int, object] | None:
        if self._service is None:
            return None
        try:
            with self._service.assistant.reading() as index:
                return view_of(index)
        except RagError:
            return None
