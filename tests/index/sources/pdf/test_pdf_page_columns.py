"""Pages in columns that were written line by line across the page: each column is read for itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import pytest

from index.sources.tables.pages.pagecolumns import set_in_columns
from tests.harness.pdf_files import Piece, pdf_of, words
from tests.index.sources.test_sources_as_seen import text_of

LEFT = (
    "The station records the",
    "water level every ten minu-",
    "tes. The keeper, Ailsa Grant,",
    "walks the line twice.",
)
RIGHT = (
    *("In 2022 the level fell by", "nine centimetres. The board", "put in a pump that lifts five"),
    "litres a second.",
)
SEEN = (
    "The station records the water level every ten minutes. The keeper, Ailsa Grant, walks the line twice."
    " In 2022 the level fell by nine centimetres. The board put in a pump that lifts five litres a second."
)


def across(left: Sequence[str], right: Sequence[str], top: float = 700.0) -> list[Piece]:
    pieces: list[Piece] = []
    for at, (one, other) in enumerate(zip_longest(left, right, fillvalue="")):
        pieces += [(x, top - 15 * at, 11.0, text) for x, text in ((60.0, one), (320.0, other)) if text]
    return pieces


def text(folder: Path, pieces: Sequence[Piece]) -> str:
    return text_of(folder, "a.pdf", pdf_of([words(pieces)])).replace("\n\n", " ")


def test_lines_without_words_are_no_columns() -> None:
    assert set_in_columns([[], []], 0, ()) == 0


def test_running_text_in_columns(tmp_path: Path) -> None:
    assert text(tmp_path, across(LEFT, RIGHT)) == SEEN


@pytest.mark.parametrize("longer", [0, 1])
def test_one_column_is_longer_and_text_stands_above_and_below(tmp_path: Path, longer: int) -> None:
    further = ("It was a dry year, and", "the wells stood low.")
    columns = [LEFT, RIGHT]
    columns[longer] += further
    first = [(60.0, 730.0, 11.0, "A report that goes over the whole page, from the left of it to the far right of it.")]
    last = [(60.0, 580.0, 11.0, "The board thanks all who worked at the station in this long and very dry year.")]
    seen = text(tmp_path, [*first, *across(*columns), *last])
    assert " ".join(further) in seen
    assert seen.index("The station records the water level") < seen.index("In 2022 the level fell by nine")
    assert seen.endswith(last[0][3])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("Director", "Treasurer", "Secretary", "Keeper"), ("Ada Lind", "Tom Berg", "Lea Costa", "Omar Said")),
        (("Adults pay at the door", "Children pay half of it", "Dogs pay nothing here", "Groups pay on invoice"),
         ("Four euros and ten cents", "Two euros and five cents", "Free on every day of it", "Three euros each, all")),
    ],
)  # fmt: skip
def test_lines_that_belong_together_stay(tmp_path: Path, left: Sequence[str], right: Sequence[str]) -> None:
    seen = text(tmp_path, across(left, right))
    assert all(seen.index(one) < seen.index(other) for one, other in zip(left, right, strict=True))
    assert seen.index(right[0]) < seen.index(left[1])
