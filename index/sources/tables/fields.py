"""Tables that are forms: columns of labels, each with what is filled in beside it. They become lines of fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.records import BLANK
from index.sources.tables.grid import GridCell, distinct
from index.sources.text.lines.fieldlines import is_field

__all__ = ["fields", "fields_apart", "label_columns"]

_COLONS = (":", "：")
_FEWEST = 2  # labels below each other; one alone may be the name of a column
_LONGEST = 80

Row = Sequence[GridCell]


def label_columns(rows: Sequence[Row]) -> list[int]:
    """Return the columns that hold labels and nothing else, the first one among them; none for any other table.

    A label ends with a colon, and beside it stands a column for what it names.
    """
    found = [at for at in range(len(rows[0])) if _are_labels([row[at] for row in rows])] if rows else []
    beside = all(after - at > 1 for at, after in pairwise([*found, len(rows[0])])) if found else False
    return found if found[:1] == [0] and beside else []


def _are_labels(cells: Sequence[GridCell]) -> bool:
    labels = [cell.text for cell in cells if cell.text]
    distinct_labels = len(set(labels)) == len(labels) >= _FEWEST
    return distinct_labels and all(label.endswith(_COLONS) and len(label) <= _LONGEST for label in labels)


def fields(rows: Sequence[Row], labels: Sequence[int]) -> Iterator[str]:
    """Yield a line for each label with what stands beside it, `BLANK` for nothing."""
    for row in rows:
        for at, end in pairwise([*labels, len(row)]):
            held = " ".join(cell.text for cell in distinct(row[at + 1 : end]) if cell is not row[at])
            if row[at].text:
                yield f"{row[at].text} {held or BLANK}"
            elif held:
                yield held


def fields_apart(words: Sequence[str]) -> list[str]:
    """Return the parts of a line as a line, fields of a form that stand beside each other as lines of their own."""
    starts = [at for at, text in enumerate(words) if is_field(text)]
    if starts[:1] != [0] or len(starts) < _FEWEST:
        return [" ".join(words)]
    return [" ".join(words[start:end]) for start, end in pairwise([*starts, len(words)])]
