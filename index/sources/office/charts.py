"""Charts of Office files: the numbers that they were drawn from, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from index.sources.office.ooxml import Package
from index.sources.tables.grid import Grid
from index.sources.tables.numberformat import show_number
from index.sources.tables.records import table_text
from index.sources.text.builder import TextBuilder
from index.sources.text.xml import XmlElement, attribute, children, find_all, local
from index.sources.types import ReadContext

__all__ = ["write_chart", "write_charts"]

_MOST_POINTS = 10_000
_CATEGORIES, _VALUES = ("cat", "xVal"), ("val", "yVal", "bubbleSize")


def write_charts(package: Package, part: str, element: XmlElement, builder: TextBuilder, context: ReadContext) -> None:
    """Write the charts that an element of a part shows."""
    wanted = [attribute(mark, "id") for mark in find_all(element, "chart") if attribute(mark, "id")]
    relations = package.relations(part) if wanted else {}
    for identifier in wanted:
        root = package.part(relations.get(identifier, ("", ""))[1])
        if root is not None:
            write_chart(root, builder, context)


def write_chart(root: XmlElement, builder: TextBuilder, context: ReadContext) -> None:
    """Write the numbers that a chart keeps, or warn that it keeps none."""
    title = " ".join(_texts(next(find_all(root, "title"), None)).split()) if _own_title(root) else ""
    grid = _grid(root, title)
    if grid is None or grid.is_empty:
        context.warn(f"the numbers of the chart {title!r} are not stored in the file" if title else
                     "the numbers of a chart are not stored in the file")  # fmt: skip
        builder.block(title)
        return
    builder.block("\n".join(filter(None, [title, table_text(grid)[0]])))


def _own_title(root: XmlElement) -> bool:
    title = next(find_all(root, "title"), None)
    return title is not None and local(title.getparent()) == "chart"


def _texts(element: XmlElement | None) -> str:
    if element is None:
        return ""
    return "".join(part.text or "" for part in find_all(element, "t", "v"))


def _grid(root: XmlElement, title: str) -> Grid | None:
    series = list(find_all(root, "ser"))
    columns = [dict(_points(one, _VALUES)) for one in series]
    if not any(columns):
        return None
    names = [_texts(next(children(one, "tx"), None)) or f"Series {n}" for n, one in enumerate(series, 1)]
    categories: dict[int, str] = {}
    for one in series:
        categories = {**dict(_points(one, _CATEGORIES)), **categories}
    grid = Grid(name="chart", title=title, heads=1)
    grid.row(0)
    for name in [_axis(root), *names]:
        grid.cell(name)
    for place in sorted({place for column in columns for place in column})[:_MOST_POINTS]:
        grid.row()
        for text in [categories.get(place, ""), *(column.get(place, "") for column in columns)]:
            grid.cell(text)
    return grid


def _axis(root: XmlElement) -> str:
    """Return what the axis of the categories is called."""
    axis = next(find_all(root, "catAx", "dateAx"), None)
    return " ".join(_texts(next(children(axis, "title"), None)).split()) if axis is not None else ""


def _points(series: XmlElement, names: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for part in children(series, *names):
        code = next((found.text or "" for found in find_all(part, "formatCode")), "")
        numbers = any(True for _ in find_all(part, "numCache", "numLit"))
        for point in find_all(part, "pt"):
            text = "".join(value.text or "" for value in children(point, "v"))
            if point.get("idx", "").isdigit() and text:
                yield int(point.get("idx")), show_number(text, code or "General") if numbers else text
        return
