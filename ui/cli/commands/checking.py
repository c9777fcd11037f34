"""The command `check`: a text that somebody brings, held against the index."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rag.drafts.annotating import draft_annotations
from ui.cli.options.choices import Choice, choosing
from ui.cli.options.marking import Annotations, check_annotations
from ui.cli.options.shared import AsJson
from ui.terminal.colours import note, show
from ui.terminal.drafts import draft_lines
from ui.terminal.lines import as_json, echo, jsonable

__all__ = ["check"]

# Files that are read as they are written, since their marks of quotation are looked at; others go through their reader.
_PLAIN = frozenset({"", ".md", ".markdown", ".mdown", ".qmd", ".rst", ".text", ".txt"})

_MOST_BYTES = 5_000_000


@choosing
def check(
    draft: Annotated[str, typer.Argument(help="A text, Markdown, Word, PDF … file; - reads standard input.")],
    *,
    choice: Choice,
    no_claims: Annotated[bool, typer.Option("--no-claims", help="Check the quotations alone.")] = False,
    json: AsJson = False,
    annotations: Annotations = False,
) -> None:
    """Check the quotations and claims of a text of yours.

    The exit code is 1 when a quotation is not exact or a claim is contradicted.
    """
    check_annotations(annotations, json=json)
    text = sys.stdin.read() if draft == "-" else _read(Path(draft))
    assistant = choice.assistant()
    with _counting(hidden=json) as progress:
        checked = assistant.check_draft(text, claims=not no_claims, progress=progress)
    if json:
        marks = {"annotations": draft_annotations(checked, assistant.document)} if annotations else {}
        fields = jsonable(checked)
        assert isinstance(fields, dict), "a dataclass becomes an object"
        echo(as_json({**fields, **marks}))
    else:
        show(draft_lines(checked))
        for warning in checked.warnings:
            note(warning)
    raise typer.Exit(0 if checked.sound else 1)


def _read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        SourceError: it is not there, or holds no text.
    """
    from index.errors import SourceError
    from index.sources.discovery import discover
    from index.sources.reading import read_bytes
    from index.sources.sandbox.pool import read_many
    from index.sources.text.encoding import UnknownEncodingError, decode

    found = discover([path])
    if path.is_dir() or not found.files:
        why = "a folder; name one file" if path.is_dir() else "; ".join(skip.reason for skip in found.skipped)
        raise SourceError(str(path), why or "no file that can be read")
    file = found.files[0]
    if path.suffix.lower() in _PLAIN:
        try:
            return decode(read_bytes(file, _MOST_BYTES))[0]
        except UnknownEncodingError as error:
            raise SourceError(str(path), "no text in any known encoding") from error
    for _, result in read_many([file], workers=1):
        if isinstance(result, SourceError):
            raise result
        return "\n\n".join(document.text for document in result.documents)
    raise SourceError(str(path), "no text could be read")


@contextmanager
def _counting(*, hidden: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give what draws how much is done on a terminal, or nothing where nobody would see it."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("checking"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("checking", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
