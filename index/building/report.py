"""What a build reports while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

__all__ = ["BuildReport", "Progress", "ProgressCallback", "Stage", "merged"]

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


def merged(reports: Sequence[BuildReport]) -> BuildReport:
    """Return one report of several builds in a row: what they did together, and how it stands after the last.

    Args:
        reports: in the order of the builds, at least one.
    """
    last = reports[-1]
    added, removed = _together(one.added for one in reports), _together(one.removed for one in reports)
    gone, new = set(last.removed) - set(last.added), set(added)
    changed = [one for one in _together(one.changed for one in reports) if one not in new | gone]
    renamed = [one for one in _together(one.renamed for one in reports) if one not in gone]
    touched = new | set(changed) | set(renamed)
    return replace(
        last,
        added=tuple(one for one in added if one not in gone),
        changed=tuple(changed),
        renamed=tuple(renamed),
        removed=tuple(one for one in removed if one not in new),
        unchanged=tuple(one for one in last.unchanged if one not in touched),
        embedded=sum(one.embedded for one in reports),
        seconds=sum(one.seconds for one in reports),
        reasons=_together(one.reasons for one in reports),
        warnings=_together(one.warnings for one in reports),
    )


def _together(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in names for name in each))
