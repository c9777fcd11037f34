"""What each command does; every function prints and returns, errors go up as `RagError`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ui.terminal import as_json, clean, echo, jsonable

if TYPE_CHECKING:
    from index.build import BuildReport, Progress
    from rag.types import Answer, ScoredPassage

__all__ = ["ask", "build", "evaluate", "export", "search", "status", "verify"]

SHOWN = 20  # names listed of each kind in a report, the rest counted


def build(
    paths: Sequence[Path] | None,
    *,
    index_dir: Path | None,
    embedder: str | None,
    rebuild: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    as_json_wanted: bool,
) -> int:
    """Build or update the index; returns 1 when a source failed, else 0."""
    import index

    with _progress_bar(hidden=as_json_wanted) as progress:
        report = index.build(
            paths,
            index_dir=index_dir,
            embedder=embedder,
            rebuild=rebuild,
            include=include,
            exclude=exclude,
            progress=progress,
        )
    echo(as_json(report) if as_json_wanted else _report_text(report))
    return 1 if report.failed else 0


@contextmanager
def _progress_bar(*, hidden: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Give a progress callback that draws a bar on a terminal, or `None` where nobody would see it."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, object] = {}

        def show(step: Progress) -> None:
            task = tasks.setdefault(step.stage, None)
            if task is None:
                task = tasks[step.stage] = bar.add_task(step.stage, total=step.total or None)
            bar.update(task, completed=step.done, total=step.total or None)  # type: ignore[arg-type]  # rich's TaskID

        yield show


def _report_text(report: BuildReport) -> str:
    """Return a build report for people: counts first, then names of what needs a look."""
    kinds = ("added", "changed", "renamed", "removed", "unchanged")
    counts = [f"{len(getattr(report, kind))} {kind}" for kind in kinds if getattr(report, kind)]
    changes = ", ".join(counts) or "nothing to index"
    cost = f"{report.embedded} embedded now, generation {report.generation}, {report.seconds:.1f} s"
    lines = [f"{changes}: {report.passages} passages, {cost}"]
    lines += [f"  because {reason}" for reason in report.reasons]
    for name, rows in (("skipped", report.skipped), ("failed", report.failed)):
        lines += [f"  {name}: {source}: {reason}" for source, reason in rows[:SHOWN]]
        if len(rows) > SHOWN:
            lines.append(f"  … and {len(rows) - SHOWN} more {name} (all with --json)")
    return "\n".join(" ".join(line.splitlines()) for line in lines)


def verify(index_dir: Path | None, *, as_json_wanted: bool) -> int:
    """Check every file of the index; returns 1 when something does not hold."""
    import index

    problems = index.verify(index_dir)
    if as_json_wanted:
        echo(as_json({"problems": problems}))
    else:
        echo("\n".join(problems) if problems else "every file of the index is as it was written")
    return 1 if problems else 0


def ask(question: str, *, index_dir: Path | None, llm: str, k: int, as_json_wanted: bool) -> None:
    """Answer a question: streamed text and numbered sources, or one JSON object."""
    from rag import Assistant

    assistant = Assistant(index_dir=index_dir, llm=llm, k=k)
    answer = assistant.answer(question)
    if as_json_wanted:
        echo(as_json(answer_object(answer)))
        return
    echo(str(answer))
    if answer.refused and answer.passages:
        echo()
        for number, passage in enumerate(answer.passages[:3], start=1):
            echo(_passage_text(number, passage))
    for warning in answer.warnings:
        echo(f"note: {warning}", file=sys.stderr)


def answer_object(answer: Answer) -> dict[str, object]:
    """Return the answer as JSON types, its passages flat as the export prints them."""
    fields = jsonable(answer)
    assert isinstance(fields, dict)
    fields["passages"] = [passage_object(passage) for passage in answer.passages]
    return fields


def passage_object(scored: ScoredPassage) -> dict[str, object]:
    """Return a hit as one flat object: the passage's fields, its document's title and source, score and ranks."""
    passage = scored.passage
    return {
        "document_id": passage.document_id,
        "title": scored.title,
        "source": scored.source,
        "language": passage.language,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": scored.score,
        "id": passage.id,
        "heading": passage.heading,
        "ranks": jsonable(scored.ranks),
    }


def search(question: str, *, index_dir: Path | None, k: int, as_json_wanted: bool) -> None:
    """Print the nearest passages."""
    from rag import Assistant

    hits = Assistant(index_dir=index_dir, llm="extractive").retrieve(question, k=k)
    if as_json_wanted:
        echo(as_json([passage_object(hit) for hit in hits]))
        return
    for number, hit in enumerate(hits, start=1):
        echo(_passage_text(number, hit))


def _passage_text(number: int, hit: ScoredPassage) -> str:
    text = " ".join(hit.passage.text.split())
    return f"{number}. {hit.title} ({hit.source}, {hit.passage.language}, {hit.score:.3f})\n   {text}"


def status(index_dir: Path | None, *, as_json_wanted: bool) -> int:
    """Print what is indexed; returns 1 when something needs a hand."""
    import index

    state = index.status(index_dir)
    if as_json_wanted:
        echo(as_json(state))
        return 1 if state.problems else 0
    languages = ", ".join(f"{code} {count}" for code, count in state.languages.items())
    rows = (
        ("documents", state.documents),
        ("passages", f"{state.passages} ({languages})"),
        ("size", f"{state.size_bytes / 1e6:.1f} MB"),
        ("generation", f"{state.generation}, built {state.built_at}, {_age(state.age_seconds)} ago"),
        ("embedder", state.embedder),
    )
    for name, value in rows:
        echo(f"{name:<11} {value}")
    for kind in ("stale", "failed", "skipped"):
        entries = getattr(state, kind)
        for source, reason in entries[:SHOWN]:
            echo(f"{kind:<11} {' '.join(source.split())}: {reason}")
        if len(entries) > SHOWN:
            echo(f"{kind:<11} … and {len(entries) - SHOWN} more (all with --json)")
    for problem, mend in state.problems:
        echo(f"problem     {problem} — {mend}")
    return 1 if state.problems else 0


def _age(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"


def evaluate(questions: Path, *, index_dir: Path | None, llm: str, as_json_wanted: bool) -> None:
    """Measure on questions with known answers; prints a table or JSON."""
    from rag import Assistant
    from rag.evaluation import evaluate as measure
    from rag.evaluation import read_questions

    result = measure(Assistant(index_dir=index_dir, llm=llm), read_questions(questions))
    echo(as_json(result.to_dict()) if as_json_wanted else result.table())


def export(index_dir: Path | None) -> None:
    """Print every passage of the index, a JSON object a line."""
    import index

    opened = index.open(index_dir)
    try:
        for document_id in opened.store.document_ids():
            document = opened.store.document(document_id)
            for passage in opened.store.passages(opened.store.keys(document_id)):
                row = jsonable(passage)
                assert isinstance(row, dict)
                row |= {"title": document.title, "source": document.source, "score": None}
                sys.stdout.write(clean(as_json(row, indent=None)) + "\n")
    finally:
        opened.close()
