"""Of a choice whose options stand in a line, the short answer is the one that is ticked."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.config import AnswerConfig
from rag.reading import stage
from rag.reading.short.ticked import ticked_option
from rag.testing.doubles import document, tiny_index
from tests.harness.pointing_reader import Pointing


def chosen(text: str, pointed: str) -> str | None:
    start = text.index(pointed)
    place = ticked_option(text, start, start + len(pointed))
    return None if place is None else text[place[0] : place[1]]


@pytest.mark.parametrize(
    ("text", "pointed", "said"),
    [
        ("Name: Ada\nFee: ☒ Annual ☐ Monthly\nLocker: 7", "Monthly", "Annual"),
        ("Fee: ☐ Annual, ☒ per month", "Annual", "per month"),
        ("Fee: [ ] Annual [x] Monthly", "Annual [x] Monthly", "Monthly"),
        ("Fee: ( ) Annual (X) Monthly", "Annual", "Monthly"),
        ("区分：□ 個人 ■ 法人", "個人", "法人"),
        ("Fee: ☒ Annual ☒ Monthly ☐ Daily", "Daily", ""),  # which of two isn't known
        ("Fee: ☐ Annual ☐ Monthly", "Monthly", ""),
        ("Fee: Annual ☒ Monthly ☐", "Monthly", ""),  # boxes behind their options
        ("☐ Monthly\n☒ Annual", "Monthly", ""),
        ("☐ Monthly\n☒ Annual", "Annual", None),
        ("- [ ] Book the crane", "crane", ""),
        ("✓ Breakfast ✓ Sauna", "Sauna", None),
        ("□ Sauna", "Sauna", None),  # a bullet
        ("Call main() or list[] at noon", "noon", None),
        ("Ada pays at noon", "noon", None),
    ],
)
def test_the_option_that_is_ticked(text: str, pointed: str, said: str | None) -> None:
    assert chosen(text, pointed) == said


def test_a_reader_that_points_at_the_other_option_is_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "load_reader", lambda spec: Pointing("Monthly"))
    index = tiny_index([document("a", "Fee: ☒ Annual ☐ Monthly", "en")])
    answer = Assistant(index=index, config=AnswerConfig(min_confidence=0.0)).answer("Is the fee annual or monthly?")
    assert answer.short is not None
    assert answer.short.quote == "Annual"
