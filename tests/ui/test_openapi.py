"""The description of the API against what the server returns: every response must fit its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.api.answers import MOST_PASSAGES
from ui.api.openapi import description

jsonschema = pytest.importorskip("jsonschema", reason="needs the package jsonschema")
QUESTION = "Where is Factory 200 located?"
MESSAGES = [{"role": "user", "content": QUESTION}]
CALLS: list[tuple[str, dict[str, object]]] = [
    ("/api/answer", {"question": QUESTION}),
    ("/api/answer", {"question": "the moon", "history": [["q", "a"]], "backend": "extractive"}),
    ("/api/search", {"question": QUESTION, "k": MOST_PASSAGES}),
    ("/v1/chat/completions", {"messages": MESSAGES, "model": "babelquote", "temperature": 0}),
]
STREAMS: list[tuple[str, dict[str, object]]] = [
    ("/api/answer", {"question": QUESTION, "stream": True}),
    ("/api/answer", {"question": "unreachable", "stream": True}),
    ("/v1/chat/completions", {"messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}),
]
WRONG: list[tuple[str, object, int]] = [
    ("/api/answer", [], 400),
    ("/api/answer", {}, 422),
    ("/api/search", {"question": "q", "k": 0}, 422),
    ("/v1/chat/completions", {"messages": MESSAGES, "model": "other"}, 404),
    ("/v1/chat/completions", {"messages": [{"role": "user", "content": "unreachable"}]}, 502),
]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant()) as served:
        yield served


@pytest.fixture(scope="module")
def told(site: Site) -> Any:
    return httpx.get(f"{site.url}/api/openapi.json").json()


def fits(told: Any, schema: dict[str, Any], value: object) -> None:
    jsonschema.Draft202012Validator({**schema, "components": told["components"]}).validate(value)


def response_of(told: Any, path: str, status: int, kind: str = "application/json", method: str = "post") -> Any:
    return told["paths"][path][method]["responses"][str(status)]["content"][kind]["schema"]


def test_it_is_served_as_it_is_made(told: Any) -> None:
    assert told == json.loads(json.dumps(description()))
    for schema in told["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    named = set(told["components"]["schemas"])
    used = {part.split('"')[0] for part in json.dumps(told).split("#/components/schemas/")[1:]}
    assert used <= named


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_what_is_returned_fits(site: Site, told: Any, path: str, body: dict[str, object]) -> None:
    fits(told, told["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"], body)
    answer = httpx.post(site.url + path, json=body)
    assert answer.status_code == 200
    fits(told, response_of(told, path, 200), answer.json())


@pytest.mark.parametrize(("path", "body"), STREAMS)
def test_every_event_fits(site: Site, told: Any, path: str, body: dict[str, object]) -> None:
    lines = [line for line in httpx.post(site.url + path, json=body).text.split("\n\n") if line]
    assert len(lines) > 1 and lines[-1] == "data: [DONE]"
    for line in lines[:-1]:
        event = json.loads(line.removeprefix("data: "))
        fits(told, response_of(told, path, 200, "text/event-stream"), event)


@pytest.mark.parametrize(("path", "body", "status"), WRONG)
def test_every_refusal_fits(site: Site, told: Any, path: str, body: object, status: int) -> None:
    answer = httpx.post(site.url + path, json=body)
    assert answer.status_code == status
    fits(told, response_of(told, path, status), answer.json())


@pytest.mark.parametrize("path", ["/health", "/v1/models"])
def test_what_is_read_fits(site: Site, told: Any, path: str) -> None:
    fits(told, response_of(told, path, 200, method="get"), httpx.get(site.url + path).json())


def test_a_wrong_answer_would_not_fit(told: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        fits(told, response_of(told, "/api/answer", 200), {"text": "no more than this"})
