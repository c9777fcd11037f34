"""A question that names no row of a table is about all of them: none of their cells is the answer alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import index
from rag import Answer, Assistant
from rag.answering.whole_tables import TOO_MANY
from rag.question.rows.asked_columns import Asked
from rag.question.rows.rereading import Rereading
from rag.question.rows.unnamed_rows import unnamed_row
from rag.reading.profile import profile_of
from rag.types import Reading, ScoredPassage
from tests.rag.question.test_asked_rows import hits_of

NAMES = ("Corrow", "Dunmar", "Elsk", "Fenholm", "Gannet", "Hallow", "Inchrock")
KEEPERS = ("Nadia Petrov", "Tom Okafor", "Li Wen", "Ana Duarte", "Rosa Vidal", "Omar Said", "Eva Lund")
ROWS = [f"{name},{1850 + 7 * place},{20 + place},{KEEPERS[place]}" for place, name in enumerate(NAMES)]
HEADER = "Lighthouse,Built,Height,Keeper"
RULE = "|---|---|---|---|"


def table(rows: Sequence[str]) -> str:
    lines = ["| " + row.replace(",", " | ") + " |" for row in (HEADER, *rows)]
    return "\n".join(["# Lighthouses of the Ansel coast\n", lines[0], RULE, *lines[1:], ""])


def asked_of(folder: Path, name: str, text: str, question: str, k: int = 5) -> Answer:
    (folder / name).write_text(text, encoding="utf-8")
    index.build([folder / name], index_dir=folder / "index")
    return Assistant(index_dir=folder / "index").answer(question, k=k)


@pytest.mark.parametrize(("name", "text"), [("a.md", table(ROWS)), ("a.csv", "\n".join([HEADER, *ROWS]))])
def test_all_rows_are_quoted_in_their_order_and_no_short_answer(tmp_path: Path, name: str, text: str) -> None:
    answer = asked_of(tmp_path, name, text, "Who are the keepers of the lighthouses?", k=3)
    quotes = [citation.quote for citation in answer.citations]
    assert [quote.rpartition(": ")[2] for quote in quotes] == list(KEEPERS)
    assert all("Lighthouse: " in quote and "\n" not in quote for quote in quotes)
    assert answer.short is None
    assert not answer.refused


@pytest.mark.parametrize("suffix", [".md", ".csv"])
def test_a_long_table_is_not_shown_and_the_reason_is(tmp_path: Path, suffix: str) -> None:
    rows = [f"{name} {number},{1800 + 9 * number},3{number},{KEEPERS[0]}" for number in range(7) for name in NAMES]
    text = table(rows) if suffix == ".md" else "\n".join([HEADER, *rows])
    answer = asked_of(tmp_path, f"a{suffix}", text, "Who are the keepers of the lighthouses?")
    assert answer.refused
    assert TOO_MANY in answer.warnings


def test_a_row_that_is_named_stands_alone(tmp_path: Path) -> None:
    answer = asked_of(tmp_path, "a.md", table(ROWS), "Who is the keeper of Dunmar?")
    assert [citation.quote.partition(" | ")[0] for citation in answer.citations] == ["Lighthouse: Dunmar"]
    assert answer.short is not None
    assert answer.short.quote == "Tom Okafor"


def test_tables_with_the_same_columns_go_together_unless_one_is_named(tmp_path: Path) -> None:
    parts = [
        f"## {name}\n\n" + table(rows).partition("\n\n")[2]
        for name, rows in (("North", ROWS[:2]), ("South", ROWS[2:5]))
    ]
    text = "# Lighthouses of the Ansel coast\n\n" + "\n".join(parts)
    answer = asked_of(tmp_path, "a.md", text, "Who are the keepers of the lighthouses?")
    assert [one.quote.rpartition(": ")[2] for one in answer.citations] == list(KEEPERS[:5])
    answer = Assistant(index_dir=tmp_path / "index").answer("Who are the keepers of the lighthouses of the south?")
    assert [one.quote.rpartition(": ")[2] for one in answer.citations] == list(KEEPERS[2:5])


def test_objects_of_a_file_with_the_same_fields_go_together(tmp_path: Path) -> None:
    names = HEADER.lower().split(",")
    objects = [dict(zip(names, row.split(","), strict=True)) for row in ROWS[:4]]
    text = json.dumps({"coast": "Ansel", "lighthouses": objects, "board": [{"name": "Ida Storm", "office": "chair"}]})
    answer = asked_of(tmp_path, "a.json", text, "Who are the keepers of the lighthouses?")
    assert [one.quote.rpartition(": ")[2] for one in answer.citations] == list(KEEPERS[:4])


def reader_of(scores: dict[str, float]) -> Rereading:
    """One that gives each row the log-odds of the name in it."""

    def read(hits: Sequence[ScoredPassage]) -> Sequence[Reading]:
        texts = [hit.passage.text for hit in hits]
        found = [next(score for name, score in scores.items() if name in text) for text in texts]
        return [Reading(score, 0, 1, -1.0, (), ()) for score in found]

    return Rereading(read, profile_of("bundled").rows)


@pytest.mark.parametrize(
    ("question", "scores", "meant"),
    [
        ("Which is the tallest?", {"Corrow": 2.0, "Dunmar": 1.8}, False),
        ("Which is the tallest?", {"Corrow": 1.0, "Dunmar": 1.8}, False),  # found first, and not the likeliest
        ("Which is the tallest?", {"Corrow": 2.0, "Dunmar": -4.0}, True),
        ("How tall is Corrow?", {"Corrow": 2.0, "Dunmar": 1.8}, True),
    ],
)
def test_a_row_is_meant_that_is_named_or_clearly_likelier(
    tmp_path: Path, question: str, scores: dict[str, float], meant: bool
) -> None:
    hits, _ = hits_of(tmp_path, "a.md", table(ROWS[:2]).partition("\n\n")[2])
    row = unnamed_row(Asked(question, "", reader_of(scores)), hits)
    assert (row is None) is meant


def test_rows_with_other_columns_and_lines_without_columns_are_no_rivals(tmp_path: Path) -> None:
    scores = {"Corrow": 2.0, "Dunmar": 1.8}
    text = f"{table(ROWS[:1])}\n\nThose that are no more:\n\n{table(ROWS[1:2]).replace('Keeper', 'Owner')}"
    hits, _ = hits_of(tmp_path, "b.md", text)
    rows = [hit for hit in hits if "Lighthouse: " in hit.passage.text]
    assert len(rows) == len(scores)
    assert unnamed_row(Asked("Which is the tallest?", "", reader_of(scores)), rows) is None
    fields, _ = hits_of(tmp_path, "c.md", "Corrow stands in the north.\nDunmar stands in the south.\n")
    assert unnamed_row(Asked("Which is the tallest?", "", reader_of(scores)), fields) is None
