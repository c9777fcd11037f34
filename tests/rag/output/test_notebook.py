"""What a notebook shows of an answer: every hostile text, and it does nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from rag.types import Answer, Citation
from tests.harness.exfiltration import ATTACKS, attack

HIDDEN = "\U000e0041\U000e0001\u202e\u2066\u2069\x1b[31m\x9b\ufeff\ud800"


def answer(text: str, *, refused: bool) -> Answer:
    citation = Citation(1, "d", text, text, 0, len(text), text, "supported", language="en", location=text)
    blank = Answer(text, f"{text} [1]", (citation,), (), refused, "en", "x", generation=1)
    return replace(blank, warnings=(text,), missing=(text,), topics=(text,), short=None if refused else citation)


@pytest.mark.parametrize("refused", [False, True])
def test_no_attack_acts_in_a_notebook(refused: bool) -> None:
    for number in range(len(ATTACKS)):
        shown = answer(attack(number, "notebook", "http://attacker.example"), refused=refused)._repr_html_()
        for node in lxml_html.fromstring(shown).iter():
            assert node.tag in {"div", "p", "blockquote", "mark", "pre", "br", "table", "tr", "td"}, ATTACKS[number]
            assert set(node.attrib) <= {"dir", "style"}, ATTACKS[number]
            assert not re.search("url|expression|attacker|import", node.get("style", "")), ATTACKS[number]


@pytest.mark.parametrize("refused", [False, True])
def test_nothing_hidden_or_reordering_is_shown(refused: bool) -> None:
    """A naive version escapes markup alone: tag characters, a hidden alphabet, go wherever the cell is pasted."""
    shown = answer(f"The mill{HIDDEN} burnt.", refused=refused)
    for text in (shown._repr_html_(), str(shown)):
        assert "The mill" in text
        assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", text)
        assert not re.search("[\U000e0000-\U000e007f]", text)
