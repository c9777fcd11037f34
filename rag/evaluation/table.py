"""An evaluation as text for a terminal of 120 columns: what was found, what was answered, and by language pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.measures import Evaluation, Measures

__all__ = ["evaluation_table"]

_FOUND = {
    "hit_1": "hit@1", "hit_5": "hit@5", "hit_10": "hit@10", "mrr_10": "MRR@10", "ndcg_10": "nDCG@10", "map": "mAP",
}  # fmt: skip
_ANSWERED = {
    "first_quote": "1st quote", "any_quote": "any quote", "answered": "answered", "refused": "refused",
    "refusal_precision": "right refusals", "refusal_auc": "refusal AUC", "calibration_error": "off by",
    "valid_citations": "valid citations", "ms": "ms",
}  # fmt: skip
_SHORT = {"short": "given", "short_exact": "exact", "short_overlap": "overlapping"}
_PAIRS_ACROSS = 14  # languages that fit into a line


def evaluation_table(evaluation: Evaluation) -> str:
    """Return the tables, one below the other, no line longer than 120 columns."""
    rows = {**evaluation.by_language, "all": evaluation.overall}
    blocks = [_block("found", rows, _FOUND), _block("answered", rows, _ANSWERED)]
    if any(row.short for row in rows.values()):
        blocks.append(_block("short answer", rows, _SHORT))
    if len(set(evaluation.by_pair)) > 1:
        blocks += _pairs(evaluation.by_pair)
    return "\n\n".join(blocks)


def _block(title: str, rows: Mapping[str, Measures], names: Mapping[str, str]) -> str:
    lines = [[title, "n", *names.values()]]
    for label, row in rows.items():
        lines.append([label, str(row.questions), *(_cell(name, getattr(row, name)) for name in names)])
    return _aligned(lines)


def _pairs(by_pair: Mapping[tuple[str, str], Measures]) -> Iterator[str]:
    """Yield hit@1 by question language (rows) and language of the document (columns)."""
    asked, found = (sorted({pair[side] for pair in by_pair}) for side in (0, 1))
    for start in range(0, len(found), _PAIRS_ACROSS):
        some = found[start : start + _PAIRS_ACROSS]
        lines = [["hit@1 in", *some]]
        for code in asked:
            cells = [by_pair[code, other].hit_1 if (code, other) in by_pair else None for other in some]
            lines.append([code, *(_cell("hit_1", cell) for cell in cells)])
        yield _aligned(lines)


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    """Return the cells in columns: labels to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines
    )


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if name == "ms" else f"{value:.3f}"
