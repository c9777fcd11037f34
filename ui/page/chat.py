"""The chat as a Gradio app: the question box, the queue and the stream; what it shows is made by `ui.view.render`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from ui.http.fair_queue import SIGNED_IN, visitor_of
from ui.http.sign_in.viewing import viewer_of
from ui.page.frame import history_html, shell_html
from ui.page.picker import picker_html
from ui.service.asking.asking import ChatService
from ui.service.asking.runs import Runs
from ui.view import strings
from ui.view.cards import TurnCard
from ui.view.records import exchanges_from_json, turn_to_json
from ui.view.render import empty_html, safe_id, turn_html

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build_chat"]

# How many work at once is for each backend to say (`ui.http.admission.at_once`), and whose turn it is for
# `ui.http.fair_queue`: everyone who asks comes through to there, since the framework's own queue knows only the order
# of asking. Who waits holds no thread. Beyond its queue the page says that too many ask.
_AT_ONCE = 300
_WAITING = 64
# Else everyone who waits gets a message when a question begins: sixty messages for one answer, which nobody shows.
_STATUS_SECONDS = 3600.0
# What takes longer to draw than other visitors should notice.
_LONG_TEXT = 4_000
_MANY_CARDS = 30
# What the page's script sends with each question.
_SENT = ("history", "run", "language", "backend", "style", "scope")


def build_chat(
    service: ChatService, runs: Runs, examples: tuple[tuple[str, str], ...], *, library: bool = False
) -> gr.Blocks:
    """Return the `gradio.Blocks` of the chat page.

    Args:
        service: answers the questions.
        runs: what is being answered, for pages that lost their connection.
        examples: pairs of language code and question for the first view.
        library: whether the page leads to a view of what is indexed.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    with gr.Blocks(title="Babelquote", analytics_enabled=False, fill_width=True, delete_cache=(600, 3600)) as blocks:
        _html(shell_html("en", library=library), "bq-shell")
        _html(history_html("en"), "bq-past")
        live = _html(empty_html(examples, "en", library=library), "bq-live")
        with gr.Row(elem_id="bq-composer"):
            question = _question_box()
            ask = gr.Button("", elem_id="bq-ask")
        _html(picker_html("en"), "bq-engine")
        sent = [gr.Textbox(visible="hidden", elem_id=f"bq-sent-{name}") for name in _SENT]
        _when_asked(service, runs, question, ask, sent, live)
    blocks.max_threads = _AT_ONCE + 4  # it counts what waits as a thread; ours are coroutines
    blocks.queue(
        api_open=False, max_size=_WAITING, default_concurrency_limit=_AT_ONCE, status_update_rate=_STATUS_SECONDS
    )
    # What gradio keeps of a session (its last answer, mostly) serves nothing here: the browser keeps the conversation.
    # A session that is thrown away while its page is open is made anew at each question, which costs a tenth of it.
    blocks.state_session_capacity = 256
    return blocks


def _when_asked(
    service: ChatService, runs: Runs, question: gr.Textbox, ask: gr.Button, sent: list[gr.Textbox], live: gr.HTML
) -> None:
    """Let the queue take questions to the service.

    The page's own script joins it (`wire.js`) and draws what comes: the framework's client waits for ever on a server
    that has ended, takes no further question meanwhile, and loads the page anew when it is back.
    """
    import gradio as gr

    gr.on(
        [question.submit, ask.click],
        _asking(service, runs),
        inputs=[question, *sent],
        outputs=live,
        trigger_mode="multiple",
        concurrency_limit=_AT_ONCE,
        concurrency_id="ask",
        api_visibility="private",
        show_progress="hidden",
        # Ours takes what was sent as it is and gives HTML that is ready: steps that would each cost a thread.
        preprocess=False,
        postprocess=False,
    )


def _html(content: str, name: str) -> gr.HTML:
    """Return a part of the page whose HTML is ours alone; `name` is the id by which style and scripts find it."""
    import gradio as gr

    return gr.HTML(content, elem_id=name, js_on_load=None, apply_default_css=False)


def _question_box() -> gr.Textbox:
    import gradio as gr

    return gr.Textbox(
        lines=1,
        max_lines=8,
        show_label=False,
        label=strings.text("en", "ask"),
        placeholder=strings.text("en", "placeholder"),
        container=False,
        autofocus=True,
        elem_id="bq-question",
    )


def _asking(service: ChatService, runs: Runs) -> Callable[..., AsyncIterator[str]]:
    import gradio as gr

    async def ask(
        question: object,
        history: object,
        run: object,
        language: object,
        backend: object,
        style: object,
        scope: object,
        request: gr.Request,
    ) -> AsyncIterator[str]:
        # Whatever a client sends arrives here unchecked, the box's own limit included.
        values = (question, history, run, language, backend, style, scope)
        sent = [value if isinstance(value, str) else "" for value in values]
        spoken, exchanges = strings.choose(sent[3]), exchanges_from_json(sent[1])
        visitor = visitor_of(request.request.scope, str(request.session_hash))
        run, owner = safe_id(sent[2]), str(request.request.scope.get(SIGNED_IN) or "")
        person = viewer_of(request.request.scope)  # the queue works outside of the request's own context
        begin = partial(service.ask, sent[0], exchanges, run, sent[4], visitor, sent[5], sent[6], person)
        async with aclosing(runs.states(run, owner, sent[0], begin)) as turns:
            async for turn in turns:
                if turn.state != "thinking":  # drawn by the page itself, before the question has left it
                    # A long text is drawn in a thread, for which a short one would pay more than for its drawing.
                    yield await asyncio.to_thread(_drawn, turn, spoken) if _is_long(turn) else _drawn(turn, spoken)

    ask.__annotations__["request"] = gr.Request  # by the class itself it is found, not by its name
    return ask


def _drawn(turn: TurnCard, language: str) -> str:
    final = turn.state != "streaming"
    return turn_html(turn, language, record=turn_to_json(turn) if final else None)


def _is_long(turn: TurnCard) -> bool:
    return len(turn.text) > _LONG_TEXT or len(turn.sources) + len(turn.passages) > _MANY_CARDS
