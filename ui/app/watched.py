"""What watches a server: figures and logs around the application, each only where it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ui.app.logs import log_request, question_logger
from ui.app.server import build_app
from ui.http.bodies import App
from ui.http.watching import Watched, Watcher
from ui.service.asking.asking import ChatService
from ui.service.library.library import Rights
from ui.service.watching.observed import Observer

if TYPE_CHECKING:
    from ui.service.watching.meters import Meters

__all__ = ["Watching", "watching"]


@dataclass(frozen=True, slots=True)
class Watching:
    """The callbacks that a server reports questions and requests to.

    Attributes:
        observers: called with how each question ended.
        watchers: called with each request.
        meters: the figures, or `None`.
    """

    observers: tuple[Observer, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    meters: Meters | None = None

    def around(self, service: ChatService, rights: Rights, **named: Any) -> App:  # noqa: ANN401 - as build_app
        """Return the application, watched; `named` is what `build_app` takes."""
        if self.meters is not None:
            from ui.service.watching.meters import metrics_route

            self.meters.of_index(service.assistant)
            named["more"] = (metrics_route(self.meters, rights.may_watch),)
        app = build_app(service, **named)
        return Watched(app, self.watchers) if self.watchers else app


def watching(*, metrics: bool = False, spans: bool = False, as_json: bool = False, words: bool = False) -> Watching:
    """Return who is called when a question ends and when a request arrives.

    Args:
        metrics: figures are kept.
        spans: spans are sent.
        as_json: events are logged.
        words: what is asked is logged, and stands in spans, too.

    Raises:
        ConfigError: the package for figures or spans is missing.
    """
    meters = None
    observers: list[Observer] = []
    watchers: list[Watcher] = []
    if metrics:
        from ui.service.watching.meters import Meters

        meters = Meters()
        observers.append(meters.question)
        watchers.append(meters.request)
    if spans:
        from ui.service.watching.spans import Spans, exporting

        observers.append(Spans(exporting(), words=words).question)
    if as_json:
        observers.append(question_logger(words=words))
        watchers.append(log_request)
    return Watching(tuple(observers), tuple(watchers), meters)
