"""Figures of a running server for Prometheus: how many questions, how they ended, how long they took; no words.

They need the package `prometheus-client` (https://github.com/prometheus/client_python), which writes the format and
knows this process's memory and files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from index.errors import ConfigError, RagError
from ui.http.admission import ApiError, refusal
from ui.http.sign_in.login import USER
from ui.http.watching import Handled
from ui.service.asking.asking import Answerer
from ui.service.watching.observed import Outcome

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

__all__ = ["Meters", "metrics_route"]

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_NOT_ALLOWED = "Figures are for this machine's own user and for who signed in as admin."


class Meters:
    """The figures of one server.

    Raises:
        ConfigError: the package is missing.
    """

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
        except ImportError as error:
            raise ConfigError("--metrics needs a package", "pip install 'babelquote[metrics]'") from error
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        named = ("backend", "outcome")
        self._questions = Counter("babelquote_questions", "Questions by how they ended.", named, registry=registry)
        self._took = Histogram(
            "babelquote_question_seconds", "Time to an answer.", ("backend",), registry=registry, buckets=_SECONDS
        )
        self._requests = Counter(
            "babelquote_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._served = Histogram(
            "babelquote_http_request_seconds", "Time of a request.", ("route",), registry=registry, buckets=_SECONDS
        )

    def question(self, outcome: Outcome) -> None:
        """Count a question."""
        self._questions.labels(outcome.backend, outcome.end).inc()
        self._took.labels(outcome.backend).observe(outcome.seconds)

    def request(self, handled: Handled) -> None:
        """Count a request."""
        self._requests.labels(handled.method, handled.route, str(handled.status)).inc()
        self._served.labels(handled.route).observe(handled.seconds)

    def of_index(self, assistant: Answerer) -> None:
        """Tell of the index as well, as it is whenever somebody looks."""
        from prometheus_client.registry import Collector

        class Sizes(Collector):
            def collect(self) -> Iterator[Metric]:
                return _sizes(assistant)

        self._registry.register(Sizes())

    def text(self) -> str:
        """Return all figures in the text format of Prometheus."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry).decode()


def _sizes(assistant: Answerer) -> Iterator[Metric]:
    from prometheus_client.metrics_core import GaugeMetricFamily

    try:
        with assistant.reading() as opened:
            manifest = getattr(opened, "manifest", None)
    except RagError:
        return  # nothing is indexed yet, or nothing can be read now
    if manifest is not None:
        for name in ("generation", "documents", "passages"):
            yield GaugeMetricFamily(f"babelquote_index_{name}", f"{name} of the index", getattr(manifest, name))


def metrics_route(meters: Meters, may_watch: Callable[[object], bool]) -> Route:
    """Return the route `/metrics`.

    Args:
        meters: the figures.
        may_watch: says whether a user may see them, by name; `None` is somebody who did not sign in.
    """

    def figures(request: Request) -> Response:
        if not may_watch(request.scope.get(USER)):
            return refusal(ApiError(403, _NOT_ALLOWED))
        return PlainTextResponse(meters.text(), media_type="text/plain; version=1.0.0; charset=utf-8")

    return Route("/metrics", figures, methods=["GET"])
