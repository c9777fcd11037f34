from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from rag.errors import LLMError
from rag.llms.base import load_llm
from rag.llms.events import Withdrawn, glued
from rag.llms.extractive import Extractive
from rag.llms.failover import Failover, create
from rag.testing.doubles import FailingLLM, FakeLLM
from rag.types import Message, Prompt
from tests.harness.llm_contract import prompt, spoken


class Rude(FakeLLM):
    """Breaks the promise to raise only `LLMError`."""

    spec = "rude"

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        yield "half a sen"
        raise ConnectionResetError("http://user:password@host/")


class Closable(FakeLLM):
    def __init__(self) -> None:
        super().__init__("one two three")
        self.closed = False

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        try:
            yield from super().stream(messages)
        finally:
            self.closed = True


def test_the_first_that_works_answers_alone() -> None:
    chain = Failover([FakeLLM("good"), Rude()])
    assert spoken(chain.stream(prompt())) == (["fake"], "good")


@pytest.mark.parametrize("bad", [FailingLLM("half a sentence"), FailingLLM(""), FakeLLM(""), FakeLLM(" \n"), Rude()])
def test_every_failure_moves_on_and_withdraws(bad: FakeLLM) -> None:
    speakers, text = spoken(Failover([bad, FakeLLM("good")]).stream(prompt()))
    assert speakers == [bad.spec, "fake"]
    assert text == "good"


def test_the_reason_is_told_and_harmless() -> None:
    marks = [piece for piece in Failover([Rude(), FakeLLM("good")]).stream(prompt()) if isinstance(piece, Withdrawn)]
    assert [mark.reason for mark in marks] == ["", "rude failed (ConnectionResetError)"]


def test_all_fail_and_all_reasons_are_reported() -> None:
    with pytest.raises(LLMError, match="told to; fake answered with an empty text"):
        list(Failover([FailingLLM("x"), FakeLLM("")]).stream(prompt()))


def test_extractive_is_the_last_resort_once() -> None:
    assert create([FakeLLM("x")]).spec == "fake,extractive"
    assert create([FakeLLM("x"), Extractive()]).spec == "fake,extractive"
    speakers, text = spoken(create([FailingLLM("x")]).stream(prompt()))
    assert speakers == ["failing", "extractive"]
    assert text == glued(Extractive().stream(prompt()))


def test_specs_with_commas_make_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    chain = load_llm("ollama:qwen3, extractive")
    assert chain.spec == "ollama:qwen3,extractive"
    assert "qwen3" in repr(chain)


def test_closing_closes_the_one_that_speaks() -> None:
    llm = Closable()
    stream = Failover([llm]).stream(prompt())
    next(stream), next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert llm.closed


def test_the_prompt_must_fit_the_smallest() -> None:
    small, large = FakeLLM("x"), FakeLLM("y")
    small.context_tokens, large.context_tokens = 2_048, 100_000  # type: ignore[attr-defined]
    assert Failover([large, small, FakeLLM("z")]).context_tokens == 2_048
    assert Failover([FakeLLM("z")]).context_tokens is None
    assert Failover([Extractive(), small]).wants_messages
    assert not Failover([Extractive()]).wants_messages
