"""Bodies of very many lists and objects are refused before they are read: that would keep everybody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest

from rag.question.cleaning import MOST_TURNS
from tests.harness.ui_server import chat_site
from ui.api.requests import AnswerRequest
from ui.http import guard
from ui.http.bodies import MOST_PARTS, Body

PAIRS = b'["a","b"],' * MOST_PARTS
BODIES = {
    "/api/answer": b'{"question":"Who?","history":[' + PAIRS + b"[]]}",
    "/api/search": b'{"question":"Who?","more":[' + b"{}," * MOST_PARTS + b"{}]}",
    "/v1/chat/completions": b'{"messages":[' + PAIRS + b"[]]}",
    "/chat/turns": b"[" + b"[]," * MOST_PARTS + b"[]]",
    "/gradio_api/queue/join": b"[" * (MOST_PARTS + 1),
}
JSON = {"content-type": "application/json"}


def statuses() -> dict[str, int]:
    with chat_site() as site:
        return {
            path: httpx.post(site.url + path, content=body, headers=JSON, timeout=120).status_code
            for path, body in BODIES.items()
        }


def test_a_body_of_very_many_parts_is_refused_on_every_route() -> None:
    assert set(statuses().values()) == {413}


@pytest.mark.slow
def test_a_guard_that_counts_bytes_alone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_PARTS", None)
    assert 413 not in statuses().values()


def test_a_file_may_be_full_of_brackets() -> None:
    async def whole() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"[" * (MOST_PARTS + 1)}

    assert asyncio.run(Body(whole, 10**7).receive())["type"] == "http.request"
    assert asyncio.run(Body(whole, 10**7, most_parts=MOST_PARTS).receive())["type"] == "http.disconnect"


def test_of_a_long_conversation_only_what_is_read_is_looked_at() -> None:
    turns = [[f"q{number}", "a"] for number in range(MOST_TURNS)]
    asked = AnswerRequest.model_validate({"question": "Who?", "history": [[7], "x", *turns]})
    assert asked.history == turns
