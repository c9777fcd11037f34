"""The description of the API against what the server takes and returns: both must be as it says, refusals included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

import index
from rag import Assistant
from rag.config import AnswerConfig
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.api.fields import MOST_PASSAGES
from ui.api.requests import AnswerRequest, ChatRequest
from ui.http.sign_in.login import Users, hash_password

jsonschema = pytest.importorskip("jsonschema", reason="needs the package jsonschema")
TEXT = "# The light at Torvik\n\nAda Brandt kept the light at Torvik for thirty years.\n\nIt burnt oil until 1931.\n"
DOCUMENT = "the one"  # that is indexed, whose id tells where it lies
QUESTION = "Who kept the light at Torvik?"
FAR, FAR_SPEC = "openai-compatible:far@127.0.0.1:9", "openai-compatible:far@http://127.0.0.1:9/v1"
MESSAGES = [{"role": "user", "content": QUESTION}]
FAILING = [{"role": "user", "content": "unreachable"}]
DRAFT = "She kept “the light at Torvik for twenty years”. It burnt oil until 1935."
CALLS: list[tuple[str, dict[str, object]]] = [
    ("/api/answer", {"question": QUESTION}),
    ("/api/answer", {"question": QUESTION, "annotations": True, "unheard_of": 1}),
    ("/api/answer", {"question": "the moon", "history": [["q", "a"]], "backend": "extractive", "style": "short"}),
    ("/api/answer", {"question": QUESTION, "language": ["en"], "folder": None, "where": {}, "stream": None}),
    ("/api/search", {"question": QUESTION, "k": MOST_PASSAGES}),
    ("/api/overview", {"document": DOCUMENT}),
    ("/api/overview", {"document": DOCUMENT, "written": True, "language": "de"}),
    ("/api/check", {"text": DRAFT}),
    ("/api/check", {"text": DRAFT, "annotations": True}),
    ("/api/check", {"text": DRAFT, "claims": False, "language": "en"}),
    ("/v1/chat/completions", {"messages": MESSAGES, "model": "babelquote", "temperature": 0}),
    ("/v1/chat/completions", {"messages": MESSAGES, "n": 1, "stop": [], "response_format": {"type": "text"}}),
]
STREAMS: list[tuple[str, dict[str, object]]] = [
    ("/api/answer", {"question": QUESTION, "stream": True}),
    ("/api/answer", {"question": "unreachable", "stream": True, "backend": FAR}),
    ("/v1/chat/completions", {"messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}),
    ("/v1/chat/completions", {"messages": FAILING, "stream": True, "model": FAR}),
]
WRONG: list[tuple[str, object, int]] = [
    ("/api/answer", [], 400),
    ("/api/answer", {}, 422),
    ("/api/answer", {"question": "unreachable", "backend": FAR}, 502),
    ("/api/search", {"question": "q", "k": 0}, 422),
    ("/api/overview", {"document": "none"}, 404),
    ("/api/check", {"text": ""}, 422),
    ("/v1/chat/completions", {"messages": MESSAGES, "model": "other"}, 404),
    ("/v1/chat/completions", {"messages": FAILING, "model": FAR}, 502),
]
# A body that fits, for each route: in it one field after the other gets each of the values.
FITTING: dict[str, dict[str, object]] = {
    "/api/answer": {"question": QUESTION},
    "/api/search": {"question": QUESTION},
    "/api/overview": {"document": "none"},
    "/api/check": {"text": "Ada Brandt kept the light."},
    "/v1/chat/completions": {"messages": MESSAGES},
}
ANY: list[object] = [
    None,
    True,
    0,
    1,
    1.5,
    10**9,
    "",
    "x",
    "\ud800",
    [],
    ["x"],
    [["x", "y"]],
    {},
    {"a": "b"},
    {"a": 1},
    {"a": " "},
]
HTTP = httpx.Client(timeout=60)
DEEP = json.loads("[" * 400 + "]" * 400)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a real assistant over one small document, and beside it one that can fail."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "the-light.md").write_text(TEXT, "utf-8")
    index.build([folder / "the-light.md"], index_dir=folder / "index", embedder="hashing")
    with closing(index.LiveIndex(folder / "index")) as live:
        own = Assistant(index=live, config=AnswerConfig(min_confidence=0.0, reader="none"))
        with chat_site(own, others={FAR_SPEC: FakeAssistant()}) as served:
            yield served


@pytest.fixture(scope="module")
def description(site: Site) -> Any:
    return HTTP.get(f"{site.url}/api/openapi.json").json()


def closed(schema: Any) -> Any:
    """Return a schema whose objects have no field but the described ones."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    return {**{key: closed(part) for key, part in schema.items()}, **shut}


