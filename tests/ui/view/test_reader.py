"""The reader draws tables and code in their own form, and what it draws holds the document's text to the character."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text
from index.sources.text.builder import TextBuilder
from index.types import Document, Passage
from rag.types import Answer, Citation, ScoredPassage
from ui.view.cards import turn_of
from ui.view.documents.reader import document_html
from ui.view.render import turn_html

CODE = "sudo systemctl stop   relay\n\n  rm -rf /var/*.lock # [1]"


def _document(*, rows: int = 3, code: str = CODE) -> Document:
    builder = TextBuilder()
    builder.block("Branches of 2024, one below the other.")
    grid = Grid(name="Sheet Branches", heads=1)
    for row in [("Branch", "Manager", "Budget"), *((f"B{n}", "", f"{n} | 000") for n in range(rows))]:
        grid.row()
        for cell in row:
            grid.cell(cell)
    builder.block(table_text(grid)[0])
    builder.code(code)
    builder.block("The end.")
    extract = builder.extract()
    metadata: dict[str, Any] = {"tables": extract.tables, "code": [list(span) for span in extract.code]}
    return Document("d", "T", "s", "en", extract.text, metadata)


def _drawn(
    document: Document, marks: list[tuple[int, int, int]], answer_spans: tuple[tuple[int, int], ...] = ()
) -> Any:
    page = parser.fromstring(f"<div>{document_html(document, marks, 1, 'en', answer_spans)}</div>")
    return page.find_class("bq-text")[0]


def test_a_table_is_drawn_as_a_table_with_the_row_and_its_cell_marked() -> None:
    document = _document()
    start = document.text.index("Branch: B1")
    end = document.text.index("\n", start)
    cell = document.text.index("1 | 000"), document.text.index("1 | 000") + len("1 | 000")
    page = _drawn(document, [(1, start, end)], (cell,))
    assert [head.get("data-name") for head in page.iter("th")] == ["Branch", "Manager", "Budget"]
    rows = page.xpath(".//tbody/tr")
    assert [len(row.findall("td")) for row in rows] == [3, 3, 3]
    marks = page.xpath(".//mark[@aria-current='true']")
    assert "".join(mark.text_content() for mark in marks) == document.text[start:end]
    assert {mark.xpath("ancestor::tr")[0] for mark in marks} == {rows[1]}
    result = page.find_class("bq-answer-words")
    assert [one.text_content() for one in result] == ["1 | 000"]
    assert result[0].xpath("ancestor::td")[0] is rows[1].findall("td")[2]


def test_code_is_drawn_in_its_lines_from_left_to_right() -> None:
    block = _drawn(_document(), []).find_class("bq-code")[0]
    assert block.text_content() == CODE
    assert block.get("dir") == "ltr"


def test_headings_are_headings_and_nothing_else_is() -> None:
    document = _document()
    table = document.metadata["tables"][0]["start"] if isinstance(document.metadata["tables"][0], dict) else 0
    code = document.text.index("sudo")
    long = Document("d", "T", "s", "en", "x" * 301 + "\ny", {"headings": [[0, 1, "x"]]})
    result = [
        [0, 1, "Branches"],
        [table, 1, "in the table"],
        [code, 2, "in code"],
        [document.text.index("The end"), 9, "E"],
    ]
    page = _drawn(replace(document, metadata={**document.metadata, "headings": result}), [(1, 4, 20)])
    heads = page.find_class("bq-heading")
    assert [(one.text_content(), one.get("aria-level")) for one in heads] == [
        ("Branches of 2024, one below the other.", "3"),
        ("The end.", "6"),
    ]
    assert page.text_content() == document.text and len(page.xpath(".//tbody/tr")) == 3
    assert [one.text_content() for one in heads[0].iter("mark")] == [document.text[4:20]]
    assert not _drawn(long, []).find_class("bq-heading")


def test_what_is_drawn_is_the_text_wherever_quotes_lie() -> None:
    document = _document()
    length = len(document.text)
    for start in range(0, length, 7):
        page = _drawn(document, [(1, start, min(length, start + 23))])
        assert page.text_content() == document.text
        marks = page.xpath(".//mark")
        assert "".join(mark.text_content() for mark in marks) == document.text[start : start + 23]


@given(st.lists(st.text(alphabet="ab |:–\n<&שא", max_size=12), min_size=1, max_size=6), st.text(max_size=80))
def test_any_table_and_any_code_keep_every_character(values: list[str], code: str) -> None:
    builder = TextBuilder()
    grid = Grid(name="t", heads=1)
    for row in [["One", "Two"], *([value, "x"] for value in values)]:
        grid.row()
        for cell in row:
            grid.cell(cell)
    builder.block(table_text(grid)[0])
    builder.code(code)
    extract = builder.extract()
    metadata: dict[str, Any] = {"tables": extract.tables, "code": [list(span) for span in extract.code]}
    drawn = document_html(Document("d", "T", "s", "en", extract.text, metadata), [], 0, "en")
    inner = drawn[drawn.index("bq-text") :]
    bare = re.sub(r"</?[a-z]+[^>]*>", "", inner[inner.index(">") + 1 :])
    assert html.unescape(bare) == extract.text


def test_of_a_long_table_the_rows_around_the_quote_are_drawn_as_a_table() -> None:
    document = _document(rows=9_000)
    start = document.text.index("Branch: B4500 ")
    end = document.text.index("\n", start)
    page = _drawn(document, [(1, start, end)])
    assert page.text_content() in document.text
    marks = page.xpath(".//tr//mark")
    assert "".join(mark.text_content() for mark in marks) == document.text[start:end]
    assert 100 < len(page.xpath(".//tbody/tr")) < 3_000


def test_a_card_and_the_short_answer_keep_the_lines_of_code() -> None:
    document = _document()
    start = document.text.index(CODE)
    passage = Passage("d:0", "d", 0, len(document.text), document.text, "en", "")
    hit = ScoredPassage(passage, "T", "s", 1.0, metadata=document.metadata)
    citation = Citation(1, "d", "T", "s", start, start + len(CODE), CODE, passage_id="d:0")
    answer = Answer("How?", f"{CODE} [1]", (citation,), (hit,), False, "en", "extractive", 1, short=citation)
    page = parser.fromstring(f"<div>{turn_html(turn_of(answer, 't', 0.1), 'en')}</div>")
    blocks = [block.text_content() for block in page.find_class("bq-code")]
    assert blocks.count(CODE) >= 2  # the short answer, and the card
    assert page.xpath(".//*[@data-answer-words]")
