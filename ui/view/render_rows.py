"""HTML of all rows of a table that answer together: one table to look over, each row with the button to its source."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.records import BETWEEN
from ui.view.cards import SourceCard, TurnCard
from ui.view.markup.direction import direction
from ui.view.markup.html import element
from ui.view.markup.isolation import isolated
from ui.view.render_sources import language_of

__all__ = ["rows_html"]

_FEWEST = 2  # rows, and columns
_LONGEST = 60  # code points of a column's name; what is longer before a colon is a sentence


def rows_html(turn: TurnCard, chip: Callable[[int], str | None]) -> str:
    """Return the quotes of an answer as one table; `""` where they are not rows with the same columns.

    Args:
        turn: an answer in the sources' own words.
        chip: makes the button that leads to a card.
    """
    rows = [_cells(card.quote) for card in turn.sources]
    if turn.answer_words or len(rows) < _FEWEST or not all(rows) or len({next(iter(row)) for row in rows}) > 1:
        return ""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if len(columns) > max(map(len, rows)):  # rows of different tables
        return ""
    head = "".join(_cell("th", name, scope="col") for name in columns)
    body = "".join(_row(card, row, columns, chip) for card, row in zip(turn.sources, rows, strict=True))
    table = element("table", element("thead", element("tr", head)) + element("tbody", body))
    names = list(dict.fromkeys(card.source.partition("#")[0] for card in turn.sources))
    note = element("p", " · ".join(element("bdi", isolated(name, "ltr")) for name in names), class_="bq-rows-source")
    way = direction(" ".join(columns), direction(turn.question))
    inner = element("div", table, class_="bq-table", role="region", tabindex="0", aria_label=", ".join(columns))
    return element("div", inner + note, class_="bq-answer bq-all-rows", dir=way)


def _cells(quote: str) -> dict[str, str]:
    """Return the values of a row by the names of its columns; empty where a cell has no name."""
    found: dict[str, str] = {}
    for cell in quote.split(BETWEEN):
        name, colon, value = cell.partition(": ")
        if not colon or len(name) > _LONGEST or "\n" in quote:
            return {}
        found[name] = value
    return found if len(found) >= _FEWEST else {}


def _row(card: SourceCard, row: dict[str, str], columns: Sequence[str], chip: Callable[[int], str | None]) -> str:
    marker = chip(card.number) or ""
    first, *others = (row.get(name, "") for name in columns)
    cells = _cell("td", first, marker) + "".join(_cell("td", value) for value in others)
    return element("tr", cells, lang=language_of(card.language))


def _cell(tag: str, text: str, marker: str = "", **attributes: str | None) -> str:
    way = direction(text)
    before, space, last = text.rpartition(" ")
    inner = isolated(before + space, way)
    inner += element("span", isolated(last, way) + marker, class_="bq-kept") if marker else isolated(last, way)
    return element(tag, element("bdi", inner, dir=way) if inner else "", **attributes)
