"""Our own HTTP routes beside the chat: the reader's documents, saved conversations, stopping."""

from __future__ import annotations

from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import RagError
from index.types import Sentence
from rag import Assistant
from rag.output.annotations import text_fragment
from rag.overview.contents.document import cover_of, texts_of
from ui.api.bodies import json_of
from ui.http.admission import ApiError
from ui.service.asking.asking import ChatService
from ui.service.library.pages import Pages, has_pages
from ui.view import strings
from ui.view.documents.reader import Ways, document_html
from ui.view.limits import MOST_HTML
from ui.view.records import turn_to_json, turns_from_json
from ui.view.render import safe_id, turn_html
from ui.view.sentences import patterns

__all__ = ["chat_routes"]

_MOST_MARKS = 100
_NEVER_KEPT = {"cache-control": "no-store"}


def chat_routes(service: ChatService, pages: Pages) -> list[BaseRoute]:
    """Return the routes. Plain functions run in threads, so that nobody waits for the index in the event loop."""
    one_by_one = CapacityLimiter(1)  # drawing keeps a processor busy: many at once would only slow each other

    async def sentences(request: Request) -> Response:
        return JSONResponse(dict(patterns(strings.choose(request.query_params.get("language")))))

    async def stop(request: Request) -> Response:
        return JSONResponse({"stopped": service.stop(safe_id(request.path_params["run"]))})

    async def turns(request: Request) -> Response:
        language = strings.choose(request.query_params.get("language"))
        try:
            drawing = partial(_drawn, await json_of(request), language)
            return HTMLResponse(await to_thread.run_sync(drawing, limiter=one_by_one))
        except ApiError as error:
            return HTMLResponse("", status_code=error.status)
        except ValueError:
            return HTMLResponse("", status_code=422)

    return [
        Route("/chat/sentences", sentences, methods=["GET"]),
        Route("/chat/document", partial(_document, service, pages), methods=["GET"]),
        Route("/chat/stop/{run}", stop, methods=["POST"]),
        Route("/chat/turns", turns, methods=["POST"]),
    ]


def _document(service: ChatService, pages: Pages, request: Request) -> Response:
    """Return a document for the reader, its quotes marked."""
    query = request.query_params
    language = strings.choose(query.get("language"))
    marks, current = _marks(query.get("marks", "")), _number(query.get("current", ""))
    answer_spans = [(low, high) for low, high in _numbers(query.get("answer_words", ""), 2)]
    try:
        found = service.assistant.document(query.get("id", ""))
        shown = next(((low, high) for number, low, high in marks if number == current), (0, 0))
        web = text_fragment(found, *shown) if 0 <= shown[0] < shown[1] <= len(found.text) else ""
        ways = Ways(has_pages(found), pages.has_original(service.assistant, found.id), web)
        if ways.pages and ways.original:  # what is looked at next, most likely
            pages.prepare()
        page = document_html(found, marks, current, language, answer_spans, _overview(service, found.id), ways)
    except (RagError, KeyError):
        return HTMLResponse(strings.text(language, "reader_failed"), status_code=404)
    return HTMLResponse(page, headers=_NEVER_KEPT)


def _overview(service: ChatService, document_id: str) -> tuple[Sentence, ...]:
    """Return the sentences that cover a document; none where they can't be known."""
    if not isinstance(service.assistant, Assistant):
        return ()
    try:
        with service.assistant.reading() as index:
            return cover_of(index.store, document_id, texts_of(index))
    except RagError:
        return ()


def _drawn(content: bytes, language: str) -> str:
    """Return the HTML of kept turns, of the newest ones where all would be too much.

    Raises:
        ValueError: they can't be read.
    """
    drawn: list[str] = []
    left = MOST_HTML
    for turn in reversed(turns_from_json(content)):
        drawn.append(turn_html(turn, language, record=turn_to_json(turn)))
        left -= len(drawn[-1])
        if left < 0:
            drawn.pop()
            break
    return "".join(reversed(drawn))


def _marks(text: str) -> list[tuple[int, int, int]]:
    """Read `number-start-end,…`; what doesn't read so is left out."""
    return [(number, start, end) for number, start, end in _numbers(text, 3)]


def _numbers(text: str, count: int) -> list[list[int]]:
    found = [[_number(number) for number in part.split("-")] for part in text.split(",")[:_MOST_MARKS]]
    return [numbers for numbers in found if len(numbers) == count]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
