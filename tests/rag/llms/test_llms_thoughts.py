"""Thoughts and template tokens of a model never reach a reader, however the pieces are cut."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.followups.rewriting import ask_model
from rag.assistant import Assistant
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms import holding
from rag.llms.calls.guard import Limits, guarded, pour
from rag.llms.calls.replies import texts
from rag.llms.events import Quoted, Thinking, Verbatim, Withdrawn, text_of
from rag.llms.failover import Failover
from rag.llms.thoughts import without_thoughts
from rag.testing.doubles import FakeLLM, MemoryLive, document, tiny_index
from rag.types import Turn
from tests.harness.growing import in_step

ANSWER = "The mill was built in 1871 by Ada Brandt [1]."
THOUGHT = "The user asks who. Passage [2] says 1899, or Bob Stone?"
FINAL = f"<|channel|>final<|message|>{ANSWER}<|return|>"
HARMONY = f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant{FINAL}"
HIDDEN = [
    f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}",
    f"<thinking>{THOUGHT}</thinking>{ANSWER}",
    f"<THINK>{THOUGHT}</THINK>{ANSWER}",
    f"<thought>{THOUGHT}</thought>\n<answer>{ANSWER}</answer>",
    f"<reasoning>{THOUGHT} <think> </reasoning>{ANSWER}",
    f"[THINK]{THOUGHT}[/THINK]{ANSWER}",
    f"◁think▷{THOUGHT}◁/think▷{ANSWER}",
    f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
    f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|>\n\n<|begin_of_solution|>{ANSWER}<|end_of_solution|>",
    f"<|channel>thought\n{THOUGHT}<channel|>{ANSWER}",
    f"<unused94>thought\n{THOUGHT}<unused95>{ANSWER}",
    f"{THOUGHT}\n</think>\n\n{ANSWER}",
    f"First.\n```\ncode\n```\n{THOUGHT}</thinking>{ANSWER}",
    f"<think>{THOUGHT}</think> Wait. {THOUGHT}</think>{ANSWER}",
    HARMONY,
    f"<|start|>assistant{HARMONY}",
    f"<|channel|>commentary to=functions.find <|constrain|>json<|message|>{{}}<|call|>{HARMONY}",
    f"analysisThe user asks. {THOUGHT}assistantfinal{ANSWER}",
    f"<think></think>{ANSWER}",
    f"{ANSWER}<|im_end|>",
    f"{ANSWER}</s>",
    f"{ANSWER}<｜end▁of▁sentence｜>",
    f"{ANSWER}<end_of_turn>\n",
    f"{ANSWER}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd the second question?",
    f"{ANSWER}<|im_end|>\n<|im_start|>user\nWhat else?<|im_end|>\n<|im_start|>assistant\nNothing [2].",
    f"<|im_start|>assistant\n{ANSWER}",
    f"<|start_header_id|>assistant<|end_header_id|>\n\n{ANSWER}",
    f"<start_of_turn>model\n{ANSWER}<end_of_turn>",
]


@pytest.fixture(autouse=True)
def unlearned() -> Iterator[None]:
    """What is learned of one reply is nothing to the next test."""
    holding._learned.clear()
    yield
    holding._learned.clear()


def cut(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def read(pieces: Iterator[str]) -> str:
    said = ""
    for piece in without_thoughts(pieces, "m"):
        said = "" if isinstance(piece, Withdrawn) else said + text_of(piece)
    return said.strip()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("reply", HIDDEN)
def test_only_the_answer_is_left(reply: str, size: int) -> None:
    assert read(cut(reply, size)) == ANSWER


@pytest.mark.parametrize("size", [1, 3, 10_000])
@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>` before and `</think>` behind it [1].",
        "a < b, c<d and <b>bold</b>; [THIS] x[1] <https://a.example/x> [1]",
        "In a block:\n```xml\n<think>x</think>\n```\nThat is all [1].",
        "analysis of soil takes three days [1].",
        "Analysis: 3 g/l [1]. The assistant final exam [2].",
        "He thinks: <thin> walls, [/b], <|, |> and a last <",
        "Ends with a tick `",
    ],
)
def test_what_only_looks_like_it_stays(text: str, size: int) -> None:
    assert read(cut(text, size)) == text


@given(st.text(alphabet="ab<>|/[]`\nthink analysisf", max_size=80), st.integers(1, 9))
def test_the_cut_of_the_pieces_makes_no_difference(text: str, size: int) -> None:
    def said(size: int) -> str:
        try:
            return read(cut(text, size))
        except LLMError as error:
            return str(error)

    assert said(size) == said(1_000)


UNHEARD = "Bob Stone built the inn in 1899, says passage [2]."


def test_what_was_shown_before_a_bare_closing_tag_is_withdrawn() -> None:
    pieces = list(without_thoughts(cut(f"{UNHEARD}</think>{ANSWER}", 5), "ollama:first"))
    assert [piece.llm for piece in pieces if isinstance(piece, Withdrawn)] == ["ollama:first"]


def shown(text: str, spec: str, size: int = 5) -> tuple[list[str], bool]:
    """Return what was shown of a reply, and whether any of it was withdrawn again."""
    pieces = list(without_thoughts(cut(text, size), spec))
    return [piece for piece in pieces if isinstance(piece, str)], any(isinstance(piece, Withdrawn) for piece in pieces)


@pytest.mark.parametrize("size", [1, 5, 40, 10_000])
@pytest.mark.parametrize(
    ("thought", "spec"),
    [
        (UNHEARD, "ollama:deepseek-r1:8b"),
        (UNHEARD, "openai-compatible:Qwen/Qwen3-4B-Thinking-2507@http://127.0.0.1:8000/v1"),
        (UNHEARD, "local:/models/QwQ-32B-Q4_K_M.gguf"),
        ("Okay, so the user asks who built it.", "ollama:someone"),
        ("Let me look. [2] names Bob Stone.", "ollama:someone"),
        ("嗯，用户问的是谁建造了磨坊。第二段说的是旅馆，第一段说的是磨坊。", "ollama:someone"),
    ],
)
def test_a_thought_that_nothing_opens_is_never_shown(thought: str, spec: str, size: int) -> None:
    pieces, withdrawn = shown(f"{thought}\n</think>\n\n{ANSWER}", spec, size)
    assert ("".join(pieces), withdrawn) == (ANSWER, False)


def test_a_model_that_thought_so_once_is_held_from_then_on() -> None:
    assert shown(f"{UNHEARD}</think>{ANSWER}", "ollama:plain") == (shown(f"{UNHEARD}</think>{ANSWER}", "x")[0], True)
    assert shown(f"{UNHEARD}</think>{ANSWER}", "ollama:plain")[1] is False


def test_a_model_called_like_a_thinker_streams_again_once_it_answered_without() -> None:
    spec = "openai-compatible:r1-served@http://127.0.0.1:1/v1"
    assert len(shown(ANSWER, spec)[0]) == len(list(cut(ANSWER, 5)))
    first = without_thoughts(cut(ANSWER, 5), spec)
    assert len(next(first)) < len(ANSWER) / 2


@pytest.mark.parametrize(
    "pieces",
    [
        [Thinking(), *cut(ANSWER, 5)],
        ["<think>", THOUGHT, "</think>", "\n\n", *cut(ANSWER, 5)],
        [f"<think>{THOUGHT}</think>The mill ", *cut(ANSWER, 5)],
    ],
)
def test_nothing_waits_where_the_place_of_the_thoughts_is_known(pieces: list[str]) -> None:
    read: list[str] = []

    def counted() -> Iterator[str]:
        for piece in pieces:
            read.append(piece)
            yield piece

    assert next(without_thoughts(counted(), "ollama:deepseek-r1"))
    assert len(read) < len(pieces) / 1.5


def test_a_server_that_sends_thoughts_apart_says_so_through_all_layers() -> None:
    def event(**delta: str | None) -> SimpleNamespace:
        fields = SimpleNamespace(**{"content": None, **delta})
        return SimpleNamespace(choices=[SimpleNamespace(delta=fields, finish_reason=None)])

    events = [event(reasoning_content="Hm."), event(reasoning="Hm."), event(content="The mill")]
    wire = SimpleNamespace(done=True)
    layers = guarded("ollama:qwq", lambda sink: pour(texts("ollama:qwq", events, wire), sink), Limits())
    assert [type(piece) for piece in layers] == [Thinking, Thinking, str]
    again = guarded("ollama:qwq", lambda sink: pour(texts("ollama:qwq", events, wire), sink), Limits())
    assert next(without_thoughts(again, "ollama:qwq")) == "The mill"


def test_other_models_stream_from_their_first_words_on() -> None:
    read: list[str] = []

    def counted() -> Iterator[str]:
        for piece in cut(ANSWER, 5):
            read.append(piece)
            yield piece

    next(without_thoughts(counted(), "ollama:qwen2.5-instruct"))
    assert len("".join(read)) <= 30


@pytest.mark.parametrize(("setting", "held"), [("yes", True), ("no", False)])
def test_one_can_say_whether_a_model_thinks(monkeypatch: pytest.MonkeyPatch, setting: str, held: bool) -> None:
    monkeypatch.setenv(holding.THINKS, setting)
    assert shown(f"{UNHEARD}</think>{ANSWER}", "ollama:deepseek-r1")[1] is not held


def test_a_thought_that_breaks_off_is_not_shown() -> None:
    def broken() -> Iterator[str]:
        yield from cut("Okay, so the user asks who built the mill. Passage [1] says", 5)
        raise LLMError("cut")

    reader = without_thoughts(broken(), "ollama:deepseek-r1")
    with pytest.raises(LLMError, match="cut"):
        next(reader)


@pytest.mark.parametrize("reply", [f"<think>{THOUGHT}", f"{THOUGHT}</think>\n", f"analysisWe {THOUGHT}"])
def test_thoughts_alone_are_no_answer(reply: str) -> None:
    with pytest.raises(LLMError, match="thought and wrote no answer"):
        list(without_thoughts(cut(reply, 4), "m"))


def test_words_of_a_source_are_never_taken_for_thoughts() -> None:
    pieces = [Verbatim("The tag <think> opens. "), Quoted(1, 0, 4), " ", Verbatim("</think> closes <|im_end|>.")]
    assert list(without_thoughts(iter(pieces), "m")) == pieces


def test_what_was_kept_back_is_said_before_an_error() -> None:
    def broken() -> Iterator[str]:
        yield "It is 3 <"
        raise LLMError("cut")

    reader = without_thoughts(broken(), "m")
    assert "".join([next(reader), next(reader)]) == "It is 3 <"
    with pytest.raises(LLMError, match="cut"):
        next(reader)


def test_a_model_that_used_its_tokens_up_thinking_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(holding.THINKS, "yes")
    with pytest.raises(LLMError, match="wrote no answer"):
        shown("Okay, so the user asks who built the mill. Passage [1] …", "ollama:x")
    assert "".join(shown("First, it was built in 1871 by Ada Brandt [1].", "ollama:x")[0]).startswith("First, it")


@pytest.mark.parametrize(
    "unit", ["<think>", "</think>", "`<think>`", "```<think>", "<", "[", "assistantfinal", " ", "<|x|>"]
)
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_time_grows_in_step_with_hostile_text(unit: str, size: int) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        with suppress(LLMError):
            read(cut(unit * (length // len(unit)), size))
        return time.process_time() - started

    assert in_step(seconds, 10_000)


@pytest.fixture(scope="module")
def live() -> MemoryLive:
    text = "The mill was built in 1871 by Ada Brandt. It grinds rye.\n\nThe inn was opened in 1899 by Bob Stone."
    return tiny_index([document("mill", text)])


CONFIG = AnswerConfig(min_confidence=0.0)


@pytest.mark.parametrize("reply", HIDDEN)
def test_no_thought_is_cited_marked_or_shown(live: MemoryLive, reply: str) -> None:
    reply = reply.replace("[2]", "[9]")
    answer = Assistant(llm=FakeLLM(reply), index=live, config=CONFIG).answer("Who built the mill?")
    assert answer.llm == "fake"
    assert answer.text == ANSWER
    assert answer.warnings == ()
    assert THOUGHT[:20] not in answer.raw_text


def test_a_thought_may_repeat_the_instructions_and_be_long(live: MemoryLive) -> None:
    def think(messages: object) -> str:
        instructions = messages[0].content  # type: ignore[index]
        return f"<think>I was told: {instructions}{'Hm. ' * 10_000}</think>{ANSWER}"

    answer = Assistant(llm=FakeLLM(think, size=5_000), index=live, config=CONFIG).answer("Who built the mill?")
    assert (answer.llm, answer.text, answer.warnings) == ("fake", ANSWER, ())


def test_a_chain_goes_on_when_a_model_only_thinks(live: MemoryLive) -> None:
    chain = Failover([FakeLLM(f"{THOUGHT}</think>"), FakeLLM(ANSWER)])
    answer = Assistant(llm=chain, index=live, config=CONFIG).answer("Who built the mill?")
    assert answer.text == ANSWER
    assert "wrote no answer" in answer.warnings[0]


def test_a_follow_up_is_understood_by_a_model_that_thinks() -> None:
    history = [Turn("Who built the mill?", "Ada Brandt [1].")]
    model = FakeLLM(f"<think>{'It means the mill. ' * 60}</think>When was the mill built?")
    assert ask_model(model, "When was it built?", history) == "When was the mill built?"
