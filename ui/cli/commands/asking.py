"""The commands that ask an index: `ask`, `search`, `verify`, `eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.commands import answers as commands
from ui.cli.options.choices import Choice, choosing
from ui.cli.options.marking import Annotations, check_annotations
from ui.cli.options.shared import AnswerStyle, AsJson, IndexDir, Llm, LlmHeader, LlmTimeout, Passages, located
from ui.cli.options.unused import refusing

__all__ = ["ask", "eval_command", "search", "verify_command"]


@choosing
def ask(
    question: Annotated[str, typer.Argument(help="The question, in any language; - reads standard input.")],
    *,
    choice: Choice,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    k: Passages = 5,
    style: AnswerStyle = "normal",
    save: Annotated[Path | None, typer.Option(help="Write a receipt that `rag verify` can check later.")] = None,
    json: AsJson = False,
    annotations: Annotations = False,
) -> None:
    """Ask a question and read a cited answer."""
    check_annotations(annotations, json=json)
    assistant = choice.assistant(llm, k, style, once=True)
    commands.ask(_text(question), assistant, save=save, as_json_wanted=json, annotated=annotations)


_NO_ANSWER = "a search writes no answer, so that there is nothing for it to {}; ask, chat, eval and mcp take it"


@choosing
def search(
    question: Annotated[str, typer.Argument(help="What to look for, in any language; - reads standard input.")],
    *,
    choice: Choice,
    k: Passages = 5,
    _nli: Annotated[
        str | None, typer.Option("--nli", hidden=True, callback=refusing(_NO_ANSWER.format("judge")))
    ] = None,
    _reader: Annotated[
        str | None, typer.Option("--reader", hidden=True, callback=refusing(_NO_ANSWER.format("read for")))
    ] = None,
    json: AsJson = False,
) -> None:
    """Show the passages nearest to a question, without an answer."""
    commands.search(_text(question), choice.assistant(k=k, once=True), as_json_wanted=json)


def verify_command(
    receipt: Annotated[Path, typer.Argument(help="A receipt written by `rag ask --save`.")],
    index_dir: IndexDir = None,
    json: AsJson = False,
    unsigned: Annotated[bool, typer.Option(help="A receipt that this index has not signed is no failure.")] = False,
) -> None:
    """Say which citations of a receipt still hold.

    It says too whether the receipt is this index's own. The exit code is 1 when one of these is not so.
    """
    code = commands.verify_receipt(receipt, index_dir=located(index_dir), as_json_wanted=json, unsigned=unsigned)
    raise typer.Exit(code)


@choosing
def eval_command(
    questions: Annotated[Path, typer.Argument(help="JSON lines: id, lang, text, answers, relevant, answerable.")],
    *,
    choice: Choice,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    json: AsJson = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw hit@1 by language pair into this .png or .svg.", show_default=False)
    ] = None,
) -> None:
    """Measure retrieval and answers on questions with known answers."""
    commands.evaluate(questions, lambda: choice.assistant(llm), choice.index_dir, as_json_wanted=json, plot=plot)


def _text(argument: str) -> str:
    """Return the argument, or standard input for `-`."""
    return sys.stdin.read() if argument == "-" else argument
