"""Programs that speak OpenAI's protocol: the official client, and what chat programs send beside questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rag import AnswerConfig, Assistant
from rag.testing.doubles import FakeLLM, document, tiny_index
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.api.openai_tasks import task_result

QUESTION = "Where is Factory 200 located?"
ASKED = {"role": "user", "content": QUESTION}
CALL = {"id": "t1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
PATH = "/v1/chat/completions"
HISTORY = f"### Chat History:\n<chat_history>\nUSER: {QUESTION}\nASSISTANT: In Helwan [1].\n</chat_history>"
TASKS = {
    "title": f'### Task:\nGenerate a concise title.\n### Output:\nJSON format: {{ "title": "your title" }}\n{HISTORY}',
    "tags": f'### Task:\nGenerate 1-3 broad tags.\n### Output:\nJSON format: {{ "tags": ["tag1", "tag2"] }}\n{HISTORY}',
    "follow_ups": f'### Task:\nSuggest 3-5 questions.\n### Output:\nJSON format: {{ "follow_ups": ["Q?"] }}\n{HISTORY}',
    "queries": f'### Task:\nAnalyze the chat history.\n### Output:\n{{ "queries": ["query1", "query2"] }}\n{HISTORY}',
    "text": '### Task:\nYou are an autocompletion system.\n### Output:\n{ "text": "completion" }\n<text>The</text>',
    "prompt": f'### Task:\nGenerate a detailed prompt for an image.\n{{ "prompt": "your prompt" }}\n{HISTORY}',
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant()) as served:
        yield served


def post(site: Site, **body: object) -> httpx.Response:
    return httpx.post(site.url + PATH, json={"model": "babelquote", "messages": [ASKED], **body}, timeout=30)


def text_of(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return str(response.json()["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    "messages",
    [
        [ASKED, {"role": "assistant", "content": None, "tool_calls": [CALL]}],
        [ASKED, {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "t1", "content": "x"}],
        [ASKED, {"role": "assistant", "content": ""}, {"role": "tool", "content": None, "tool_call_id": "t1"}],
        [{"role": "developer", "content": "Be brief."}, ASKED, {"role": "system", "content": "Answer."}],
        [{"role": "user", "content": [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {}}]}],
    ],
)
def test_turns_of_tools_and_rules_are_passed_over(site: Site, messages: list[object]) -> None:
    assert "Helwan" in text_of(post(site, messages=messages))
    assert site.assistant.questions[-1][0] == QUESTION


def test_the_history_is_without_the_turns_of_tools(site: Site) -> None:
    tool = {"role": "tool", "tool_call_id": "t1", "content": "x"}
    first = [ASKED, {"role": "assistant", "content": None, "tool_calls": [CALL]}, tool]
    said = {"role": "assistant", "content": "In Helwan [1]."}
    text_of(post(site, messages=[*first, said, {"role": "user", "content": "And when?"}]))
    asked, history = site.assistant.questions[-1]
    assert asked == "And when?"
    assert [(turn.question, turn.answer) for turn in history] == [(QUESTION, "In Helwan [1].")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2),
        ("n", 0),
        ("stop", ["\n"]),
        ("stop", "END"),
        ("response_format", {"type": "json_object"}),
        ("response_format", {"type": "json_schema", "json_schema": {}}),
        ("logprobs", True),
        ("tool_choice", "required"),
        ("tool_choice", {"type": "function", "function": {"name": "f"}}),
        ("modalities", ["text", "audio"]),
    ],
)
def test_what_is_not_given_is_refused_by_name(site: Site, field: str, value: object) -> None:
    response = post(site, **{field: value})
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 1, "stop": None, "response_format": {"type": "text"}, "logprobs": False, "tool_choice": "auto"},
        {"tools": [{"type": "function", "function": {"name": "f"}}], "temperature": 0, "max_tokens": 10, "seed": 1},
    ],
)
def test_what_changes_nothing_is_taken(site: Site, fields: dict[str, object]) -> None:
    assert "Helwan" in text_of(post(site, **fields))


def test_one_model_can_be_asked_for(site: Site) -> None:
    found = httpx.get(f"{site.url}/v1/models/babelquote")
    assert (found.status_code, found.json()["id"], found.json()["object"]) == (200, "babelquote", "model")
    for model in httpx.get(f"{site.url}/v1/models").json()["data"]:
        assert httpx.get(f"{site.url}/v1/models/{model['id']}").json() == model
    absent = httpx.get(f"{site.url}/v1/models/gpt-9")
    assert absent.status_code == 404
    assert "GET /v1/models" in absent.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "responses"), ("POST", "embeddings"), ("POST", "completions"), ("GET", "no/such"), ("DELETE", "files/x")],
)
def test_what_is_not_offered_is_refused_by_name(site: Site, method: str, path: str) -> None:
    response = httpx.request(method, f"{site.url}/v1/{path}", json={"model": "babelquote", "input": QUESTION})
    assert response.status_code == 404
    assert f"/v1/{path}" in response.json()["error"]["message"]
    assert PATH in response.json()["error"]["message"]


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_programs_task_gets_its_form_and_no_quotes(site: Site, name: str, stream: bool) -> None:
    before = len(site.assistant.questions)
    response = post(site, messages=[{"role": "user", "content": TASKS[name]}], stream=stream)
    if stream:
        lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
        assert lines[-1] == "[DONE]"
        deltas = [json.loads(line)["choices"][0]["delta"] for line in lines[:-1]]
        text = "".join(delta.get("content", "") for delta in deltas)
    else:
        text = text_of(response)
    result = json.loads(text)
    expected = {"title": "Where is Factory 200 located", "text": "", "prompt": ""}
    assert result == {name: expected.get(name, [])}
    assert len(site.assistant.questions) == before


@pytest.mark.parametrize(
    ("question", "earlier", "result"),
    [
        ("Provide a concise, 5-word-or-less title for the conversation, using title case.", QUESTION, QUESTION[:-1]),
        ("Based on the chat history, give this conversation a name.\nUser: Who are we?", "", "Who are we"),
        ("Please generate a title for our chat", "磨坊是谁建的？", "磨坊是谁建的"),
        ("### Task:\nReflect the speaker's facial expression through a fitting emoji.\nMessage: ok", "", ""),
        ('### Task:\nRespond to the user query using the context.\n<context>"title": x</context>\nWhy?', "", None),
        ("### Task:\nMow the lawn", "", None),
        ("What is the title of the report on conversation?", QUESTION, None),
        ("Who gave the name to the mill?", QUESTION, None),
        ("Please generate a title for our chat", "", None),
        (QUESTION, "", None),
    ],
)
def test_questions_and_tasks_are_told_apart(question: str, earlier: str, result: str | None) -> None:
    assert task_result(question, earlier) == result


def test_the_official_client(site: Site) -> None:
    openai = pytest.importorskip("openai")
    client: Any = openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0)
    assert client.models.retrieve("babelquote").id == "babelquote"
    assert "babelquote" in [model.id for model in client.models.list()]
    tool = {"role": "tool", "tool_call_id": "t1", "content": "x"}
    turns = [ASKED, {"role": "assistant", "content": None, "tool_calls": [CALL]}, tool]
    answer = client.chat.completions.create(model="babelquote", messages=turns)
    assert "Helwan" in answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    chunks = list(
        client.chat.completions.create(
            model="babelquote", messages=[ASKED], stream=True, stream_options={"include_usage": True}
        )
    )
    assert "Helwan" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert chunks[-1].usage.total_tokens > 0
    with pytest.raises(openai.NotFoundError, match="/v1/responses is not offered"):
        client.responses.create(model="babelquote", input=QUESTION)
    with pytest.raises(openai.UnprocessableEntityError, match="response_format"):
        client.chat.completions.create(model="babelquote", messages=[ASKED], response_format={"type": "json_object"})


@pytest.mark.parametrize("size", [1, 9, 10_000])
def test_a_stream_shows_no_thought_that_a_bare_tag_ends(size: int) -> None:
    answer = "The mill was built in 1871 by Ada Brandt [1]."
    model = FakeLLM(f"Okay, so the user asks who. Bob Stone [1]?\n</think>\n\n{answer}", size=size)
    live = tiny_index([document("mill", "The mill was built in 1871 by Ada Brandt. It grinds rye.")])
    assistant = Assistant(llm=model, index=live, config=AnswerConfig(min_confidence=0.0))
    body = {"model": "babelquote", "messages": [{"role": "user", "content": "Who built the mill?"}], "stream": True}
    with chat_site(assistant) as served, httpx.stream("POST", served.url + PATH, json=body, timeout=60) as response:
        lines = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    chunks = [json.loads(line) for line in lines if line != "[DONE]"]
    text = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert text.startswith(answer)
    assert "user asks" not in text and text.count(answer) == 1


@pytest.mark.parametrize(("text", "kind"), [(QUESTION, "generated"), (TASKS["title"], "quotes")])
def test_whole_and_streamed_it_says_for_programs_who_made_it(site: Site, text: str, kind: str) -> None:
    messages = [{"role": "user", "content": text}]
    whole = post(site, messages=messages).json()["made_by"]
    assert (whole["program"], whole["kind"]) == ("Babelquote", kind)
    lines = post(site, messages=messages, stream=True).text.splitlines()
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    assert [one["made_by"] for one in chunks if "made_by" in one] == [whole]
