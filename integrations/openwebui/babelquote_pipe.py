"""
title: Babelquote
description: Answers from your own documents in any language; each claim comes with the exact words of its source.
version: 0.2.0
license: Apache-2.0
requirements: httpx
"""  # noqa: D205, D212, D415 - Open WebUI reads these lines

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import httpx
from pydantic import BaseModel, Field

Emit = Callable[[dict[str, Any]], Awaitable[None]]
_MOST_TURNS = 6


class Pipe:
    """A model of Open WebUI that asks a server of Babelquote (`rag chat`) and shows its quotes as citations."""

    class Valves(BaseModel):
        """What an administrator sets."""

        address: str = Field(default="http://127.0.0.1:7860", description="Where `rag chat` answers.")
        key: str = Field(default="", description="NAME:PASSWORD or an access token, where it asks for one.")
        backend: str = Field(default="", description="Who writes the answer, one of /v1/models; empty: the default.")
        seconds: float = Field(default=300, description="How long an answer may take.")

    def __init__(self) -> None:
        self.valves = self.Valves()

    def pipes(self) -> list[dict[str, str]]:
        """Return the models that Open WebUI lists."""
        return [{"id": "babelquote", "name": "Babelquote"}]

    async def pipe(self, body: Mapping[str, Any], __event_emitter__: Emit | None = None) -> str | AsyncIterator[str]:
        """Answer the last message of a conversation; piece by piece where Open WebUI asks for a stream."""
        question, history = _asked(body.get("messages") or [])
        sent: dict[str, Any] = {"question": question, "history": history, "stream": True}
        if self.valves.backend:
            sent["backend"] = self.valves.backend
        pieces = self._pieces(sent, __event_emitter__)
        return pieces if body.get("stream") else "".join([piece async for piece in pieces])

    async def _pieces(self, sent: Mapping[str, Any], emit: Emit | None) -> AsyncGenerator[str, None]:
        """Yield an answer as it comes, what was checked in place of what was withdrawn, and show its quotes."""
        headers = {"authorization": f"Bearer {self.valves.key}"} if self.valves.key else {}
        address, shown = f"{self.valves.address.rstrip('/')}/api/answer", ""
        try:
            async with (
                httpx.AsyncClient(timeout=self.valves.seconds, headers=headers) as client,
                client.stream("POST", address, json=sent) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    yield _failed(response.json().get("error", {}).get("message", response.status_code))
                    return
                async for event in _events(response):
                    piece = str(event.get("piece", ""))
                    if answer := event.get("answer"):
                        piece = _rest(str(answer["text"]), shown)
                        for one in answer["citations"] if emit is not None else ():
                            await emit(_citation(one))
                    elif error := event.get("error"):
                        piece = _failed(error.get("message", ""))
                    shown += piece
                    yield piece
        except (httpx.HTTPError, ValueError):
            yield "Babelquote can’t be reached: is `rag chat` running, and its address right?"


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def _rest(text: str, shown: str) -> str:
    """Return what is missing of an answer: its end, or all of it where something else was shown before."""
    shown = shown.rstrip()
    return text[len(shown) :] if text.startswith(shown) else f"\n\n---\n\n{text}"


def _failed(why: object) -> str:
    return f"Babelquote could not answer: {why}"


def _asked(messages: Sequence[Mapping[str, Any]]) -> tuple[str, list[list[str]]]:
    """Return the question, and the exchanges before it as pairs."""
    turns = [(one.get("role"), _text(one.get("content"))) for one in messages]
    question = next((text for role, text in reversed(turns) if role == "user"), "")
    pairs = [[asked, said] for (one, asked), (other, said) in pairwise(turns) if (one, other) == ("user", "assistant")]
    return question, pairs[-_MOST_TURNS:]


def _text(content: object) -> str:
    """Return the text of a message, which may hold pictures beside it."""
    if isinstance(content, list):
        parts = [one.get("text", "") for one in content if isinstance(one, Mapping) and one.get("type") == "text"]
        return "\n".join(map(str, parts))
    return content if isinstance(content, str) else ""


def _citation(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a quote as Open WebUI shows citations."""
    name = f"[{one['number']}] {one['title'] or one['source']}"
    where = {key: one[key] for key in ("document_id", "start", "end", "support")}
    about = {"source": name, "name": str(one["source"]), **where}
    return {"type": "citation", "data": {"document": [one["quote"]], "metadata": [about], "source": {"name": name}}}
