"""
title: Babelquote
description: Answers from your own documents in any language; each claim comes with the exact words of its source.
version: 0.1.0
license: Apache-2.0
requirements: httpx
"""  # noqa: D205, D212, D415 - Open WebUI reads these lines

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
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
        key: str = Field(default="", description="NAME:PASSWORD, where it asks for one (`--auth`).")
        backend: str = Field(default="", description="Who writes the answer, one of /v1/models; empty: the default.")
        seconds: float = Field(default=300, description="How long an answer may take.")

    def __init__(self) -> None:
        self.valves = self.Valves()

    def pipes(self) -> list[dict[str, str]]:
        """Return the models that Open WebUI lists."""
        return [{"id": "babelquote", "name": "Babelquote"}]

    async def pipe(self, body: Mapping[str, Any], __event_emitter__: Emit | None = None) -> str:
        """Answer the last message of a conversation."""
        question, history = _asked(body.get("messages") or [])
        sent: dict[str, Any] = {"question": question, "history": history}
        if self.valves.backend:
            sent["backend"] = self.valves.backend
        headers = {"authorization": f"Bearer {self.valves.key}"} if self.valves.key else {}
        try:
            async with httpx.AsyncClient(timeout=self.valves.seconds, headers=headers) as client:
                response = await client.post(f"{self.valves.address.rstrip('/')}/api/answer", json=sent)
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            return "Babelquote can’t be reached: is `rag chat` running, and its address right?"
        if response.status_code != httpx.codes.OK:
            return f"Babelquote could not answer: {answer.get('error', {}).get('message', response.status_code)}"
        if __event_emitter__ is not None:
            for one in answer["citations"]:
                await __event_emitter__(_citation(one))
        return str(answer["text"])


def _asked(messages: Sequence[Mapping[str, Any]]) -> tuple[str, list[list[str]]]:
    """Return the question, and the exchanges before it as pairs."""
    told = [(one.get("role"), _text(one.get("content"))) for one in messages]
    question = next((text for role, text in reversed(told) if role == "user"), "")
    pairs = [[asked, said] for (one, asked), (other, said) in pairwise(told) if (one, other) == ("user", "assistant")]
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
