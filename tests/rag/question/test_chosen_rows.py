"""A question that names a value of several rows ("Which orders came from Norway?") shows all rows that hold it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import Assistant
from tests.rag.question.test_unnamed_rows import asked_of

LANDS = ("Norway", "France", "Norway", "Portugal", "Norway", "Germany", "Norway", "Norway", "Norway", "Spain")
FIELDS = ("order", "customer", "country", "total")
BUYERS = ("Lind", "Moreau", "Fjord", "Costa", "Berg", "Weber", "Duarte", "Hansen", "Moe", "Ruiz")
NORWEGIAN = [f"A-{101 + at}" for at, land in enumerate(LANDS) if land == "Norway"]


def written(suffix: str, lands: tuple[str, ...] = LANDS) -> str:
    rows = [(f"A-{101 + at}", BUYERS[at % len(BUYERS)], land, f"{20 + 7 * at}.00") for at, land in enumerate(lands)]
    if suffix == "json":
        return json.dumps({"shop": "Nord", "orders": [dict(zip(FIELDS, row, strict=True)) for row in rows]})
    if suffix == "csv":
        return "\n".join(map(",".join, (FIELDS, *rows)))
    lines = [f"| {' | '.join(row)} |" for row in (FIELDS, ("---",) * len(FIELDS), *rows)]
    return "\n".join(["# Orders\n", *lines, ""])


@pytest.mark.parametrize("suffix", ["md", *(pytest.param(one, marks=pytest.mark.slow) for one in ("csv", "json"))])
def test_all_rows_with_the_value_are_shown_in_their_order(tmp_path: Path, suffix: str) -> None:
    answer = asked_of(tmp_path, f"a.{suffix}", written(suffix), "Which orders came from Norway?", k=3)
    quotes = [citation.quote for citation in answer.citations]
    assert [name for quote in quotes for name in NORWEGIAN if name in quote] == NORWEGIAN
    assert len(quotes) == len(NORWEGIAN)
    assert answer.short is None
    alone = Assistant(index_dir=tmp_path / "index").answer("What is the total of the order by Berg from Norway?")
    assert [("Berg" in one.quote) for one in alone.citations] == [True]


@pytest.mark.slow
def test_of_many_rows_the_first_are_shown_and_the_rest_is_told(tmp_path: Path) -> None:
    lands = ("Norway",) * 15 + ("Spain",) * 3
    answer = asked_of(tmp_path, "a.md", written("md", lands), "Which orders came from Norway?")
    assert [f"A-{101 + at}" in one.quote for at, one in enumerate(answer.citations)] == [True] * 12
    assert "12 of 15 rows that fit are shown" in answer.warnings


@pytest.mark.slow
def test_a_value_of_each_row_shows_them_all_where_they_are_few(tmp_path: Path) -> None:
    answer = asked_of(tmp_path, "a.md", written("md", ("Norway",) * 7), "Which order from Norway is the largest?", k=3)
    assert [f"A-{101 + at}" in one.quote for at, one in enumerate(answer.citations)] == [True] * 7
