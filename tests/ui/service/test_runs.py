"""Runs that outlive their connection: taken up by the one who asked, by nobody else, and not for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from functools import partial

from rag.types import Answer
from tests.harness.ui_fakes import FakeAssistant
from ui.service.asking.asking import ChatService
from ui.service.asking.runs import Runs
from ui.view.cards import TurnCard

NAME = "0123456789abcdef" * 2
QUESTION = "Where is Factory 200?"


class Slow(FakeAssistant):
    """Writes a word every 20 ms, a hundred of them."""

    pieces = 0

    def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
        self.questions.append((question, []))
        for _ in range(100):
            self.pieces += 1
            time.sleep(0.02)
            yield "word "
        yield self.answer(question)


class House:
    """A service with its runs, asked as the page does."""

    def __init__(self, assistant: FakeAssistant, unwatched: float = 30.0, kept: float = 300.0) -> None:
        self.assistant = assistant
        self.service = ChatService(assistant, "extractive")
        self.runs = Runs(self.service.stop, unwatched=unwatched, kept=kept)

    def ask(self, name: str = NAME, owner: str = "", question: str = QUESTION) -> AsyncGenerator[TurnCard, None]:
        return self.runs.states(name, owner, question, partial(self.service.ask, question, (), name))

    async def last(self, name: str = NAME, owner: str = "", question: str = QUESTION) -> TurnCard:
        return [turn async for turn in self.ask(name, owner, question)][-1]

    async def leave_in_the_middle(self, name: str = NAME, owner: str = "") -> None:
        async with aclosing(self.ask(name, owner)) as turns:
            async for turn in turns:
                if turn.state == "streaming":
                    return


def within(case: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(case(), 30)

    asyncio.run(whole())


def test_who_comes_back_gets_the_answer_of_the_first_question() -> None:
    async def case() -> None:
        house = House(Slow())
        await house.leave_in_the_middle()
        assert house.runs.look(NAME, "")["known"]
        assert (await house.last()).state == "answered"
        assert (await house.last()).state == "answered"  # kept for a reload at the very end
        assert len(house.assistant.questions) == 1

    within(case)


def test_two_windows_see_the_same_answer() -> None:
    async def case() -> None:
        house = House(Slow())
        first, second = await asyncio.gather(house.last(), house.last())
        assert first == second and len(house.assistant.questions) == 1

    within(case)


def test_nobody_else_takes_it_up() -> None:
    async def case() -> None:
        house = House(FakeAssistant())
        await house.last(owner="noor")
        assert not house.runs.look(NAME, "omid")["known"]
        assert not house.runs.look(NAME, "")["known"]
        assert (await house.last(owner="omid", question="And who heads it?")).question == "And who heads it?"
        await house.last(owner="omid")
        assert len(house.assistant.questions) == 3

    within(case)


def test_a_name_that_could_be_guessed_keeps_nothing() -> None:
    async def case() -> None:
        house = House(FakeAssistant())
        for name in ("", "run1", "x" * 31):
            await house.last(name)
            assert not house.runs.look(name, "")["known"]
            await house.last(name)
        assert len(house.assistant.questions) == 6

    within(case)


def test_another_question_under_the_same_name_is_asked() -> None:
    async def case() -> None:
        house = House(FakeAssistant())
        await house.last()
        assert (await house.last(question="Who painted it?")).question == "Who painted it?"

    within(case)


def test_what_nobody_watches_is_stopped_and_forgotten() -> None:
    async def case() -> None:
        slow = Slow()
        house = House(slow, unwatched=0.2)
        await house.leave_in_the_middle()
        await asyncio.sleep(0.1)
        assert house.runs.look(NAME, "")["known"]  # there is time to come back
        await asyncio.sleep(0.6)
        assert not house.runs.look(NAME, "")["known"]
        stood = slow.pieces
        await asyncio.sleep(0.3)
        assert slow.pieces == stood < 100
        assert not house.service._asking  # and the place is free

    within(case)


def test_a_finished_answer_is_forgotten_after_a_while() -> None:
    async def case() -> None:
        house = House(FakeAssistant(), kept=0.1)
        await house.last()
        assert house.runs.look(NAME, "")["done"]
        await asyncio.sleep(0.3)
        assert not house.runs.look(NAME, "")["known"]

    within(case)


def test_what_is_kept_is_bounded() -> None:
    async def case() -> None:
        house = House(FakeAssistant())
        for number in range(200):
            await house.last(f"{number:032d}")
        assert len(house.runs._runs) <= 129
        assert not house.runs.look(f"{0:032d}", "")["known"]
        assert house.runs.look(f"{199:032d}", "")["known"]

    within(case)


def test_a_run_can_be_stopped_by_its_name() -> None:
    async def case() -> None:
        house = House(Slow())
        await house.leave_in_the_middle()
        assert house.service.stop(NAME)
        assert (await house.last()).state == "stopped"

    within(case)
