"""What a language model is given to read, and how long it is asked to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from index.errors import ConfigError
from index.types import Document, Passage
from rag import Assistant
from rag.answering.material import joined
from rag.config import AnswerConfig
from rag.prompts.messages import build_prompt
from rag.prompts.templates import DEFAULT_TEMPLATE, STYLE_WORDS
from rag.testing.doubles import document, tiny_index
from rag.types import STYLES, Answer, Message, Prompt, ScoredPassage

SENTENCES = [f"The keeper of lamp {number} lit it at dusk and wrote the hour down." for number in range(40)]
BOOK = document("book", "\n\n".join(SENTENCES), "en")
NOTES = [document(f"note-{number}", words, "en") for number, words in enumerate(SENTENCES)]


class Reading:
    """A model that keeps what it was given and cites the source that holds some words."""

    spec = "reading"
    context_tokens = 32_000

    def __init__(self, words: str) -> None:
        self.words, self.prompt = words, Prompt(())

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        assert isinstance(messages, Prompt)
        self.prompt = messages
        number = [self.words in hit.passage.text for hit in messages.passages].index(True) + 1
        yield f"{self.words} [{number}]."


def hit(start: int, end: int, text: Document = BOOK) -> ScoredPassage:
    cut = Passage(f"{text.id}-{start}", text.id, start, end, text.text[start:end], "en", "")
    return ScoredPassage(cut, text.title, text.source, 0.5)


def ask(words: str, **config: Any) -> tuple[Reading, Answer]:
    model = Reading(words)
    settings = AnswerConfig(min_confidence=0.0, reader="none", **config)
    answer = Assistant(index=tiny_index(NOTES), llm=model, config=settings).answer("Who lit the lamp at dusk?")
    return model, answer


def test_a_model_reads_more_than_is_shown_and_what_it_quotes_is_shown_too() -> None:
    seen, _ = ask("lit it at dusk", k=2)
    assert len(seen.prompt.passages) == 20
    for far in sorted(seen.prompt.passages, key=lambda one: one.score)[:3]:
        _, answer = ask(far.passage.text.split(" lit")[0], k=2)
        assert [citation.document_id for citation in answer.citations] == [far.passage.document_id]
        assert len(answer.passages) == 3
        assert answer.passages[2].passage.document_id == far.passage.document_id


def test_what_is_read_stays_within_its_budget() -> None:
    few, _ = ask("lit it at dusk", k=1, source_tokens=80)
    many, _ = ask("lit it at dusk", k=1, source_tokens=4_000)
    none, _ = ask("lit it at dusk", k=1, most_sources=1)
    assert len(none.prompt.passages) == 1
    assert 1 < len(few.prompt.passages) < 8
    assert len(many.prompt.passages) == 20


def test_the_shown_passages_are_the_same_with_and_without_a_model() -> None:
    _, answer = ask("lit it at dusk", k=3)
    found = Assistant(index=tiny_index(NOTES)).retrieve("Who lit the lamp at dusk?", k=3)
    assert [one.passage.id for one in answer.passages[:3]] == [one.passage.id for one in found]


def test_passages_that_touch_are_one_and_stay_exact() -> None:
    first, far = BOOK.text.index("The keeper of lamp 20"), BOOK.text.index("The keeper of lamp 35")
    near = BOOK.text.index("The keeper of lamp 22")
    hits = joined([hit(first, first + 70), hit(far, far + 60), hit(near, near + 60)], lambda _: BOOK)
    assert len(hits) == 2  # the third lies in what stands around the first
    for one in hits:
        assert BOOK.text[one.passage.start : one.passage.end] == one.passage.text
        assert one.passage.text[0] == "T" and one.passage.text[-1] == "."  # whole sentences
    assert "lamp 22" in hits[0].passage.text and "lamp 18" in hits[0].passage.text


def test_a_passage_of_another_document_at_the_same_place_is_not_joined() -> None:
    other = document("other", BOOK.text, "en")
    hits = joined([hit(0, 60), hit(0, 60, other)], {"book": BOOK, "other": other}.__getitem__)
    assert [one.passage.document_id for one in hits] == ["book", "other"]


@pytest.mark.parametrize("style", STYLES)
def test_the_model_is_told_how_long_to_write(style: str) -> None:
    model, _ = ask("lit it at dusk", style=style)
    others = {words for name, words in STYLE_WORDS.items() if name != style}
    system = model.prompt[0].content
    assert STYLE_WORDS[style] in system and not any(words in system for words in others)  # type: ignore[index]
    assert model.prompt.style == style


def test_a_style_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="chatty"):
        AnswerConfig(style="chatty")  # type: ignore[arg-type]


def test_a_template_of_ones_own_may_leave_the_style_out() -> None:
    own = replace(DEFAULT_TEMPLATE, system="Answer in {language} from what lies between {fence}.")
    built = build_prompt("Who?", [hit(0, 60)], language="en", context_tokens=4_000, template=own, style="short")
    assert STYLE_WORDS["short"] not in built.prompt[0].content
