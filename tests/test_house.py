"""The house as it was built: no circle comes back, a question's way stays short (`tools/house.py` prints all of it)."""

from __future__ import annotations

from pathlib import Path

from tools import house


def test_circles_are_seen() -> None:
    around = {
        "a.b": frozenset({"a.c"}),
        "a.c": frozenset({"a.d"}),
        "a.d": frozenset({"a.b"}),
        "a.e": frozenset({"a.b"}),
    }
    assert house.circles(around) == [["a.b", "a.c", "a.d"]]
    assert house.arrows({"rag.a.x": frozenset({"rag.b.y", "rag.a.z", "index.c"})}, "rag") == 1


def test_a_question_goes_from_stage_to_stage(seeds_index: Path) -> None:
    stays, crossings = house.way_of(house.QUESTION, seeds_index)
    assert len(stays) - len(set(stays)) <= 5, "a stage that is returned to is no stage"
    assert 0 < len(crossings) < 75
