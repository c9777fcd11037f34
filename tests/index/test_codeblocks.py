"""Code in a text: where it lies, which of its lines are read and quoted together, and that nothing of it is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.codeblocks import code_at, code_parts, code_spans, code_units


def units(text: str) -> list[str]:
    return [text[start:end] for start, end in code_units(text, [(0, len(text))])]


def test_a_block_is_one_and_a_long_one_falls_apart_at_blank_lines() -> None:
    short = "def light():\n    return 1849\n\nlight()"
    assert units(short) == [short]
    parts = [f"def lamp_{number}():\n" + "    burn()\n" * 12 for number in range(3)]
    assert units("\n\n".join(parts)) == [part.rstrip("\n") for part in parts]


@pytest.mark.parametrize("sign", ["\\", "|", "||", "&&", "`"])
def test_long_code_without_blank_lines_is_read_line_by_line_and_a_line_that_goes_on_with_the_next(sign: str) -> None:
    lines = [f"lamp {number}" for number in range(30)]
    lines[4] += f" {sign}"
    assert units("\n".join(lines)) == [*lines[:4], f"{lines[4]}\n{lines[5]}", *lines[6:]]


@given(st.text("ab\n \\|", max_size=3_000))
def test_units_lose_nothing_but_blanks_and_never_overlap(text: str) -> None:
    spans = list(code_units(text, [(0, len(text))]))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_places_that_a_file_gives_wrongly_are_passed_over() -> None:
    spans = code_spans({"code": [[9, 12], [2, 5], [7, 7], [-1, 3], ["a", 4], 5]})
    assert spans == ((2, 5), (9, 12))
    assert code_spans({"code": "words"}) == code_spans({}) == ()
    assert (code_at(spans, 4), code_at(spans, 5), code_at(spans, 9)) == ((2, 5), None, (9, 12))
    assert list(code_parts(spans, 0, 10)) == [(0, 2, False), (2, 5, True), (5, 9, False), (9, 10, True)]
    assert list(code_units("12345", [(0, 9)])) == []  # beyond the text
