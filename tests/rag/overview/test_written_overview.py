"""An overview that a language model writes: checked and cited as any answer, or not shown at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

from index.errors import StoreError
from rag import Assistant
from rag.config import AnswerConfig
from rag.testing.doubles import FailingLLM, FakeLLM, LiarLLM, document, tiny_index
from rag.types import Message, Prompt

TEXT = (
    "The mill at Norrby ground rye from 1711 to 1923.\n\nAda Brandt ran it for forty years.\n\n"
    + "\n\n".join(f"In the year {1800 + n} the mill ground {n} sacks of rye." for n in range(80))
    + "\n\nIt became a museum in 1988."
)
TOLD = "The mill at Norrby ground rye from 1711 to 1923 [1]."


def assistant(llm: FakeLLM, **settings: int) -> Assistant:
    documents = [document("mill", TEXT, "en"), document("other", "Nobody has asked about the harbour.", "en")]
    return Assistant(index=tiny_index(documents), llm=llm, config=AnswerConfig(**settings))


def citing_first(messages: Prompt | Sequence[Message]) -> str:
    assert isinstance(messages, Prompt)
    first = next(n for n, hit in enumerate(messages.passages, 1) if "1711" in hit.passage.text)
    museum = next((n for n, hit in enumerate(messages.passages, 1) if "museum" in hit.passage.text), first)
    return f"The mill at Norrby ground rye from 1711 to 1923 [{first}]. It became a museum in 1988 [{museum}]."


def test_what_a_model_writes_is_cited_by_exact_words_of_this_document() -> None:
    result = assistant(FakeLLM(citing_first)).overview("mill", written=True)
    assert result.written is not None
    assert [one.document_id for one in result.written.citations] == ["mill", "mill"]
    for one in result.written.citations:
        assert TEXT[one.start : one.end] == one.quote
    assert re.findall(r"\[(\d)\]", result.written.text) == ["1", "2"]
    assert result.sentences and result.written.llm == "fake"


def test_it_is_written_only_on_request() -> None:
    llm = FakeLLM(TOLD)
    assert assistant(llm).overview("mill").written is None
    assert llm.asked == []


def test_it_reads_this_document_alone_and_as_much_as_fits() -> None:
    llm = FakeLLM(citing_first)
    assistant(llm, source_tokens=200).overview("mill", written=True)
    asked = llm.asked[0]
    assert isinstance(asked, Prompt)
    assert {hit.passage.document_id for hit in asked.passages} == {"mill"}
    assert 3 < len(asked.passages) < 25
    assert "harbour" not in "".join(message.content for message in asked)


def test_it_is_asked_for_in_the_readers_language() -> None:
    llm = FakeLLM(TOLD)
    assistant(llm).overview("mill", written=True, language="fr")
    assert isinstance(llm.asked[0], Prompt)
    assert "language with the code fr" in llm.asked[0].messages[0].content


class Silent(FakeLLM):
    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        yield ""


@pytest.mark.parametrize("llm", [FailingLLM(TOLD), Silent(), FakeLLM("The mill is lovely."), FakeLLM("Blue [999].")])
def test_a_model_that_fails_leaves_the_documents_own_sentences(llm: FakeLLM) -> None:
    result = assistant(llm).overview("mill", written=True)
    assert result.written is None
    assert result.sentences and result.warnings


def test_a_lie_is_marked_or_not_shown() -> None:
    result = assistant(LiarLLM()).overview("mill", written=True)
    assert result.written is None or "⚠" in result.written.text


def test_without_a_language_model_it_says_so() -> None:
    index = tiny_index([document("mill", TEXT, "en")])
    result = Assistant(index=index).overview("mill", written=True)
    assert result.written is None and result.sentences
    assert "no language model" in result.warnings[0]


def test_of_an_unknown_document_nothing_is_written() -> None:
    with pytest.raises(StoreError):
        assistant(FakeLLM(TOLD)).overview("none", written=True)
