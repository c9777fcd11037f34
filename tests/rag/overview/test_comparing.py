"""Two texts are compared as a table: what both speak of stands side by side, each cell with the words behind it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from index.stores.base import DocumentHeader
from index.types import Document, Sentence
from rag.output.tables import cell_by_cell, cells_of_row
from rag.overview.cited_lines import Page
from rag.overview.comparing import compared, set_side_by_side
from rag.testing.memory_index import MemoryStore
from rag.types import Answer

HARBOUR = (
    "# Rent\n\nThe monthly rent of the flat is 900 pounds. Light comes through tall windows.\n\n"
    "# Pets\n\nKeeping dogs in the flat is forbidden by the landlord."
)
MILL = (
    "The landlord says that keeping dogs in the flat is allowed. A garden with old apple trees lies behind it. "
    "The monthly rent of the flat is 750 pounds|euros."
)
FIRST = Document(
    "harbour", "Harbour Road", "leases/a.md", "en", HARBOUR, {"headings": [[0, 1, "Rent"], [89, 1, "Pets"]]}
)
SECOND = Document("mill", "Mill Lane", "leases/b.md", "en", MILL)
OTHER = Document("bees", "Bees", "notes/bees.md", "en", "Honey bees dance on combs. Wax is made by young workers.")


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    made = MemoryStore()
    for text in (FIRST, SECOND, OTHER):
        made.add(text)
    return made


def header(store: MemoryStore, name: str) -> DocumentHeader:
    return store.headers([name])[name]


def at(document: Document, one: Sentence) -> str:
    return document.text[one.start : one.end]


def test_sentences_that_speak_of_the_same_stand_together_whatever_their_order(store: MemoryStore) -> None:
    found = compared(store, header(store, "harbour"), header(store, "mill"))
    pairs = [(pair.headings, at(FIRST, pair.first), at(SECOND, pair.second)) for pair in found.pairs]
    assert [(head and at(FIRST, head), none, one[:16], other[:16]) for (head, none), one, other in pairs] == [
        ("Rent", None, "The monthly rent", "The monthly rent"),
        ("Pets", None, "Keeping dogs in ", "The landlord say"),
    ]
    assert [at(FIRST, one) for one in found.first] == ["Light comes through tall windows."]
    assert [at(SECOND, one)[:8] for one in found.second] == ["A garden"]


def test_texts_about_other_things_have_no_row_in_common(store: MemoryStore) -> None:
    found = compared(store, header(store, "harbour"), header(store, "bees"))
    assert found.pairs == ()
    assert found.first and found.second


def table(store: MemoryStore, one: str, other: str, language: str = "en") -> Answer:
    page = Page(store, language)
    set_side_by_side(page, header(store, one), header(store, other))
    done = page.done()
    return Answer("Compare them", done.text, done.citations, (), False, "en", "", 1)


def test_every_cell_has_its_words_behind_it(store: MemoryStore) -> None:
    answer = table(store, "harbour", "mill")
    assert cells_of_row(answer.text.split("\n")[0]) == ["", "Harbour Road", "Mill Lane"]
    quotes = {one.number: (one.document_id, one.quote) for one in answer.citations}
    for row in answer.text.split("\n")[2:4]:
        for cell, document in zip(cells_of_row(row), ("harbour", "harbour", "mill"), strict=True):
            said, _, number = cell.rpartition(" [")
            assert quotes[int(number.rstrip("]"))] == (document, said)
    assert sorted(map(int, re.findall(r"\[(\d+)\]", answer.text))) == sorted(quotes)


GERMAN = Document(
    "hof", "Hofgasse", "leases/c.md", "de", f"# Miete\n\n{MILL}", {"headings": [[0, 1, "Miete"], [400, 1, "Unsaid"]]}
)


@pytest.mark.parametrize(("language", "label"), [("en", "Rent · Miete"), ("de", "Miete · Rent")])
def test_a_row_is_named_by_both_texts_in_the_askers_language_first(language: str, label: str) -> None:
    made = MemoryStore()
    for text in (FIRST, GERMAN):
        made.add(text)
    answer = table(made, "harbour", "hof", language)
    named = [cells_of_row(row)[0] for row in answer.text.split("\n")[2:4]]
    assert re.sub(r" \[\d+\]", "", named[0]) == label
    assert {one.quote: one.document_id for one in answer.citations}["Miete"] == "hof"


def test_headings_that_read_alike_name_a_row_once() -> None:
    made = MemoryStore()
    loud = {"headings": [[0, 1, "RENT"], [89, 1, "Pets"]]}
    for text in (FIRST, replace(FIRST, id="copy", text=HARBOUR.replace("# Rent", "# RENT"), metadata=loud)):
        made.add(text)
    label = cells_of_row(table(made, "harbour", "copy").text.split("\n")[2])[0]
    assert re.fullmatch(r"Rent \[\d+\]", label)


def test_a_line_in_which_no_table_can_be_drawn_gets_its_cells_one_below_the_other(store: MemoryStore) -> None:
    said = str(table(store, "harbour", "mill")).split("\n")
    assert said[:3] == [
        "Rent [7]",
        "- Harbour Road: The monthly rent of the flat is 900 pounds. [1]",
        "- Mill Lane: The monthly rent of the flat is 750 pounds|euros. [2]",
    ]
    assert "" in said and "Pets [8]" in said and not any(line.startswith("|") for line in said)


def test_a_narrow_table_stays_one_and_other_lines_stay_as_they_are() -> None:
    narrow = "Prices:\n| Item | Price |\n| --- | --- |\n| Tea | 2 |\n\n| no table"
    assert cell_by_cell(narrow) == narrow
    wide = narrow.replace("Tea", "Tea " * 40)
    assert cell_by_cell(wide) == f"Prices:\n- Item: {('Tea ' * 40).strip()}\n- Price: 2\n\n| no table"


def test_a_notebook_draws_the_table_and_escapes_its_cells(store: MemoryStore) -> None:
    answer = table(store, "harbour", "mill")
    shown = replace(answer, text=answer.text.replace("Mill Lane", "<b>Mill"))._repr_html_()
    assert shown.count("<tr>") == 3 and "&lt;b&gt;Mill" in shown and "| ---" not in shown


@pytest.mark.parametrize(
    ("language", "line"), [("en", "**بحر**"), ("ar", "بحر، بكلماتها:"), ("fa", "بحر، به واژه‌های خودش:"), ("he", "בחר")]
)
def test_a_title_that_runs_the_other_way_stands_alone(language: str, line: str) -> None:
    page = Page(MemoryStore(), language)
    page.say_summary(DocumentHeader("sea", "בחר" if language == "he" else "بحر", "sea.md", "ar", {}))
    assert page.lines[0].startswith(line)
