"""The HTTP API as programs use it: plain HTTP, server-sent events, and the client library of OpenAI."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rag.prompts.tokenizer import count_tokens
from rag.types import Answer
from tests.harness.ui_fakes import DOCUMENTS, FakeAssistant, Silent
from tests.harness.ui_server import Site, chat_site
from ui.http.admission import ApiError, Gate, error_object
from ui.http.sign_in.login import Users, hash_password

QUESTION = "Where is Factory 200 located?"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant(delay=0.002)) as served:
        yield served


def post(site: Site, path: str, body: object) -> httpx.Response:
    return httpx.post(site.url + path, json=body, timeout=30)


def streamed(site: Site, path: str, body: object) -> list[Any]:
    with httpx.stream("POST", site.url + path, json=body, timeout=30) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_an_answer_has_the_fields_of_the_command_line(site: Site) -> None:
    answer = post(site, "/api/answer", {"question": QUESTION}).json()
    assert {*Answer.__dataclass_fields__, "made_by"} == set(answer)
    for citation in answer["citations"]:
        assert DOCUMENTS[citation["document_id"]].text[citation["start"] : citation["end"]] == citation["quote"]
    assert set(answer["passages"][0]) >= {"document_id", "title", "source", "language", "start", "end", "text", "score"}
    assert post(site, "/api/answer", {"question": "the moon"}).json()["refused"] is True


def test_an_answer_streams(site: Site) -> None:
    *pieces, last = streamed(site, "/api/answer", {"question": QUESTION, "stream": True})
    assert len(pieces) > 5
    assert "".join(piece["piece"] for piece in pieces).strip() == last["answer"]["text"]


def test_history_reaches_the_assistant(site: Site) -> None:
    post(site, "/api/answer", {"question": "And when?", "history": [[QUESTION, "In Helwan [1]."]]})
    (turn,) = site.assistant.questions[-1][1]
    assert (turn.question, turn.answer) == (QUESTION, "In Helwan [1].")


def test_search_gives_passages(site: Site) -> None:
    assert len(post(site, "/api/search", {"question": QUESTION, "k": 2}).json()["passages"]) == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/answer", [], 400),
        ("/api/answer", {}, 422),
        ("/api/answer", {"question": 7}, 422),
        ("/api/answer", {"question": "q", "history": [["x"]]}, 422),
        ("/api/answer", {"question": "unreachable"}, 502),
        ("/api/answer", {"question": "q", "style": "chatty"}, 422),
        ("/api/answer", {"question": "q", "style": ["short"]}, 422),
        ("/api/search", {"question": "q", "k": 0}, 422),
        ("/api/search", {"question": "q", "k": True}, 422),
        ("/api/search", {"question": "q", "k": 10**9}, 422),
        ("/v1/chat/completions", {}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "x"}]}, 422),
        ("/v1/chat/completions", {"messages": ["x"]}, 422),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(site: Site, path: str, body: object, status: int) -> None:
    response = post(site, path, body)
    assert response.status_code == status
    assert response.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(site: Site, content: bytes) -> None:
    assert httpx.post(f"{site.url}/api/answer", content=content).status_code == 400


def test_a_stream_tells_its_failure(site: Site) -> None:
    *_, last = streamed(site, "/api/answer", {"question": "unreachable", "stream": True})
    assert "did not answer" in last["error"]["message"]


def test_places_are_given_back(site: Site) -> None:
    for _ in range(12):  # more than there are places
        assert post(site, "/api/answer", {"question": "unreachable"}).status_code == 502
        streamed(site, "/api/answer", {"question": "unreachable", "stream": True})
    assert post(site, "/api/answer", {"question": QUESTION}).status_code == 200


def test_who_waited_too_long_is_refused_and_so_is_who_would() -> None:
    async def crowd() -> tuple[list[object], list[object], float]:
        gate = Gate(1, seconds=0.3)
        await gate.enter()
        late = await asyncio.gather(*(gate.enter() for _ in range(3)), return_exceptions=True)
        gate = Gate(1, seconds=40)
        entered = await gate.enter()
        gate.leave(entered - 6_000)  # as if it had taken long: the next ones need not wait to know
        await gate.enter()
        began = time.perf_counter()
        at_once = await asyncio.gather(*(gate.enter() for _ in range(3)), return_exceptions=True)
        return late, at_once, time.perf_counter() - began

    late, at_once, seconds = asyncio.run(crowd())
    assert [error.status for error in late + at_once] == [503] * 6
    assert [error.retry_after for error in late] == [1] * 3
    assert all(error.retry_after >= 6 for error in at_once)
    assert seconds < 20


def test_who_waits_comes_in_turn() -> None:
    async def run() -> list[int]:
        gate, order = Gate(1, seconds=20), []

        async def one(number: int) -> None:
            async with gate.place():
                await asyncio.sleep(0)
                order.append(number)

        await asyncio.gather(*map(one, range(10)))
        return order

    assert asyncio.run(run()) == list(range(10))


def test_a_client_that_leaves_in_the_middle_gives_its_place_back(site: Site) -> None:
    for _ in range(20):  # more than there are places
        with httpx.stream("POST", f"{site.url}/api/answer", json={"question": "a slow one", "stream": True}) as one:
            next(one.iter_bytes())
    assert post(site, "/api/answer", {"question": QUESTION}).status_code == 200


def test_the_client_of_openai_is_answered(site: Site) -> None:
    openai = pytest.importorskip("openai", reason="needs the openai package")
    client = openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0)
    assert [model.id for model in client.models.list()] == ["babelquote", "extractive"]
    messages = [{"role": "system", "content": "x"}, {"role": "user", "content": QUESTION}]
    answer = client.chat.completions.create(model="babelquote", messages=messages)
    text = answer.choices[0].message.content
    assert "Helwan" in text and "[1] Egypt offers Iraq" in text
    assert answer.citations[0]["quote"] == "Factory 200 stands in Helwan, south of Cairo."
    assert answer.usage.prompt_tokens == count_tokens("x") + count_tokens(QUESTION)
    assert answer.usage.completion_tokens == count_tokens(text)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    chunks = list(client.chat.completions.create(model="babelquote", messages=messages, stream=True))
    assert len(chunks) > 5
    assert chunks[-1].choices[0].finish_reason == "stop"
    result = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "[1] Egypt offers Iraq" in result


def test_a_stream_of_openai_tells_its_tokens_when_asked(site: Site) -> None:
    openai = pytest.importorskip("openai", reason="needs the openai package")
    client = openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0)
    messages = [{"role": "user", "content": QUESTION}]
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *chunks, last = client.chat.completions.create(model="extractive", messages=messages, **options)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert all(chunk.usage is None for chunk in chunks) and chunks[-1].choices[0].finish_reason == "stop"
    assert last.choices == [] and last.usage.completion_tokens == count_tokens(text)
    assert {chunk.model for chunk in (*chunks, last)} == {"extractive"}


def test_errors_are_those_that_the_client_of_openai_knows(site: Site) -> None:
    openai = pytest.importorskip("openai", reason="needs the openai package")
    client = openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0)
    ask = client.chat.completions.create
    with pytest.raises(openai.NotFoundError, match="GET /v1/models"):
        ask(model="gpt-9", messages=[{"role": "user", "content": "x"}])
    with pytest.raises(openai.UnprocessableEntityError, match="messages"):
        ask(model="babelquote", messages=[])
    with pytest.raises(openai.InternalServerError, match="did not answer") as failed:
        ask(model="babelquote", messages=[{"role": "user", "content": "unreachable"}])
    assert (failed.value.status_code, failed.value.type) == (502, "server_error")
    with pytest.raises(openai.APIError, match="did not answer"):
        list(ask(model="babelquote", messages=[{"role": "user", "content": "unreachable"}], stream=True))


REMOTE = "openai-compatible:far@http://192.0.2.1/v1"


def test_those_who_wait_for_a_slow_remote_model_keep_nobody_else_waiting() -> None:
    slow = Silent()
    with chat_site(FakeAssistant(), others={REMOTE: slow}) as both, ThreadPoolExecutor(24) as people:
        name = httpx.get(f"{both.url}/v1/models").json()["data"][-1]["id"]
        assert "far" in name
        waiting = [people.submit(post, both, "/api/answer", {"question": QUESTION, "backend": name}) for _ in range(20)]
        time.sleep(1.0)
        began = time.perf_counter()
        for _ in range(5):
            assert post(both, "/api/answer", {"question": QUESTION}).status_code == 200
        assert time.perf_counter() - began < 10
        assert not any(one.done() for one in waiting)
        slow.go.set()
        assert {one.result().status_code for one in waiting} == {200}


def test_a_backend_that_is_not_offered_is_never_replaced(site: Site) -> None:
    asked = len(site.assistant.questions)
    refused = post(site, "/api/answer", {"question": QUESTION, "backend": "ollama:other"})
    assert refused.status_code == 422 and "extractive" in refused.json()["error"]["message"]
    assert len(site.assistant.questions) == asked


def test_programs_sign_in_with_a_key() -> None:
    with chat_site(users=Users({"noor": hash_password("päss:word")}), host="0.0.0.0") as locked:
        ask = {"question": QUESTION}
        assert httpx.post(f"{locked.url}/api/answer", json=ask).status_code == 401
        assert httpx.post(f"{locked.url}/api/answer", json=ask, auth=("noor", "wrong")).status_code == 401
        assert httpx.post(f"{locked.url}/api/answer", json=ask, auth=("noor", "päss:word")).status_code == 200
        headers = {"authorization": "Basic !!!"}
        assert httpx.post(f"{locked.url}/api/answer", json=ask, headers=headers).status_code == 401


def test_a_refusal_does_not_say_back_all_that_was_sent() -> None:
    result = error_object(ApiError(422, "folder " + "a/" * 1_000_000))["error"]
    assert isinstance(result, dict) and len(result["message"]) < 1_100
