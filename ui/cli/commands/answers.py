"""What the commands do that ask an index; every function prints, and errors go up as `RagError`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.output.annotations import quote_annotations
from rag.output.json import passage_fields
from ui.terminal.colours import note, show
from ui.terminal.lines import as_json, echo, harmless, jsonable
from ui.terminal.sheets import answer_lines, passage_lines, verdict_line

if TYPE_CHECKING:
    from index.locations import Location
    from rag import Assistant
    from rag.types import Answer

__all__ = [
    "ask",
    "evaluate",
    "export",
    "export_feedback",
    "password_line",
    "search",
    "verify_receipt",
]


def ask(
    question: str, assistant: Assistant, *, save: Path | None, as_json_wanted: bool, annotated: bool = False
) -> None:
    """Answer a question: the text and its numbered sources, or one JSON object; `save` keeps a receipt.

    Args:
        question: what is asked.
        assistant: answers it.
        save: where the receipt is written; `None`: nowhere.
        as_json_wanted: print one JSON object.
        annotated: with the citations as Web Annotations in it.
    """
    answer = assistant.answer(question)
    if save is not None:
        _save(answer, save, assistant)
    if as_json_wanted:
        marks = {"annotations": quote_annotations(answer.citations, assistant.document)} if annotated else {}
        echo(as_json({**answer.to_dict(), **marks}))
        return
    show(answer_lines(answer))
    for warning in answer.warnings:
        note(warning)


def _save(answer: Answer, path: Path, assistant: Assistant) -> None:
    import index
    from rag.receipts import receipt as receipts
    from rag.receipts import seals

    with index.open(assistant.folder) as opened:
        receipts.save(answer, path, opened, seals.receipt_key(opened.beside))


def verify_receipt(path: Path, *, index_dir: Location | None, as_json_wanted: bool, unsigned: bool = False) -> int:
    """Say which citations of a receipt still hold, and whose receipt it is; returns 1 when anything is not as it says.

    Args:
        path: the receipt.
        index_dir: the index; `None` for the default one.
        as_json_wanted: print the verdicts as JSON.
        unsigned: a receipt that this index has not signed is no failure.
    """
    import index
    from rag.receipts import receipt as receipts
    from rag.receipts import seals

    with index.open(index_dir) as opened:
        key = seals.receipt_key(opened.beside)
        verdicts, origin = receipts.verify(path, opened, key), receipts.vouched(path, receipts.read(path), key)
    if as_json_wanted:
        echo(as_json(verdicts))
    else:
        for verdict in verdicts:
            show([verdict_line(verdict)])
        if not verdicts:
            echo("the receipt holds no citation")
    if origin != "signed here":
        limits = "this index has not signed it: only what is compared above is vouched for, no question and no answer"
        note(f"{path}: the receipt is {origin}; {limits}")
    own = unsigned or origin == "signed here"
    return 0 if own and all(replace(verdict, origin="signed here").sound for verdict in verdicts) else 1


def search(question: str, assistant: Assistant, *, as_json_wanted: bool) -> None:
    """Print the nearest passages."""
    hits = assistant.retrieve(question)
    if as_json_wanted:
        echo(as_json([passage_fields(hit) for hit in hits]))
        return
    show([line for number, hit in enumerate(hits, start=1) for line in passage_lines(number, hit)])
    if not hits:
        echo("no passage found")


def evaluate(
    questions: Path,
    make: Callable[[], Assistant],
    index_dir: Location | None,
    *,
    as_json_wanted: bool,
    plot: Path | None,
) -> None:
    """Measure on questions with known answers; prints a table or JSON, and draws the language pairs into `plot`.

    Args:
        questions: file of the questions.
        make: makes the assistant, once it is known that the questions can be read.
        index_dir: its index; `None` for the default one.
        as_json_wanted: print the measures as JSON.
        plot: picture to write; `None`: none.
    """
    from index.opening.listing import list_documents
    from rag.evaluation.measures import evaluate as measure
    from rag.evaluation.measures import read_questions
    from rag.evaluation.names import resolve_names
    from rag.evaluation.plots import check_plot_path, plot_pairs

    if plot is not None:
        check_plot_path(plot)
    asked, unknown = resolve_names(read_questions(questions), list_documents(index_dir).documents)
    for name, used_by in unknown.items():
        echo(f"{name}: no document of the index; it counts as missed in {', '.join(used_by)}", file=sys.stderr)
    with _counting(len(asked), hidden=as_json_wanted) as progress:
        result = measure(make(), asked, progress=progress)
    if plot is not None:
        plot_pairs(result, plot)
    echo(as_json(result.to_dict()) if as_json_wanted else result.table())


@contextmanager
def _counting(total: int, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Give what draws how many questions are done on a terminal, or nothing where nobody would see it."""
    if hidden or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=total)
        yield lambda done: bar.update(task, completed=done)


def export(index_dir: Location | None) -> None:
    """Print every passage of the index, a JSON object a line."""
    import index

    with index.open(index_dir) as opened:
        for document_id in opened.store.document_ids():
            document = opened.store.document(document_id)
            for passage in opened.store.passages(opened.store.keys(document_id)):
                row = jsonable(passage)
                assert isinstance(row, dict)
                row |= {"title": document.title, "source": document.source, "score": None}
                sys.stdout.write(harmless(as_json(row, indent=None)) + "\n")


def export_feedback(index_dir: Location | None) -> None:
    """Print what was judged in the web chat, a question of an evaluation set a line."""
    from index.locations import beside, location_of
    from ui.service.watching.feedback import export as judged

    for row in judged(beside(location_of(index_dir))):
        sys.stdout.write(harmless(as_json(row, indent=None)) + "\n")


def password_line(name: str, groups: Sequence[str] = ()) -> None:
    """Ask for a password and print the user's line with its hash, and the groups that they are in."""
    import getpass

    from index.errors import ConfigError
    from ui.http.sign_in.login import hash_password

    if not name or ":" in name or not name.isprintable():
        raise ConfigError(f"{name!r} can't be a user's name: it needs a letter and no colon")
    for group in groups:
        if not group.strip() or set(group) & set(":,") or not group.isprintable():
            raise ConfigError(f"{group!r} can't be a group's name: it needs a letter, and no colon or comma")
    secret = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not secret:
        raise ConfigError("the password is empty", "give one")
    echo(":".join([name, hash_password(secret), *([",".join(groups)] if groups else [])]))
