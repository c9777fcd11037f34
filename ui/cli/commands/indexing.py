"""What the commands do that write or describe an index; every function prints and returns an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ui.terminal.colours import Line, Span, Style, fail_line, line, show
from ui.terminal.lines import as_json, echo, one_line

if TYPE_CHECKING:
    from rich.progress import TaskID

    from index.backup.archiving import Backup
    from index.building.report import BuildReport, Progress
    from index.locations import Location

__all__ = ["BuildOptions", "build", "print_backup", "print_notes", "status", "verify_index"]

_STYLES: Mapping[str, Style] = MappingProxyType(
    {"failed": "bad", "stale": "bad", "skipped": "quiet", "warned": "doubt"}
)
_NOW = 60  # characters of what is read now, beside the bar
SHOWN = 20  # names listed of each kind in a report, the rest counted


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What `rag index` was asked to do.

    Attributes:
        index_dir: folder or database of the index; `None` is the default one.
        embedder: spec of the embedder; `None` keeps what the index has.
        rebuild: read and embed everything anew.
        by_content: compare every file by its content, however unchanged it looks.
        add: keep what is indexed already beside the named paths.
        patterns: of the only files to take, and of what to leave out.
        private_addresses: let web addresses lead into this machine's own network.
        fields: names of the title, text, id and language fields of rows; empty ones are guessed.
        max_file_size: size of the largest file that is read, as people write it; `None` keeps what the index has.
        json: print JSON.
        workers: who embeds: a number of processes or a Dask scheduler's address; `None` is this process.
    """

    index_dir: Location | None = None
    embedder: str | None = None
    rebuild: bool = False
    by_content: bool = False
    add: bool = False
    patterns: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    private_addresses: bool = False
    fields: tuple[str, str, str, str] = ("", "", "", "")
    max_file_size: str | None = None
    json: bool = False
    workers: str | None = None


def build(paths: Sequence[str], options: BuildOptions) -> int:
    """Build or update the index; returns 1 when a source failed, else 0."""
    import index
    from index.locations import location_of
    from index.sizes import parse_size
    from index.sources.types import ReadOptions, WebPolicy

    named: list[str | Path] = list(paths)
    removed: tuple[str, ...] = ()
    if options.add and named:
        named, removed = [*_indexed_before(options.index_dir), *named], _taken_out(options.index_dir, paths)
    title, text, identifier, language = options.fields
    read_options = ReadOptions(title, text, identifier, language) if any(options.fields) else None
    limit = parse_size(options.max_file_size, "--max-file-size") if options.max_file_size else None
    location = location_of(options.index_dir)
    read = not isinstance(location, Path) or location.exists()  # somebody may be asking it
    with _progress_bar(hidden=options.json) as shown:
        progress = _giving_way(shown) if read else shown
        report = index.build(
            named or None,
            index_dir=options.index_dir,
            embedder=options.embedder,
            rebuild=options.rebuild,
            by_content=options.by_content,
            include=options.patterns[0],
            exclude=options.patterns[1],
            read_options=read_options,
            max_file_bytes=limit,
            web=WebPolicy(allow_private=True) if options.private_addresses else None,
            removed=removed,
            progress=progress,
            workers=options.workers,
        )
    if options.json:
        echo(as_json(report))
    else:
        show(report_lines(report))
    return 1 if report.failed else 0


def _giving_way(show: Callable[[Progress], None] | None) -> Callable[[Progress], None]:
    """Return a progress callback that lets others go first once there is work to do; finding that out goes quickly."""
    from index.background import step_back

    def progress(step: Progress) -> None:
        step_back()
        if show is not None:
            show(step)

    return progress


def _indexed_before(index_dir: Location | None) -> list[str]:
    import index
    from index.errors import IndexMissingError

    try:
        return list(index.sources_of(index_dir))
    except IndexMissingError:
        return []


def _taken_out(index_dir: Location | None, named: Sequence[str]) -> tuple[str, ...]:
    """Return what was taken out on the page and is not named again now."""
    from index.errors import IndexMissingError
    from index.opening.health import taken_out

    again = [Path(name).expanduser().absolute() for name in named]
    try:
        return tuple(one for one in taken_out(index_dir) if not any(map(Path(one).is_relative_to, again)))
    except IndexMissingError:
        return ()


def follow(options: BuildOptions) -> int:
    """Keep an index that was just built up to date until interrupted."""
    from index.watching import watch

    def print_report(report: BuildReport) -> None:
        if options.json:
            echo(as_json(report, indent=None))
        else:
            show(report_lines(report))

    echo("watching; Ctrl-C ends it", file=sys.stderr)
    watch(options.index_dir, print_report, lambda error: fail_line(str(error)))
    return 0


