"""What stands above a table tells it from another one with the same columns, and a lone first cell its rows."""

from __future__ import annotations

import pytest

from index.records import tables_of
from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text
from index.sources.text.builder import TextBuilder
from index.sources.text.marks import mark_first, mark_row

COLUMNS = ("Day", "High water")


def record(day: int) -> str:
    return f"Day: {day} | High water: 0{day}:12"


def table(title: str = "") -> str:
    return f"{mark_first(record(1), 2, '', title, COLUMNS)}\n{mark_row(record(2), 3)}"


def titles(builder: TextBuilder) -> list[str]:
    extract = builder.extract()
    found = tables_of({"tables": extract.tables})
    for one in found:
        assert extract.text[one.start : one.end] == f"{record(1)}\n{record(2)}"
    return [one.title for one in found]


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("April", "April"),
        ("Tide tables\nApril:", "April"),
        ("4月", "4月"),
        ("Tab. 3: Wasserstände", "Tab. 3: Wasserstände"),
        ("2. Fares", "2. Fares"),
        ("The boats leave at high water.", ""),  # a sentence
        ("which is shown in the", ""),  # a line within one
        ("- the tides of April", ""),
        ("April " * 20, ""),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_the_line_above_a_table_is_its_title(above: str, title: str, apart: bool) -> None:
    builder = TextBuilder()
    builder.block("Of the port of Isaac.")
    if apart:
        builder.block(above)
        builder.block(table())
    else:
        builder.block(f"{above}\n{table()}")
    assert titles(builder) == [title]


def test_each_of_several_tables_of_a_page_has_its_own_title() -> None:
    builder = TextBuilder()
    builder.block(f"March\n{table()}\nApril\n{table()}\n{table()}")
    assert titles(builder) == ["March", "April", ""], "no row of the table above is a title"


def test_a_heading_and_a_title_that_the_file_gives_stay_what_they_are() -> None:
    builder = TextBuilder()
    builder.heading(1, "Tides")
    builder.block(table())
    builder.block("April")
    builder.block(table("May"))
    builder.block(table())
    assert titles(builder) == ["", "May", ""]


def test_a_table_at_the_beginning_has_no_title() -> None:
    builder = TextBuilder()
    builder.block(table())
    assert titles(builder) == [""]


def rows_of(*rows: tuple[str, ...]) -> list[str]:
    grid = Grid.of([dict(enumerate(cell for cell in row)) for row in (("Course", "Day", "Hour"), *rows)])
    return [line.rpartition("\ufdd0")[2] for line in table_text(grid)[0].split("\n")]


def test_a_lone_first_cell_names_the_rows_below_it() -> None:
    result = rows_of(("Beginners",), ("Violin", "Tue", "16:00"), ("Advanced",), ("Violin", "Fri", "18:15"))
    assert result == [
        "Beginners | Course: Violin | Day: Tue | Hour: 16:00",
        "Advanced | Course: Violin | Day: Fri | Hour: 18:15",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        (("Violin", "Tue", "16:00"), ("Piano",), ("Flute", "Fri", "18:15")),  # begins with no group
        (("Violin",), ("Piano", "Fri", "18:15"), ("Flute", "Fri", "19:15")),  # only one
        (("Violin",), ("Piano",), ("Flute", "Fri", "18:15")),  # nothing below it
        (("Violin",), ("Flute", "Fri", "18:15"), ("Piano",)),
    ],
)
def test_a_thing_of_which_nothing_is_told_stays_a_row(rows: tuple[tuple[str, ...], ...]) -> None:
    assert sum(line.startswith("Course: ") for line in rows_of(*rows)) == len(rows)
