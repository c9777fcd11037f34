"""Who reads an answer is told that a program made it and which one; programs read the same."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

import pytest

from rag.output.notices import GENERATED
from rag.types import Answer
from ui.page.frame import head_html
from ui.view import strings
from ui.view.cards import TurnCard
from ui.view.documents.written_overview import written_html
from ui.view.render import turn_html

ANSWER = Answer("Who?", "He did.", (), (), False, "en", "extractive", 1)


def test_an_answer_as_json_says_who_made_it() -> None:
    quoted, written = (replace(ANSWER, llm=llm).to_dict()["made_by"] for llm in ("extractive", "ollama:qwen3"))
    assert quoted == {
        "program": "Babelquote",
        "version": version("babelquote"),
        "llm": "extractive",
        "kind": "quotes",
        "digital_source_type": None,
    }
    assert (written["llm"], written["kind"], written["digital_source_type"]) == ("ollama:qwen3", "generated", GENERATED)


@pytest.mark.parametrize("code", strings.LANGUAGES)
def test_the_page_says_under_each_answer_that_a_program_made_it(code: str) -> None:
    for llm, kind in (("extractive", "quotes"), ("openai:<gpt>", "generated")):
        html = turn_html(TurnCard("t", "Who?", "answered", "He did.", llm=llm), code)
        assert strings.text(code, "by_program") in html
        assert f'data-kind="{kind}"' in html and 'data-made-by="Babelquote"' in html
        assert (GENERATED in html) is (kind == "generated")
    assert "openai:&lt;gpt&gt;" in html


def test_the_head_of_the_page_names_the_program() -> None:
    assert f'<meta name="generator" content="Babelquote {version("babelquote")}">' in head_html()


def test_a_written_overview_says_it_too() -> None:
    html = written_html(replace(ANSWER, llm="openai:<gpt>"), "en")
    assert 'data-made-by="Babelquote"' in html and 'data-kind="generated"' in html and GENERATED in html
