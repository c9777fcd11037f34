"""What models put around an answer is dropped; what only looks so stays."""

from __future__ import annotations

import time

import pytest

from rag.assistant import Assistant
from rag.checking.citations import MARK
from rag.checking.written.wrapping import cut_source_list, unwrapped
from rag.config import AnswerConfig
from rag.testing.doubles import FakeLLM, MemoryLive, document, tiny_index
from tests.harness.growing import in_step

ANSWER = "The mill was built in 1871 by Ada Brandt [1]."
NAMES = ("Old Mill", "docs/old-mill.md", "old-mill.md")

LISTS = [
    "Sources:\n[1] old-mill.md\n[2] other.md",
    "**Sources**\n- [1] Old Mill: “it was built”\n- [2] something else entirely",
    "## References\n1. old-mill.md, p. 3\n2. https://a.example/x.html",
    "[^1]: old-mill.md",
    "[^1]: It was said so.\n[^2]: And so.",
    "[1]: https://a.example/x",
    "[1] old-mill.md\n[2] Old Mill",
    "Sources: [1], [2]",
    "Source: old-mill.md",
    "*(Source: Old Mill, old-mill.md)*",
    "---\nQuellen:\n* old-mill.md\n* other.pdf",
    "Fuentes: [1]",
    "Источники:\n[1] old-mill.md",
    "المصادر:\n[1] old-mill.md",
    "来源：[1]",
    "参考文献\n[1] old-mill.md",
    "出典：old-mill.md",
    "Nguồn: old-mill.md",
    "स्रोत: [1]",
    "Kaynaklar:\n1. old-mill.md",
]


@pytest.mark.parametrize("tail", LISTS)
def test_a_list_of_sources_is_cut_off(tail: str) -> None:
    text, listed = cut_source_list(f"{ANSWER}\n\n{tail}\n", NAMES)
    assert text == ANSWER
    assert listed


@pytest.mark.parametrize(
    "text",
    [
        "[1] The mill is high.\n[2] Tickets cost 6 euros.",
        "Two rivers.\n\nSources:\n- The Danube rises at Donaueschingen [1]\n- The Rhine rises in the Alps [2]",
        "Sources:\n[1] old-mill.md",
        "It is in these files:\n- old-mill.md\n- other.md",
        "Which file tells it? It is in old-mill.md",
        "Der Fluss hat drei Quellen: Donau, Brigach und Breg [1].",
        "The mill [1]\n\nSources of power: wind [1]",
    ],
)
def test_what_answers_is_no_list(text: str) -> None:
    assert cut_source_list(text, NAMES) == (text, "")


@pytest.mark.parametrize(
    ("wrapped", "inside"),
    [
        (f'"{ANSWER}"', ANSWER),
        (f"“{ANSWER}”", ANSWER),
        (f"„{ANSWER}“", ANSWER),
        (f"« {ANSWER} »", f" {ANSWER} "),
        (f"「{ANSWER}」", ANSWER),
        ('"It is 6.1" wide [1]."', 'It is 6.1" wide [1].'),
        ('"The "big" mill [1]."', 'The "big" mill [1].'),
        ('"Alpha" is near "Beta"', '"Alpha" is near "Beta"'),
        ('"Come in." He said "no."', '"Come in." He said "no."'),
        (f"```\n{ANSWER}\n```", ANSWER),
        (f"```markdown\n{ANSWER}\n\nMore.\n```\n", f"{ANSWER}\n\nMore."),
        ('{"answer": "Ada Brandt built it.", "sources": [1, 2]}', "Ada Brandt built it. [1][2]"),
        ('```json\n{"answer": "Built in 1871 [2].", "sources": [1]}\n```', "Built in 1871 [2]."),
        (
            '{"sentences": [{"text": "A b c.", "source": "[1]"}, {"text": "D e.", "source": 2}]}',
            "A b c. [1] D e. [2]",
        ),
        ('[{"claim": "A b c.", "citations": [{"id": 3}]}]', "A b c. [3]"),
        ('{"答案": "磨坊建于1871年。", "来源": ["1"]}', "磨坊建于1871年。 [1]"),
        ('{"answer": "It says \\"rye\\".", "sources": ["old-mill.md"], "confidence": 7}', 'It says "rye".'),
        ('{"port": 80, "host": "mill"}', '{"port": 80, "host": "mill"}'),
        ('{"answer": ', '{"answer": '),
        ("[1] is the mill [2]", "[1] is the mill [2]"),
        ("```python\nx[1]\n```", "```python\nx[1]\n```"),
        ("```\nls -l\n```", "```\nls -l\n```"),
        (f"> {ANSWER}\n> Two.", f"{ANSWER}\nTwo."),
        (f"> quoted [1]\n{ANSWER}", f"> quoted [1]\n{ANSWER}"),
    ],
)
def test_what_holds_the_whole_answer_is_dropped(wrapped: str, inside: str) -> None:
    assert unwrapped(wrapped) == inside


