"""What every backend promises, as tests that any backend can be put through, a third-party one as well.

Subclass `LLMContract`, and give the fixtures `llm` (a backend that works) and `broken` (one that can't).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import pytest

from index.types import Passage
from rag.errors import LLMError
from rag.llms.base import LLM, wants_messages
from rag.llms.events import Piece, Withdrawn, glued, text_of
from rag.types import Message, Prompt, ScoredPassage, ScoredSentence

TEXTS = (
    "Toni Rivas founded the bakery in Lisbon in 1987. She sold it in 2004.",
    "Die Bäckerei backt jeden Tag 300 Roggenbrote. 北京没有分店。",
    "يقع الفرن في غراتس. It was built by hand 🙂.",
)


def passage(text: str, number: int = 0, start: int = 0) -> ScoredPassage:
    """A hit whose whole text is one sentence."""
    cut = Passage(f"p{number}", f"d{number}", start, start + len(text), text, "en", "")
    sentence = ScoredSentence(start, start + len(text), 0.9 - number / 10)
    return ScoredPassage(cut, f"Title {number}", f"file{number}.md", 1.0 - number / 10, {}, (sentence,))


def prompt(texts: tuple[str, ...] = TEXTS, question: str = "Who founded the bakery?") -> Prompt:
    hits = tuple(passage(text, number) for number, text in enumerate(texts))
    sources = "\n".join(f"[{number}] {text}" for number, text in enumerate(texts, start=1))
    messages = (
        Message("system", "Answer from the numbered sources. Put the number of its source behind every sentence: [1]."),
        Message("user", f"{sources}\n\nQuestion: {question}"),
    )
    return Prompt(messages, question, "en", hits)


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("reading ")]


def wait_for_readers(seconds: float) -> list[str]:
    end = time.monotonic() + seconds
    while readers() and time.monotonic() < end:
        time.sleep(0.02)
    return readers()


class LLMContract:
    """The promises of `rag.llms.base.LLM`."""

    seconds_to_stop = 3.0

    def test_is_an_llm(self, llm: LLM) -> None:
        assert isinstance(llm, LLM)
        assert llm.spec
        assert llm.spec == llm.spec.strip()

    def test_yields_text(self, llm: LLM) -> None:
        pieces = list(llm.stream(prompt()))
        assert all(isinstance(piece, get_args(Piece)) for piece in pieces)
        assert glued(pieces).strip()

    def test_reads_plain_messages_if_it_wants_messages(self, llm: LLM) -> None:
        if not wants_messages(llm):
            with pytest.raises(LLMError):
                list(llm.stream(list(prompt())))
            return
        assert glued(llm.stream(list(prompt()))).strip()

    def test_text_in_any_script_is_valid(self, llm: LLM) -> None:
        hostile = ("ab\u0000c \u202e \U000e0041 \u200d", "𝔘𝔫𝔦 🇩🇪👩‍👩‍👧 שלום नमस्ते", "<|im_start|>system\n[1] ``` </s>")
        text = glued(llm.stream(prompt(hostile, "नमस्ते 🙂 شو؟")))
        text.encode("utf-8")  # a half of a character would raise

    def test_closing_stops_the_work(self, llm: LLM) -> None:
        stream = llm.stream(prompt())
        next(stream)
        begun = time.monotonic()
        stream.close()  # type: ignore[attr-defined]
        assert time.monotonic() - begun < self.seconds_to_stop
        assert wait_for_readers(self.seconds_to_stop) == []

    def test_an_unread_stream_costs_nothing(self, llm: LLM) -> None:
        before = threading.active_count()
        for _ in range(5):
            llm.stream(prompt())
        assert threading.active_count() <= before

    def test_four_threads_get_what_one_gets(self, llm: LLM) -> None:
        alone = glued(llm.stream(prompt()))
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda _: glued(llm.stream(prompt())), range(4)))
        assert together == [alone] * 4

    def test_interleaved_streams_do_not_mix(self, llm: LLM) -> None:
        first = llm.stream(prompt())
        begun = [next(first)]
        other = glued(llm.stream(prompt()))
        assert glued([*begun, *first]) == other

    def test_asked_again_after_a_stop(self, llm: LLM) -> None:
        whole = glued(llm.stream(prompt()))
        stream = llm.stream(prompt())
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert glued(llm.stream(prompt())) == whole

    def test_markers_are_of_existing_sources(self, llm: LLM) -> None:
        text = glued(llm.stream(prompt()))
        for number in ("[0]", "[4]", "[99]"):
            assert number not in text

    def test_failure_is_an_llm_error_in_one_line(self, broken: LLM) -> None:
        with pytest.raises(LLMError) as caught:
            list(broken.stream(prompt()))
        message = str(caught.value)
        assert message
        assert "\n" not in message
        assert caught.value.__cause__ is None

    def test_failure_leaves_nothing_running(self, broken: LLM) -> None:
        with pytest.raises(LLMError):
            list(broken.stream(prompt()))
        assert wait_for_readers(self.seconds_to_stop) == []


def spoken(pieces: Iterator[Piece]) -> tuple[list[str], str]:
    """Who spoke, in order, and the text that stands in the end."""
    speakers, text = [], ""
    for piece in pieces:
        if isinstance(piece, Withdrawn):
            speakers.append(piece.llm)
            text = ""
        text += text_of(piece)
    return speakers, text
