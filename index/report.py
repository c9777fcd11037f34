"""What a build tells while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["BuildReport", "Progress", "ProgressCallback"]

Stage: TypeAlias = Literal["fetching", "reading", "embedding", "writing", "switching"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is.

    Attributes:
        stage: what it does now.
        done: how many pages, files, texts or steps of this stage are done.
        total: of how many.
        source: the file or page that was just done with, the part of one that is read now (`"a.pdf: page 3 of 9"`),
            or `""`.
    """

    stage: Stage
    done: int
    total: int
    source: str = ""


ProgressCallback: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        added: sources that are new in the index.
        changed: sources whose content changed.
        renamed: sources, by their new names, that are there under another name than before.
        removed: sources that are gone from the index.
        unchanged: sources that were left as they were.
        skipped: (source, reason) of what was left out on purpose.
        failed: (source, reason) of what could not be read; what was indexed of it before is kept.
        passages: how many the index has now.
        embedded: how many passages were embedded now.
        generation: number of the generation that is current now.
        seconds: how long it took.
        reasons: why more was read or embedded than what changed, in sentences.
        warnings: sentences about sources that were read with a doubt.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    passages: int
    embedded: int
    generation: int
    seconds: float
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
