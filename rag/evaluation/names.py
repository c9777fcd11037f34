"""Which documents of an index the questions of an evaluation mean: people write names of files, the index has ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from index.opening.listing import Listed
from rag.evaluation.measures import Question

__all__ = ["resolve_names"]


def resolve_names(
    questions: Sequence[Question], documents: Iterable[Listed]
) -> tuple[list[Question], dict[str, list[str]]]:
    """Replace what names a relevant document by its id.

    A document is known by its id, its source as the index shows it, the path of its file, the file's name, with and
    without its suffix. A name that several share, such as that of a table for its rows, means any of them.

    Args:
        questions: as they were read.
        documents: what the index lists.

    Returns:
        The questions, and the names that no document has, each with the questions that use it. Such a name stays in its
        question, which therefore counts as missed.
    """
    known = _known(documents)
    unknown: dict[str, list[str]] = defaultdict(list)
    resolved = []
    for question in questions:
        found: set[str] = set()
        for name in sorted(question.relevant):
            ids = known.get(name)
            if ids is None:
                unknown[name].append(question.id)
            found |= ids or {name}
        resolved.append(replace(question, relevant=frozenset(found)))
    return resolved, dict(unknown)


def _known(documents: Iterable[Listed]) -> dict[str, set[str]]:
    """Return the ids of every name; an id stands for itself alone."""
    names: dict[str, set[str]] = defaultdict(set)
    ids = set()
    for document in documents:
        if not document.id:
            continue
        ids.add(document.id)
        for path in {document.source, document.path} - {""}:
            for name in (path, PurePath(path).name, PurePath(path).stem):
                names[name].add(document.id)
    return {**names, **{name: {name} for name in ids}}
