"""What draws, cites and reads a text takes time in proportion to its length, whatever the text is made of."""

from __future__ import annotations

import re

import pytest

from benchmarks.growth import Work, drawing, grows, reading, texts
from tests.harness.growing import in_step
from ui.view.markup.escape import escape
from ui.view.markup.isolation import isolates

pytestmark = pytest.mark.slow
WORKS = {**drawing(), **reading()}
LENGTH, TIMES = 2_000, 8
TRIES = ((LENGTH, 1), (LENGTH, 3), (2 * LENGTH, 3))
# Linear is 8, the square of it 64. What takes less than this says nothing: a timer's tick, a table loaded once.
MOST_TIMES, FLOOR_SECONDS = 26, 0.03


def growing(work: Work) -> list[str]:
    """Return the kinds of text of which eight times as much takes far more than eight times as long."""
    work(texts()["words"](LENGTH))
    found = []
    for kind, make in texts().items():
        # What looks bad at the first try is tried more often, and at greater lengths, before it counts: a limit or a
        # memory between two lengths makes one step steep, the square of the length makes every step steep.
        if all(_is_steep(*grows(work, make, length, TIMES, tries=tries)) for length, tries in TRIES):
            found.append(kind)
    return found


def _is_steep(small: float, large: float) -> bool:
    return large > FLOOR_SECONDS and large > MOST_TIMES * small


@pytest.mark.parametrize("name", WORKS)
def test_time_grows_with_the_length_of_any_text(name: str) -> None:
    assert growing(WORKS[name]) == []


def _looks_through_all_spans(text: str) -> str:
    """Write citations as a careless renderer does: for each one it goes through all the words that stand apart."""
    spans = isolates(text, "ltr")
    parts = []
    for cite in re.finditer(r"\[\d\]", text):
        inside = [span for span in spans if span[0] < cite.start() < span[1]]
        parts.append(escape(text[cite.start() : cite.end()]) + str(len(inside)))
    return "".join(parts)


def _backtracks(text: str) -> str:
    return re.sub(r"“[^”\n]*”", " ", text)


def _tries_every_dash(text: str) -> object:
    """Look for the rule of a table as a careless pattern does: any dash may be the one that it needs."""
    return re.fullmatch(r"[\s|:+-]*-[\s|:+-]*", text)


def test_careless_renderers_and_readers_are_caught() -> None:
    assert _steep_at(_tries_every_dash, "-|")
    assert _steep_at(_looks_through_all_spans, "سفينة 5G [1] ")
    assert _steep_at(_backtracks, "“")


def _steep_at(work: Work, unit: str) -> bool:
    return _is_steep(*grows(work, lambda length: (unit * length)[:length], LENGTH * 2, TIMES, tries=2))


def test_what_is_quadratic_is_not_in_step_and_one_slow_look_is_forgiven() -> None:
    looks: list[int] = []

    def interrupted(size: int) -> float:
        looks.append(size)
        return size * 1e-5 * (50 if looks.count(10_000) == 1 and size == 10_000 else 1)

    assert in_step(interrupted, 1_000) and looks.count(10_000) == 2
    assert not in_step(lambda size: size * size * 1e-7, 1_000)
    assert not in_step(lambda size: size * 1e-3, 1_000, most=3)
