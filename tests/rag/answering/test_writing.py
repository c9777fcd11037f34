"""What takes the place of a reply: in another language, without a citation, or broken off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from rag import Answer, AnswerConfig, Assistant
from rag.errors import LLMError
from rag.llms.base import LLM
from rag.llms.events import Withdrawn
from rag.llms.extractive import Extractive
from rag.llms.failover import Failover
from rag.testing.doubles import FakeLLM, MemoryLive, document, tiny_index
from rag.types import Message, Prompt

QUESTION = "Where is Factory 200 located, and what does it make there today?"
ENGLISH = "Factory 200 is located in Helwan, and it makes tanks there today, as it did in former years [1]."
GERMAN = "Die Fabrik mit der Nummer 200 steht in Helwan, und dort werden seit vielen Jahren Panzer gebaut [1]."
EVERY = AnswerConfig(min_confidence=0.0)


@pytest.fixture
def live() -> MemoryLive:
    text = "Factory 200 is located in Helwan, and it makes tanks there today, as it did in former years."
    return tiny_index([document("factory", text, "en"), document("market", "Bananas are sold at noon.", "en")])


def asked_again(messages: Prompt | Sequence[Message]) -> bool:
    return "language with the code en and in no other" in messages[-1].content


class Stubborn(FakeLLM):
    """Answers in German; when asked again, as it was told to."""

    def __init__(self, second: str | LLMError) -> None:
        super().__init__()
        self.second = second

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        """Yield one of the two replies, or break off."""
        self.asked.append(messages)
        if not asked_again(messages):
            yield GERMAN
        elif isinstance(self.second, LLMError):
            yield "Half an "
            raise self.second
        else:
            yield self.second


def run(live: MemoryLive, llm: LLM, config: AnswerConfig = EVERY) -> tuple[Answer, list[str], str]:
    """Return the answer, who spoke, and the streamed text that stands in the end."""
    *pieces, answer = Assistant(index=live, llm=llm, config=config).stream(QUESTION)
    assert isinstance(answer, Answer)
    speakers, text = [], ""
    for piece in pieces:
        assert isinstance(piece, str | Withdrawn)
        speakers += [piece.llm] if isinstance(piece, Withdrawn) else []
        text = "" if isinstance(piece, Withdrawn) else text + piece
    return answer, speakers, text


def test_an_answer_in_the_wrong_language_is_withdrawn_and_asked_for_again(live: MemoryLive) -> None:
    llm = Stubborn(ENGLISH)
    answer, speakers, text = run(live, llm)
    assert (answer.text, text, speakers) == (ENGLISH, ENGLISH, ["fake"])
    assert len(llm.asked) == 2
    assert [warning for warning in answer.warnings if "asked again" in warning]
    assert not [warning for warning in answer.warnings if "seems to be" in warning]


def test_after_a_second_answer_in_the_wrong_language_the_reader_is_warned(live: MemoryLive) -> None:
    llm = Stubborn(GERMAN)
    answer, _, text = run(live, llm)
    assert len(llm.asked) == 2, "asked once more, not for ever"
    assert text == GERMAN
    assert any("another language (de) than the question (en)" in warning for warning in answer.warnings)


@pytest.mark.parametrize("second", [LLMError("gone"), "", "  "])
def test_when_the_second_try_fails_the_first_reply_stands(live: MemoryLive, second: str | LLMError) -> None:
    answer, _, text = run(live, Stubborn(second))
    assert text == answer.raw_text == GERMAN
    assert "Half" not in answer.text
    assert any("another language" in warning for warning in answer.warnings)


def test_asking_again_can_be_turned_off(live: MemoryLive) -> None:
    llm = Stubborn(ENGLISH)
    answer, speakers, _ = run(live, llm, AnswerConfig(min_confidence=0.0, ask_again=False))
    assert (len(llm.asked), speakers) == (1, [])
    assert any("another language" in warning for warning in answer.warnings)


def test_the_right_language_and_quotations_are_asked_for_once(live: MemoryLive) -> None:
    llm = FakeLLM(f"{ENGLISH} „{GERMAN}“ [1]")
    assert len(run(live, llm)[1]) == 0
    assert len(llm.asked) == 1


def test_sources_in_another_language_are_no_reason_to_ask_again() -> None:
    live = tiny_index([document("factory", GERMAN.replace(" [1]", ""), "de")])
    for llm in (Extractive(), Failover([FakeLLM(""), Extractive()])):
        answer = run(live, llm)[0]
        assert answer.llm == "extractive"
        assert not any("language" in warning for warning in answer.warnings)


def test_a_chain_is_asked_again_as_a_whole(live: MemoryLive) -> None:
    answer, speakers, text = run(live, Failover([FakeLLM(""), Stubborn(ENGLISH)]))
    assert text == ENGLISH
    assert speakers == ["fake"] * 5  # two of the chain, the request to answer again, two of the chain
    assert answer.text == ENGLISH


def test_a_text_without_a_citation_gives_way_to_the_sources_words(live: MemoryLive) -> None:
    answer, speakers, text = run(live, FakeLLM("Somewhere by the sea, I believe."))
    assert speakers == ["extractive"]
    assert "sea" not in text + answer.text
    assert answer.citations
    assert any("named no source" in warning for warning in answer.warnings)


def test_a_model_that_finds_no_answer_is_believed_where_the_passages_are_less_sure(live: MemoryLive) -> None:
    denial = FakeLLM("The sources do not tell.")
    *_, unsure = Assistant(index=live, llm=denial, config=EVERY).stream("Who plays the trombone in Vienna?")
    assert isinstance(unsure, Answer)
    assert (unsure.confidence or 0.0) < EVERY.quote_from
    assert unsure.refused
    assert unsure.passages
    assert unsure.raw_text == "The sources do not tell."


def test_a_refusal_and_the_plain_text_remain_switches(live: MemoryLive) -> None:
    refused = run(live, FakeLLM("By the sea."), AnswerConfig(min_confidence=0.0, quote_instead=False))[0]
    assert refused.refused
    shown = run(live, FakeLLM("It is by the sea."), AnswerConfig(min_confidence=0.0, require_citations=False))[0]
    assert shown.text == "It is by the sea. ⚠"
