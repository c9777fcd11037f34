from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.calls.guard import Limits, Sink, TransientError, guarded, pour, retrying
from tests.harness.llm_contract import wait_for_readers

LIMITS = Limits(total=1.0, first=0.5, idle=0.2, backoff=0.001, longest_pause=0.05, max_characters=1_000)


def run(pieces: list[str], limits: Limits = LIMITS) -> Iterator[str]:
    return guarded("fake", lambda sink: pour(iter(pieces), sink), limits)


@given(st.lists(st.text(max_size=20), max_size=40))
@settings(max_examples=50)
def test_what_goes_in_comes_out(pieces: list[str]) -> None:
    if "".join(pieces).strip():
        assert list(run(pieces)) == [piece for piece in pieces if piece]
    else:
        with pytest.raises(LLMError, match="empty"):
            list(run(pieces))


def test_a_slow_consumer_slows_the_backend_and_loses_nothing() -> None:
    produced: list[int] = []

    def produce(sink: Sink) -> None:
        for number in range(600):
            produced.append(number)
            sink.put("x")

    stream = guarded("fake", produce, Limits(total=10))
    next(stream)
    time.sleep(0.2)
    assert len(produced) < 400, "the queue has no bound"
    assert len(list(stream)) == 599


def test_silence_before_and_within_the_reply() -> None:
    def silent(sink: Sink) -> None:
        sink.stop.wait(60)

    def stalls(sink: Sink) -> None:
        sink.put("x")
        sink.stop.wait(5)

    begun = time.monotonic()
    with pytest.raises(LLMError, match="nothing was answered"):
        list(guarded("fake", silent, LIMITS))
    assert 0.4 < time.monotonic() - begun < 30
    with pytest.raises(LLMError, match="incomplete"):
        list(guarded("fake", stalls, LIMITS))
    assert wait_for_readers(1) == []


def test_signs_of_life_keep_it_waiting_until_the_deadline() -> None:
    def thinks(sink: Sink) -> None:
        while sink.put(""):
            time.sleep(0.05)

    begun = time.monotonic()
    with pytest.raises(LLMError, match="within 1 s"):
        list(guarded("fake", thinks, LIMITS))
    assert 0.9 < time.monotonic() - begun < 30


def test_the_size_is_capped() -> None:
    with pytest.raises(LLMError, match="more than 1,000"):
        list(run(["x" * 400] * 10))


def test_a_foreign_error_is_told_by_its_kind_only() -> None:
    def breaks(sink: Sink) -> None:
        raise KeyError("sk-secret")

    with pytest.raises(LLMError, match="KeyError") as caught:
        list(guarded("fake", breaks, LIMITS))
    assert "sk-secret" not in f"{caught.value} {caught.value.__context__!r}"


def test_closing_cancels_once_and_sets_stop() -> None:
    cancelled: list[int] = []
    seen = threading.Event()

    def produce(sink: Sink) -> None:
        sink.put("x")
        if sink.stop.wait(5):
            seen.set()

    stream = guarded("fake", produce, Limits(), lambda: cancelled.append(1))
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert seen.wait(1)
    assert cancelled == [1]


def test_retries_pause_as_asked_but_not_for_ever() -> None:
    for asked, tries in ((0.01, 3), (None, 3), (3_600.0, 1)):
        calls: list[float] = []

        def attempt(asked: float | None = asked, calls: list[float] = calls) -> Iterator[str]:
            calls.append(time.monotonic())
            raise TransientError("busy", retry_after=asked)
            yield ""

        with pytest.raises(LLMError, match="busy"):
            list(retrying(attempt, LIMITS, threading.Event()))
        assert len(calls) == tries


def test_no_retry_when_nobody_waits() -> None:
    stop = threading.Event()
    stop.set()

    def attempt() -> Iterator[str]:
        calls.append(1)
        raise TransientError("busy")
        yield ""

    calls: list[int] = []
    with pytest.raises(LLMError):
        list(retrying(attempt, Limits(backoff=5), stop))
    assert calls == [1]


@pytest.mark.parametrize("field", ["total", "first", "idle", "tries", "max_characters"])
def test_limits_must_be_positive(field: str) -> None:
    with pytest.raises(ConfigError):
        Limits(**{field: 0})
