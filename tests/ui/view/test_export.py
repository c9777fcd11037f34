"""What the page saves of a conversation shows every hostile text and does nothing, in each format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from rag.output.notices import made_by
from tests.harness.exfiltration import ATTACKS, attack
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_browser import browser, visit
from tests.harness.ui_server import Site, chat_site
from ui.view.markup.escape import visible

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site() as running:
        yield running


ORIGIN = "http://attacker.example"
OURS = {"h2", "p", "blockquote", "br"}


def entry(number: int) -> dict[str, Any]:
    """A conversation with an attack in every field that an export shows."""
    text = attack(number, "export", ORIGIN)
    source = {
        "number": 1, "document_id": "d", "title": text, "source": text, "start": 0, "end": 1, "quote": text,
        "language": "en", "location": text, "outlet": text, "date": text,
    }  # fmt: skip
    turn = {"id": "t", "question": text, "state": "answered", "text": f"{text}\n\n{text} [1]", "sources": [source]}
    return {"id": "c", "title": text, "updated": 0, "turns": [turn]}


def drawn(markdown: str) -> Any:
    """Draw Markdown with everything on that programs offer."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return lxml_html.fromstring(f"<div>{parser.render(markdown)}</div>")


def foreign(markdown: str) -> list[str]:
    found = [str(node.tag) for node in drawn(markdown).iter() if node.tag not in {*OURS, "div"}]
    return found + re.findall(r"(?<![\\\w])(?:https?:|www\.|mailto:)[^\s\\]", markdown)  # made links of by programs


def words(text: str) -> str:
    return "".join(text.split())


@pytest.mark.slow
def test_no_attack_acts_in_a_saved_conversation(visit: Any) -> None:
    page = visit().page
    for number in range(len(ATTACKS)):
        one = entry(number)
        made = {
            kind: page.evaluate("([k, e]) => babelquote.exported[k](e)", [kind, one])
            for kind in ("markdown", "html", "json")
        }
        text = visible(attack(number, "export", ORIGIN))
        assert foreign(made["markdown"]) == [], ATTACKS[number]
        shown = words(drawn(made["markdown"]).text_content())
        assert shown.count(words(text)) == 8, ATTACKS[number]  # question, answer twice, and each field of a source
        tree = lxml_html.fromstring(made["html"])
        names = {str(node.tag) for node in tree.iter()}
        assert names <= {
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "h2",
            "p",
            "a",
            "ul",
            "li",
            "strong",
            "bdi",
            "blockquote",
        }
        assert all(link.get("href", "").startswith("#q0-") for link in tree.iter("a"))
        assert ATTACKS[number].count("\x00") or json.loads(made["json"]) == json.loads(json.dumps(one))


def test_a_careless_export_is_caught(visit: Any) -> None:
    careless = [f"## {attack(number, 'x', ORIGIN)}\n\n{attack(number, 'x', ORIGIN)}" for number in range(len(ATTACKS))]
    assert sum(bool(foreign(each)) for each in careless) > 0.9 * len(ATTACKS)


@pytest.mark.slow
def test_an_honest_conversation_reads_well(visit: Any) -> None:
    page = visit().page
    source = {"number": 1, "title": "A_b", "source": "a.md", "quote": "It is 5 * 3.\nSo.", "language": "en"}
    turn = {"question": "What?", "text": "First line.\nSecond.\n\n1. One [1]", "sources": [source]}
    made = page.evaluate(
        "e => babelquote.exported.markdown(e)", {"id": "c", "title": "t", "updated": 0, "turns": [turn]}
    )
    tree = drawn(made)
    assert [p.text_content() for p in tree.iter("p")][:2] == ["First line.\nSecond.", "1. One [1]"]
    assert "A_b" in tree.text_content() and "It is 5 * 3." in tree.text_content()


@pytest.mark.parametrize("llm", partly_slow(['"><img src=x>*b*', "extractive", "local", "ollama:qwen3"]))
def test_each_format_says_that_a_program_answered_and_which(visit: Any, llm: str) -> None:
    page = visit().page
    turn = {"question": "What?", "text": "So.", "sources": [], "llm": llm}
    conversation = {"id": "c", "title": "t", "updated": 0, "turns": [turn, {**turn, "llm": ""}]}
    saved = {
        kind: page.evaluate("([k, e]) => babelquote.exported[k](e)", [kind, conversation])
        for kind in ("markdown", "html", "json")
    }
    who = {"extractive": "Exact quotes", "local": "Model on this machine"}.get(llm, llm)
    notice = f"Answered by a program: Babelquote, {who}"
    assert drawn(saved["markdown"]).text_content().count(notice) == 1
    assert foreign(saved["markdown"]) == []
    tree = lxml_html.fromstring(saved["html"])
    (paragraph,) = [each for each in tree.iter("p") if each.get("data-made-by")]
    assert paragraph.text_content() == notice
    expected = {**made_by(llm), "llm": llm}
    kind, mark = paragraph.get("data-kind"), paragraph.get("data-digital-source-type")
    assert (paragraph.get("data-made-by"), kind, mark) == (
        "Babelquote",
        expected["kind"],
        expected["digital_source_type"],
    )
    (generator,) = tree.xpath("//meta[@name='generator']")
    assert generator.get("content").split() == ["Babelquote", expected["version"]]
    answered, other = json.loads(saved["json"])["turns"]
    assert answered["made_by"] == expected and "made_by" not in other