def fits(description: Any, schema: dict[str, Any], value: object) -> None:
    jsonschema.Draft202012Validator(closed({**schema, "components": description["components"]})).validate(value)


def response_of(description: Any, path: str, status: int, kind: str = "application/json", method: str = "post") -> Any:
    return description["paths"][path][method]["responses"][str(status)]["content"][kind]["schema"]


def fields_of(description: Any, path: str) -> Any:
    schema = description["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]


def request_of(description: Any, path: str) -> Any:
    """Return what checks a request; fields that are not named are passed over."""
    schema = description["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return jsonschema.Draft202012Validator({**schema, "components": description["components"]})


def test_it_is_whole(description: Any) -> None:
    for schema in description["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    named = set(description["components"]["schemas"])
    used = {part.split('"')[0] for part in json.dumps(description).split("#/components/schemas/")[1:]}
    assert used <= named
    assert set(description["paths"]) == {*FITTING, "/v1/models", "/v1/models/{name}", "/health"}
    described = {operation["summary"] for path in description["paths"].values() for operation in path.values()}
    assert len(described) == len(description["paths"])


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_what_is_returned_fits(site: Site, description: Any, path: str, body: dict[str, object]) -> None:
    if body.get("document") == DOCUMENT:
        body = {**body, "document": site.assistant.retrieve(QUESTION)[0].passage.document_id}
    request_of(description, path).validate(body)
    answer = HTTP.post(site.url + path, json=body)
    assert answer.status_code == 200
    fits(description, response_of(description, path, 200), answer.json())


@pytest.mark.parametrize(("path", "body"), STREAMS)
def test_every_event_fits(site: Site, description: Any, path: str, body: dict[str, object]) -> None:
    request_of(description, path).validate(body)
    lines = [line for line in HTTP.post(site.url + path, json=body).text.split("\n\n") if line]
    assert len(lines) > 1 and lines[-1] == "data: [DONE]"
    for line in lines[:-1]:
        event = json.loads(line.removeprefix("data: "))
        fits(description, response_of(description, path, 200, "text/event-stream"), event)


@pytest.mark.parametrize(("path", "body", "status"), WRONG)
def test_every_refusal_fits(site: Site, description: Any, path: str, body: object, status: int) -> None:
    answer = HTTP.post(site.url + path, json=body)
    assert answer.status_code == status
    fits(description, response_of(description, path, status), answer.json())


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"content-type": "text/plain"}, 415, "application/json"),
        ({"origin": "https://elsewhere.example"}, 403, "text/plain"),
        ({"host": "elsewhere.example"}, 421, "text/plain"),
    ],
)
def test_what_is_refused_before_it_is_read_fits(
    site: Site, description: Any, headers: dict[str, str], status: int, kind: str
) -> None:
    answer = HTTP.post(f"{site.url}/api/answer", content=b"{}", headers={"content-type": "application/json", **headers})
    assert answer.status_code == status and answer.headers["content-type"].startswith(kind)
    said = answer.json() if kind == "application/json" else answer.text
    fits(description, response_of(description, "/api/answer", status, kind), said)


@pytest.mark.parametrize("path", FITTING)
def test_a_value_is_taken_where_the_description_allows_it_and_else_refused_by_the_name_of_its_field(
    site: Site, description: Any, path: str
) -> None:
    described = fields_of(description, path)["properties"]
    assert len(described) >= 2
    checks = request_of(description, path)
    for field in described:
        for value in [*ANY, DEEP]:
            body = {**FITTING[path], field: value}
            answer = HTTP.post(site.url + path, content=json.dumps(body), headers={"content-type": "application/json"})
            fit = checks.is_valid(body)
            if answer.status_code == 200:
                assert fit, (field, value)
            elif not fit:
                assert answer.status_code == (404 if field == "model" else 422), (field, value)
                said = answer.json()["error"]["message"]
                assert said.startswith(field) or value == "", (field, value, said)  # an empty question is told so
            assert answer.status_code in (200, 404, 422), (field, value)


