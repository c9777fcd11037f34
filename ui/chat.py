"""The chat as a Gradio app: the question box, the queue and the stream; what it shows is made by `ui.render`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ui import strings
from ui.page import history_html, shell_html
from ui.records import exchanges_from_json, turn_to_json
from ui.render import empty_html, safe_id, turn_html
from ui.service import QUESTION_CHARACTERS, ChatService

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build_chat"]

# One answer at a time per core leaves room for the pages themselves; a slow remote model only waits.
_AT_ONCE = max(4, 2 * (os.cpu_count() or 2))
_WAITING = 128


def build_chat(service: ChatService, examples: tuple[tuple[str, str], ...], *, library: bool = False) -> gr.Blocks:
    """Return the `gradio.Blocks` of the chat page.

    Args:
        service: answers the questions.
        examples: pairs of language code and question for the first view.
        library: whether the page leads to a view of what is indexed.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title="Babelquote", analytics_enabled=False, fill_width=True, delete_cache=(600, 3600)) as blocks:
        gr.HTML(shell_html("en", library=library), elem_id="bq-shell", js_on_load=None, apply_default_css=False)
        gr.HTML(history_html("en"), elem_id="bq-past", js_on_load=None, apply_default_css=False)
        live = gr.HTML(empty_html(examples, "en"), elem_id="bq-live", js_on_load=None, apply_default_css=False)
        with gr.Row(elem_id="bq-composer"):
            question = gr.Textbox(
                lines=1,
                max_lines=8,
                max_length=QUESTION_CHARACTERS,
                show_label=False,
                label=strings.text("en", "ask"),
                placeholder=strings.text("en", "placeholder"),
                container=False,
                autofocus=True,
                elem_id="bq-question",
            )
            ask = gr.Button("", elem_id="bq-ask")
        context = [gr.Textbox(visible="hidden", elem_id=f"bq-sent-{name}") for name in ("history", "run", "language")]
        gr.on(
            [question.submit, ask.click],
            _asking(service, gr.skip),
            inputs=[question, *context],
            outputs=[live, question],
            js="(question) => window.babelquote.ask(question)",
            trigger_mode="once",
            concurrency_limit=_AT_ONCE,
            concurrency_id="ask",
            **private,
        )
    blocks.queue(api_open=False, max_size=_WAITING, default_concurrency_limit=_AT_ONCE)
    # What gradio keeps of a session (its last answer, mostly) serves nothing here: the browser keeps the conversation.
    blocks.state_session_capacity = 32
    return blocks


def _asking(service: ChatService, skip: Callable[[], object]) -> Callable[..., Iterator[tuple[str, object]]]:
    def ask(question: object, history: object, run: object, language: object) -> Iterator[tuple[str, object]]:
        # Whatever a client sends arrives here unchecked, the box's own limit included.
        texts = [value if isinstance(value, str) else "" for value in (question, history, run, language)]
        spoken = strings.choose(texts[3])
        typed: object = ""
        for turn in service.ask(texts[0], exchanges_from_json(texts[1]), safe_id(texts[2]), spoken):
            final = turn.state not in ("thinking", "streaming")
            yield turn_html(turn, spoken, record=turn_to_json(turn) if final else None), typed
            typed = skip()

    return ask
