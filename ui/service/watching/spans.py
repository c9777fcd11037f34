"""Spans of OpenTelemetry: one for each question, and in it one for each stage of its way; no words unless asked for.

They need the packages `opentelemetry-sdk` and `opentelemetry-exporter-otlp-proto-http`, which read where to send them
from the usual variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_RESOURCE_ATTRIBUTES` …).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from index.errors import ConfigError
from ui.service.watching.observed import Outcome

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

__all__ = ["Spans", "exporting"]

_NAMED = "babelquote"
_STAGES: Mapping[str, tuple[str, ...]] = {
    "understood": ("understand",),
    "retrieved": ("embed", "retrieve", "rerank"),
    "read": ("read",),
    "written": ("llm",),
    "checked": ("cite",),
}
"""The stages in their order, and which of an answer's timings belong to each."""


class Spans:
    """Makes the spans of each question when it has ended.

    Args:
        provider: takes the spans.
        words: what was asked is in them as well.
    """

    def __init__(self, provider: TracerProvider, *, words: bool = False) -> None:
        self._tracer = provider.get_tracer(_NAMED)
        self._words = words

    def question(self, outcome: Outcome) -> None:
        """Tell of a question, and of the stages that it went through."""
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        end = time.time_ns()
        begun = end - _nanoseconds(outcome.seconds)
        span = self._tracer.start_span("question", start_time=begun, attributes=self._facts(outcome))
        if outcome.end == "failed":
            span.set_status(Status(StatusCode.ERROR))
        inner = set_span_in_context(span)
        for name, start, stop in _stages(outcome, begun):
            self._tracer.start_span(name, inner, start_time=start).end(min(stop, end))
        span.end(end)

    def _facts(self, outcome: Outcome) -> dict[str, str | int]:
        facts: dict[str, str | int] = {"babelquote.backend": outcome.backend, "babelquote.outcome": outcome.end}
        if (answer := outcome.answer) is not None:
            facts["babelquote.language"] = answer.language
            facts["babelquote.citations"] = len(answer.citations)
            facts["babelquote.generation"] = answer.generation
        if self._words:
            facts["babelquote.question"] = outcome.question
        return facts


def _stages(outcome: Outcome, begun: int) -> Iterator[tuple[str, int, int]]:
    """Yield each stage with its beginning and end: they follow one another."""
    timings = outcome.answer.timings if outcome.answer is not None else {}
    for name, parts in _STAGES.items():
        took = [timings[part] for part in parts if part in timings]
        if took:
            ended = begun + _nanoseconds(sum(took))
            yield name, begun, ended
            begun = ended


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)


def exporting() -> TracerProvider:
    """Return a provider that sends spans to where the environment says (OTLP over HTTP).

    Raises:
        ConfigError: the packages are missing.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigError("--spans needs packages", "pip install 'babelquote[otel]'") from error
    provider = TracerProvider(resource=Resource.create({"service.name": _NAMED}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