@pytest.mark.parametrize("unit", ["```\n", "> ", '"', "[1] a.md\n", "Sources:\n", "a.b/", "(a.", "---\n", "1. "])
def test_time_grows_in_step_with_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = "x\n" + unit * (size // len(unit))
        started = time.process_time()
        cut_source_list(unwrapped(text), NAMES)
        return time.process_time() - started

    assert in_step(seconds, 20_000)


@pytest.fixture(scope="module")
def live() -> MemoryLive:
    text = '# Old Mill\n\nThe mill was built in 1871 by Ada Brandt. Its display panel is 6.1" wide and 3.2" high.'
    return tiny_index([document("old-mill", text)])


def asked(live: MemoryLive, reply: str) -> tuple[str, list[str]]:
    answer = Assistant(llm=FakeLLM(reply), index=live, config=AnswerConfig(min_confidence=0.0)).answer("Who built it?")
    assert answer.llm == "fake", answer.warnings
    return answer.text, [citation.quote for citation in answer.citations]


@pytest.mark.parametrize("tail", LISTS)
def test_a_list_gives_no_citation_and_no_mark(live: MemoryLive, tail: str) -> None:
    text, quotes = asked(live, f"{ANSWER}\n\n{tail}")
    assert text == ANSWER
    assert quotes == ["The mill was built in 1871 by Ada Brandt."]


def test_a_list_speaks_for_an_answer_without_markers(live: MemoryLive) -> None:
    text, quotes = asked(live, "The mill was built in 1871 by Ada Brandt.\n\nSources:\n[1] old-mill.md")
    assert text.startswith("The mill was built in 1871 by Ada Brandt.")
    assert "Sources" not in text
    assert len(quotes) == 1
    assert MARK not in text


@pytest.mark.parametrize("marker", ["【1†source】", " [Source 1]", " (1)", "[^1]", " (Source 1)", " [[1]]", " [doc1]"])
def test_other_forms_of_a_marker_keep_the_answer(live: MemoryLive, marker: str) -> None:
    text, quotes = asked(live, f"The mill was built in 1871 by Ada Brandt{marker}.")
    assert text.replace(" [1]", "[1]") == "The mill was built in 1871 by Ada Brandt[1]."
    assert quotes == ["The mill was built in 1871 by Ada Brandt."]


@pytest.mark.parametrize("reply", [f'"{ANSWER}"', 'The display panel is 6.1" wide and 3.2" high [1].'])
def test_inches_and_quotation_marks_hide_no_marker(live: MemoryLive, reply: str) -> None:
    text, quotes = asked(live, reply)
    assert "[1]" in text
    assert MARK not in text
    assert len(quotes) == 1


def test_no_heading_proves_the_name_of_a_file(live: MemoryLive) -> None:
    text, quotes = asked(live, f"{ANSWER}\n\nother.md [1]\n\nIt stands there still.")
    assert "other.md [" not in text
    assert quotes == ["The mill was built in 1871 by Ada Brandt."]
