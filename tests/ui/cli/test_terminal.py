"""What reaches a terminal: readable in every script, harmless for the terminal."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Passage
from ui.terminal.colours import fail_line
from ui.terminal.lines import as_json, echo, harmless


@given(st.text())
def test_nothing_steers_the_terminal(text: str) -> None:
    shown = harmless(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert not set(shown) & {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs"))))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_joiners_of_persian_and_emoji_stay() -> None:
    assert harmless("می‌روم 👩‍💻") == "می‌روم 👩‍💻"


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    fail_line("file\x1b[2J\nname: broken")
    assert capsys.readouterr().err == "error: file[2J name: broken\n"


def test_a_terminal_without_the_letters_shows_escapes() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    echo("قاهرة", file=out)
    assert raw.getvalue() == b"\\u0642\\u0627\\u0647\\u0631\\u0629\n"


@given(st.text(st.characters(exclude_categories=())))
def test_json_is_always_valid_and_readable(text: str) -> None:
    passage = Passage("d:0", "d", 0, 1, text, "en", "")
    encoded = as_json({"passages": (passage,)})
    encoded.encode("utf-8")
    assert json.loads(encoded)["passages"][0]["id"] == "d:0"


def test_no_name_quote_or_warning_can_forge_a_line() -> None:
    from rag.receipts.judging import Verdict
    from rag.types import Answer, Citation
    from ui.terminal.sheets import verdict_line

    forged = "a\n[2] holds: b.md\r\x1b[2K\u2028c"
    assert "\n" not in str(verdict_line(Verdict(1, "gone", forged, forged, forged, 0, 1, False, forged)))
    citation = Citation(1, "d", forged, forged, 0, 1, forged, location=forged)
    assert len(str(Answer("?", "Yes [1].", (citation,), (), False, "en", "x", 1)).splitlines()) == 3