@contextmanager
def _progress_bar(*, hidden: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Give a progress callback that draws a bar on a terminal, or `None` where nobody would see it."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    bar_columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    columns = (*bar_columns, TextColumn("{task.fields[now]}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bar.add_task(step.stage, total=None, now="")
            bar.update(tasks[step.stage], completed=step.done, total=step.total or None, now=step.source[-_NOW:])

        yield show


def report_lines(report: BuildReport) -> list[Line]:
    """Return a build report for people: counts first, then names of what needs a look."""
    kinds = ("added", "changed", "renamed", "removed", "unchanged")
    counts = [f"{len(getattr(report, kind))} {kind}" for kind in kinds if getattr(report, kind)]
    changes = ", ".join(counts) or "nothing to index"
    cost = f"{report.embedded} embedded now, generation {report.generation}, {report.seconds:.1f} s"
    lines = [line(Span(changes, "title"), f": {report.passages} passages, {cost}")]
    lines += [line(f"  because {reason}", indent=4) for reason in report.reasons]
    for name, rows in (("skipped", report.skipped), ("failed", report.failed)):
        texts = [f"{one_line(source)}: {reason}" for source, reason in rows]
        lines += _some(f"  {name}:", texts, f"  … and {len(rows) - SHOWN} more {name} (all with --json)", _STYLES[name])
    more = f"  … and {len(report.warnings) - SHOWN} more to check (all with --json)"
    return [*lines, *_some("  check:", report.warnings, more, "doubt")]


def _some(head: str, texts: Sequence[str], more: str, style: Style) -> list[Line]:
    """Return the first lines of a kind, and how many more there are."""
    lines = [line(Span(head, style), f" {text}", indent=4) for text in texts[:SHOWN]]
    return [*lines, line(more)] if len(texts) > SHOWN else lines


def verify_index(index_dir: Location | None, *, as_json_wanted: bool) -> int:
    """Check every file of the index; returns 1 when something does not hold."""
    import index

    problems = index.verify(index_dir)
    if as_json_wanted:
        echo(as_json({"problems": problems}))
    else:
        echo("\n".join(problems) if problems else "every file of the index is as it was written")
    return 1 if problems else 0


def print_backup(done: Backup, verb: str, *, as_json_wanted: bool) -> None:
    """Print what was backed up or restored."""
    if as_json_wanted:
        echo(as_json(done))
        return
    what = f"{done.documents} documents, {done.passages} passages, generation {done.generation}"
    echo(f"{verb} {done.file} ({done.size_bytes / 1e6:.1f} MB): {what}, {done.files} files, all checked")


def print_notes(count: int, folder: Path) -> None:
    """Print how many notes were written."""
    echo(f"wrote {count} notes into {folder}")


def status(index_dir: Location | None, *, as_json_wanted: bool) -> int:
    """Print what is indexed; returns 1 when something needs a hand."""
    import index

    state = index.status(index_dir)
    if as_json_wanted:
        echo(as_json(state))
        return 1 if state.problems else 0
    languages = ", ".join(f"{code} {count}" for code, count in state.languages.items())
    rows = (
        ("documents", state.documents),
        ("passages", f"{state.passages} ({languages})" if languages else state.passages),
        ("size", f"{state.size_bytes / 1e6:.1f} MB"),
        ("generation", f"{state.generation}, built {state.built_at}, {_age(state.age_seconds)} ago"),
        ("vectors", state.vectors or "unknown"),
        ("embedder", state.embedder.get("spec", "unknown")),
        ("profile", state.embedder.get("profile", "unknown")),
        ("sources", ", ".join(state.sources)),
    )
    lines = [_row(name, str(value), "title") for name, value in rows]
    for kind in ("stale", "failed", "skipped", "warned"):
        entries = getattr(state, kind)
        texts = [f"{one_line(source)}: {reason}" for source, reason in entries]
        lines += _some(
            f"{kind:<11}", texts, f"{kind:<11} … and {len(texts) - SHOWN} more (all with --json)", _STYLES[kind]
        )
    lines += [_row("problem", f"{problem}: {fix}", "bad") for problem, fix in state.problems]
    show(lines)
    return 1 if state.problems else 0


def _row(name: str, text: str, style: Style) -> Line:
    return line(Span(f"{name:<11}", style), f" {text}", indent=12)


def _age(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
