from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ConfigError
from index.types import Passage
from rag.prompts.messages import Instructions, build_prompt, defuse
from rag.prompts.templates import DEFAULT_TEMPLATE, Template
from rag.prompts.tokenizer import count_tokens, cut_tokens
from rag.types import Message, ScoredPassage, Turn

TOKENS = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "[INST]", "[/INST]", "<<SYS>>",
    "<s>", "</s>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>", "<｜User｜>", "<|fim_prefix|>", "[gMASK]",
]  # fmt: skip


def hit(number: int, text: str, title: str = "Title") -> ScoredPassage:
    passage = Passage(f"d:{number}", "d", 0, len(text), text, "en", "")
    return ScoredPassage(passage, title, "d.md", 1.0 / (number + 1))


def build(*texts: str, context: int = 4_000, reply: int = 500, **options: object) -> tuple[str, object]:
    built = build_prompt(
        "Where?",
        [hit(number, text) for number, text in enumerate(texts)],
        language="en",
        context_tokens=context,
        reply_tokens=reply,
        **options,
    )
    return built.prompt.messages[-1].content, built


def test_passages_are_numbered_as_the_prompt_says_best_first_and_last() -> None:
    user, built = build("alpha", "beta", "gamma", "delta", "epsilon")
    order = [found.passage.text for found in built.prompt.passages]
    assert order == ["alpha", "gamma", "epsilon", "delta", "beta"]
    for number, text in enumerate(order, start=1):
        assert re.search(rf"source {number}: Title>\n{text}\n", user)
    assert user.rstrip().endswith("Question: Where?")


def test_fences_are_new_for_every_prompt() -> None:
    fences = {re.search(r"<(data-\w+) source", build("alpha")[0]).group(1) for _ in range(20)}
    assert len(fences) == 20


@pytest.mark.parametrize("token", TOKENS)
def test_control_tokens_of_chat_templates_are_plain_text(token: str) -> None:
    user, built = build(f"before {token} after")
    for message in built.prompt.messages:
        assert token not in message.content
    assert "before" in user
    titled = build_prompt("Where?", [hit(0, "alpha", title=f"{token}\nnew line")], language="en", context_tokens=4_000)
    assert token not in titled.prompt.messages[-1].content
    asked = build_prompt(f"{token} where?", [hit(0, "alpha")], language="en", context_tokens=4_000)
    assert token not in asked.prompt.messages[-1].content


def test_joiners_stay_and_hidden_characters_go() -> None:
    assert defuse("می‌خواهم 👨‍👩‍👧") == "می‌خواهم 👨‍👩‍👧"
    assert defuse("a\u202eb\U000e0041c\x1bd\x00e\u2066f") == "abcdef"


@given(st.lists(st.text(min_size=1, max_size=3_000), min_size=1, max_size=6), st.integers(900, 3_000))
@settings(max_examples=40, deadline=None)
def test_the_prompt_fits_or_says_what_it_left_out(texts: list[str], context: int) -> None:
    _, built = build(*texts, context=context, reply=300)
    assert built.tokens + 300 <= context
    left_out = len(built.prompt.passages) < len(texts)
    shortened = any(found.passage.text not in texts for found in built.prompt.passages)
    assert bool(built.warnings) == (left_out or shortened)
    for found in built.prompt.passages:
        assert any(text.startswith(found.passage.text) for text in texts)


def test_a_context_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="too small"):
        build("alpha " * 500, context=400, reply=200)


def test_earlier_turns_are_told_in_short() -> None:
    turns = [Turn(f"Question {n}?", "word " * 2_000) for n in range(6)]
    _, built = build("alpha", history=turns)
    earlier = built.prompt.messages[1:-1]
    assert [message.role for message in earlier] == ["user", "assistant"] * 3
    assert earlier[0].content == "Question 3?"
    assert all(count_tokens(message.content) <= 300 for message in earlier)


@pytest.mark.parametrize(
    "change",
    [
        {"system": "no placeholders"},
        {"user": "{passages}"},
        {"user": "{passages} {question} {secret}"},
        {"passage": "{number} {text} {fence}"},
        {"user": "{passages {question}"},
        {"user": "{passages} {question} {0}"},
    ],
)
def test_templates_are_checked_when_they_are_made(change: dict[str, str]) -> None:
    parts = {name: getattr(DEFAULT_TEMPLATE, name) for name in ("system", "user", "passage")}
    with pytest.raises(ConfigError, match="template"):
        Template(**{**parts, **change})


def test_braces_in_texts_are_no_placeholders() -> None:
    user, _ = build("a {question} b {0} {fence}")
    assert "a {question} b {0} {fence}" in user


@given(st.text(max_size=500))
@settings(max_examples=50, deadline=None)
def test_tokens_are_counted_for_any_text(text: str) -> None:
    assert count_tokens(text) <= 4 * len(text) + 1
    cut = cut_tokens(text, 10)
    assert text.startswith(cut)
    assert count_tokens(cut) <= 10


def test_names_of_control_tokens_and_long_runs_are_counted_in_bounded_time() -> None:
    assert count_tokens("<|endoftext|> <|im_start|>") > 4
    assert count_tokens("a" * 200_000) > 1_000


def test_a_reply_that_repeats_its_instructions_is_seen_however_it_is_cut() -> None:
    system = "You answer a question from numbered sources, and from nothing else at all."
    for size in (1, 7, 200):
        watch = Instructions([Message("system", system)])
        said = f"Well: {system[5:50]}"
        assert _heard(watch, said, size)
        watch = Instructions(
            [Message("system", system), Message("user", "Where is Factory 200 located in Helwan today?")]
        )
        said = f"{system[:30]}. Where is Factory 200 located in Helwan today? " * 3
        assert not _heard(watch, said, size)


def _heard(watch: Instructions, said: str, size: int) -> bool:
    found = False
    for at in range(0, len(said), size):
        found |= watch.repeated_by(said[at : at + size])
    return found
