"""What the reader sees of a model that tells the truth, and of models that lie in every way that is known."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from rag import Answer, AnswerConfig, Assistant
from rag.output.strings import refusal
from rag.testing.doubles import FakeLLM, LiarLLM, MemoryLive, PerfectLLM, document, tiny_index
from rag.types import Message, Prompt
from ui.view.cards import turn_of
from ui.view.render import turn_html

QUESTION = "What happened at Factory 200 in Helwan in 1984?"
TRUTH = "Factory 200 in Helwan built 350 tanks in October 1984."


@pytest.fixture
def live() -> MemoryLive:
    text = (
        f"{TRUTH} General Morsi visited the plant on 12 March 2019. The plant did not close during the war.\n\n"
        "Bananas are sold at the market of Alexandria. They come from Ecuador."
    )
    return tiny_index([document("factory-200", text, "en")])


def seen(live: MemoryLive, said: str, *, attribute: bool = True, quote_instead: bool = True) -> tuple[Answer, str]:
    """Return the answer and the page of it."""
    config = AnswerConfig(min_confidence=0.0, attribute=attribute, quote_instead=quote_instead)
    answer = Assistant(index=live, llm=FakeLLM(said), config=config).answer(QUESTION)
    for citation in answer.citations:
        assert live.index.store.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    return answer, turn_html(turn_of(answer, "t", 0.1), "en")


def test_the_truth_is_shown_as_it_was_said(live: MemoryLive) -> None:
    answer, page = seen(live, f"{TRUTH} [1]")
    assert answer.text == f"{TRUTH} [1]"
    assert [citation.support for citation in answer.citations] == ["supported"]
    assert 'data-support="supported"' in page
    assert "⚠" not in page
    assert not answer.warnings
    perfect = Assistant(index=live, llm=PerfectLLM(), config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)
    assert [citation.support for citation in perfect.citations] == ["supported"]


@pytest.mark.parametrize(
    "lie",
    [
        "Factory 200 in Helwan built 530 tanks in October 1984.",
        "Factory 200 in Helwan built 350 tanks in October 1948.",
        "Factory 200 in Helwan built 350 tanks in November 1984.",
        "Factory 200 in Helwan never built 350 tanks in October 1984.",
        "Factory 200 in Alexandria built 350 tanks in October 1984.",
        "Factory 300 in Helwan built 350 tanks in October 1984.",
        "General Terras visited the plant on 12 March 2019.",
        "General Morsi visited the plant on 21 March 2019.",
        "The plant did close during the war.",
        "The moon is made of green cheese and honey.",
    ],
)
@pytest.mark.parametrize("marker", [" [1]", ""])
def test_a_changed_fact_is_never_supported(live: MemoryLive, lie: str, marker: str) -> None:
    answer, page = seen(live, f"{TRUTH} [1]\n{lie}{marker}")
    first, second = answer.text.split("\n")
    assert first == f"{TRUTH} [1]"
    verdicts = [c.support for c in answer.citations if f"[{c.number}]" in second]
    assert "supported" not in verdicts
    assert "⚠" in second or verdicts == ["partly"]
    assert ("⚠" in page) == ("⚠" in second)


@pytest.mark.parametrize(
    "form",
    [
        "```\n{}\n```",
        "```{}\n```",
        "``` {}",
        "~~~python\n{}",
        "# {}",
        "### {} ###",
        "{}:",
        "{}?",
        "> {}",
        "- {}",
        "| {} |",
        "**{}**",
        "`{}`",
    ],
)
def test_no_form_hides_a_lie(live: MemoryLive, form: str) -> None:
    lie = form.format("Factory 200 in Helwan built 530 tanks in October 1948")
    answer, page = seen(live, f"{TRUTH} [1]\n\n{lie}")
    shown = answer.text[len(TRUTH) :]
    assert "530" not in shown or "⚠" in shown
    assert "530" not in page or "⚠" in page


def test_a_lie_of_two_words_is_marked(live: MemoryLive) -> None:
    assert "530 tanks. ⚠" in seen(live, f"{TRUTH} [1] 530 tanks.")[0].text


@pytest.mark.parametrize("harmless", ["# What the sources say", "In short:", "What was built there?", "```", "---"])
def test_a_heading_or_an_introduction_is_not_marked(live: MemoryLive, harmless: str) -> None:
    assert "⚠" not in seen(live, f"{harmless}\n{TRUTH} [1]")[0].text


@pytest.mark.parametrize("marker", ["[99]", "[0]", "[7-9]", "[٩٩]", "【42】", "[99999999999999999999]"])
def test_sources_that_do_not_exist_cannot_be_clicked(live: MemoryLive, marker: str) -> None:
    answer, page = seen(live, f"{TRUTH} [1] The end came later on. {marker}")
    assert {citation.number for citation in answer.citations} == {1}
    assert re.findall(r"\[[^\]]*\]", answer.text) == ["[1]"]
    assert set(re.findall(r'data-cite="(\d+)"', page)) == {"1"}
    assert any("do not exist" in warning for warning in answer.warnings)


def test_nothing_but_lies_is_a_refusal_or_marked_throughout(live: MemoryLive) -> None:
    answer, _ = seen(live, "Helwan has a space port. Penguins run all of it [99].", quote_instead=False)
    assert answer.refused
    assert answer.text == refusal("en")
    assert answer.passages
    liar = Assistant(index=live, llm=LiarLLM(), config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)
    assert "⚠" in liar.text
    assert all(citation.support != "supported" for citation in liar.citations)


def test_a_sentence_without_a_marker_gets_the_source_that_says_it(live: MemoryLive) -> None:
    answer, _ = seen(live, f"{TRUTH} Penguins run all of it.")
    assert answer.text == f"{TRUTH} [1] Penguins run all of it. ⚠"
    assert answer.citations[0].quote == TRUTH
    refused, _ = seen(live, f"{TRUTH} Penguins run all of it.", attribute=False, quote_instead=False)
    assert refused.refused


def test_what_a_model_says_of_itself_gets_no_source(live: MemoryLive) -> None:
    answer, _ = seen(live, "The sources say nothing about what happened there.", quote_instead=False)
    assert answer.refused


@pytest.mark.parametrize("lie", ["Helwan has a space port. Penguins run all of it [99].", "Penguins.", "[99]", "⚠"])
def test_the_sources_words_take_the_place_of_a_text_without_a_citation(live: MemoryLive, lie: str) -> None:
    answer, page = seen(live, lie)
    assert (answer.llm, answer.refused) == ("extractive", False)
    assert "Penguins" not in answer.text + page
    assert all(citation.support == "supported" for citation in answer.citations)
    assert any("named no source" in warning for warning in answer.warnings)


def test_a_model_that_repeats_its_instructions_is_not_heard(live: MemoryLive) -> None:
    def parrot(messages: Prompt | Sequence[Message]) -> str:
        return f"Sure: {' '.join(message.content for message in messages)} [1]"

    answer = Assistant(index=live, llm=FakeLLM(parrot), config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)
    assert "numbered sources" not in answer.text + answer.raw_text
    assert answer.llm == "extractive"
    assert not answer.refused
