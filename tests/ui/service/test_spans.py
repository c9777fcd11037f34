"""Spans of OpenTelemetry: one a question, one a stage of it, and no words unless asked for."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
from ui.service.watching.observed import ObservedAssistant, Outcome
from ui.service.watching.spans import Spans, exporting

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
    monkeypatch.setattr("ui.service.watching.spans.exporting", lambda: made.append(1) or provider)
    assert watching().observers == () and not made
    assert len(watching(spans=True).observers) == 1 and made == [1]


def test_spans_reach_a_receiver_of_the_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a collector would take over HTTP is read with the protocol's own messages."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    taken: list[tuple[str, str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            taken.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        sending = exporting()
        Spans(sending).question(Outcome(QUESTION, "extractive", "stopped", 0.5))
        assert sending.force_flush(60_000)
        sending.shutdown()
        server.shutdown()
    ((path, kind, body),) = taken
    assert (path, kind) == ("/v1/traces", "application/x-protobuf")
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    about = {one.key: one.value.string_value for one in resource.resource.attributes}
    (span,) = resource.scope_spans[0].spans
    facts = {one.key: one.value.string_value for one in span.attributes}
    assert about["service.name"] == "babelquote" and resource.scope_spans[0].scope.name == "babelquote"
    assert (span.name, facts["babelquote.backend"], facts["babelquote.outcome"]) == (
        "question",
        "extractive",
        "stopped",
    )
    assert span.end_time_unix_nano - span.start_time_unix_nano == 500_000_000 and len(span.trace_id) == 16
    assert WORDS.encode() not in body
