"""Spans of OpenTelemetry: one a question, one a stage of it, and no words unless asked for."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk (the extra otel)")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import index
from rag import AnswerConfig
from tests.conftest import SEEDS
from ui.app.watched import watching
from ui.service.observed import ObservedAssistant, Outcome
from ui.service.spans import Spans

WORDS = "zebra-4711"
QUESTION = f"Who is Mohamed Ahmed Morsi, {WORDS}?"
STAGES = ["understood", "retrieved", "read", "written", "checked"]


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(kept: InMemorySpanExporter) -> TracerProvider:
    found = TracerProvider()
    found.add_span_processor(SimpleSpanProcessor(kept))
    return found


def test_a_question_is_a_span_with_its_stages_and_without_its_words(
    tmp_path: Any, kept: InMemorySpanExporter, provider: TracerProvider
) -> None:
    index.build([SEEDS / "egypt-iraq-defense-industry.md"], index_dir=tmp_path / "index", embedder="hashing")
    live, config = index.LiveIndex(tmp_path / "index"), AnswerConfig(reader="none")
    assistant = ObservedAssistant([Spans(provider).question], "extractive", index=live, config=config)
    answer = assistant.answer(QUESTION)
    *stages, whole = kept.get_finished_spans()
    assert whole.name == "question" and whole.parent is None
    assert [each.name for each in stages] == [name for name in STAGES if name != "read"][: len(stages)]
    assert len(stages) == (2 if answer.refused else 4)
    at = whole.start_time
    for each in stages:
        assert each.parent is not None and each.parent.span_id == whole.context.span_id
        assert each.start_time >= at and each.end_time >= each.start_time
        at = each.end_time
    assert at <= whole.end_time
    facts = dict(whole.attributes or {})
    assert facts["babelquote.backend"] == "extractive" and facts["babelquote.generation"] == answer.generation
    assert facts["babelquote.outcome"] == ("refused" if answer.refused else "answered")
    assert not any(WORDS in each.to_json() or "Morsi" in each.to_json() for each in (*stages, whole))


def test_words_are_told_where_they_are_asked_for(kept: InMemorySpanExporter, provider: TracerProvider) -> None:
    Spans(provider, words=True).question(Outcome(QUESTION, "extractive", "stopped", 0.5))
    (span,) = kept.get_finished_spans()
    assert dict(span.attributes or {})["babelquote.question"] == QUESTION
    assert span.end_time - span.start_time == 500_000_000


def test_a_failure_is_marked_as_one(kept: InMemorySpanExporter, provider: TracerProvider) -> None:
    Spans(provider).question(Outcome(QUESTION, "ollama:x", "failed", 0.1))
    (span,) = kept.get_finished_spans()
    assert not span.status.is_ok and WORDS not in span.to_json()


def test_spans_are_made_only_where_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, provider: TracerProvider
) -> None:
    made: list[int] = []
    monkeypatch.setattr("ui.service.spans.exporting", lambda: made.append(1) or provider)
    assert watching().observers == () and not made
    assert len(watching(spans=True).observers) == 1 and made == [1]