@pytest.mark.parametrize("path", FITTING)
def test_what_is_needed_is_what_the_description_says(site: Site, description: Any, path: str) -> None:
    assert set(fields_of(description, path)["required"]) == set(FITTING[path])
    refused = HTTP.post(site.url + path, json={})
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].startswith(f"{next(iter(FITTING[path]))}: ")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/api/answer", {"question": 7}, "question: a text is needed."),
        ("/api/answer", {"question": "q", "k": 101}, "k: a whole number from 1 to 100 is needed."),
        ("/api/answer", {"question": "q", "style": "chatty"}, "style: one of short, normal, detailed is needed."),
        (
            "/api/answer",
            {"question": "q", "history": [["x"]]},
            "history: a list of pairs of texts, question and answer",
        ),
        ("/api/answer", {"question": "q", "language": [7]}, "language: a text or a list of texts is needed"),
        ("/api/search", {"question": "q", "languages": "en"}, "languages: there is no such field; write language"),
        ("/api/search", {"question": "q", "where": {"author": ""}}, 'where: an object of texts is needed, such as {"'),
        ("/api/overview", {"document": "none", "written": "yes"}, "written: true or false is needed."),
        ("/api/overview", {"document": "none", "language": "x" * 36}, "language: a language code is needed."),
        ("/v1/chat/completions", {"messages": MESSAGES, "n": 2}, "n: one answer is given; leave it out or send 1."),
        ("/v1/chat/completions", {"messages": []}, "messages: a list that ends with a user message is needed."),
    ],
)
def test_a_fault_is_told_in_one_sentence(site: Site, path: str, body: dict[str, object], message: str) -> None:
    refused = HTTP.post(site.url + path, json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].startswith(message)


def test_of_many_faults_the_first_is_enough() -> None:
    many = [7] * 100_000
    for kind, body in (
        (AnswerRequest, {"question": "q", "history": many, "language": many, "where": dict(enumerate(many))}),
        (ChatRequest, {"messages": MESSAGES, "stop": many, "modalities": many}),
    ):
        with pytest.raises(ValidationError) as refused:
            kind.model_validate(body)
        assert refused.value.error_count() < 12


@pytest.mark.parametrize("path", ["/health", "/v1/models"])
def test_what_is_read_fits(site: Site, description: Any, path: str) -> None:
    fits(description, response_of(description, path, 200, method="get"), HTTP.get(site.url + path).json())
    assert HTTP.head(site.url + path).status_code == 200


def test_a_model_is_told_by_its_name(site: Site, description: Any) -> None:
    path = "/v1/models/{name}"
    fits(
        description,
        response_of(description, path, 200, method="get"),
        HTTP.get(f"{site.url}/v1/models/extractive").json(),
    )
    absent = HTTP.get(f"{site.url}/v1/models/some/other")
    assert absent.status_code == 404
    fits(description, response_of(description, path, 404, method="get"), absent.json())


def test_a_wrong_answer_would_not_fit(site: Site, description: Any) -> None:
    schema = response_of(description, "/api/answer", 200)
    answer = HTTP.post(f"{site.url}/api/answer", json={"question": QUESTION}).json()
    for wrong in ({"text": "no more than this"}, {**answer, "undescribed": 1}, {**answer, "passages": [{}]}):
        with pytest.raises(jsonschema.ValidationError):
            fits(description, schema, wrong)


def test_who_may_ask_is_reported(description: Any) -> None:
    assert {} in description["security"] and description["paths"]["/health"]["get"]["security"] == []
    with chat_site(users=Users({"noor": hash_password("word")}), host="0.0.0.0") as locked:
        assert HTTP.get(f"{locked.url}/api/openapi.json").status_code == 401
        for auth in (httpx.BasicAuth("noor", "word"), lambda asked: bearer(asked, "noor:word")):
            schema = HTTP.get(f"{locked.url}/api/openapi.json", auth=auth).json()
            assert schema["security"] == [{"basic": []}, {"key": []}]
        refused = HTTP.post(f"{locked.url}/api/answer", json={"question": QUESTION})
        fits(schema, response_of(schema, "/api/answer", 401), refused.json())
        assert HTTP.get(f"{locked.url}/health").status_code == 200


def bearer(request: httpx.Request, key: str) -> httpx.Request:
    request.headers["authorization"] = f"Bearer {key}"
    return request
