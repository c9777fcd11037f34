"""How servers of the OpenAI protocol differ, learned from what they refuse.

Reasoning models take no temperature and name the longest reply otherwise, some templates know no system role, and an
address is often given without its `/v1`. A request that is refused for one of these is sent again without it, and what
was learned is kept for the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from rag.types import Message

__all__ = ["Dialect", "adapted", "written"]

_ROLES = re.compile(r"system|developer|roles? must|only .{0,30}roles?|alternate", re.IGNORECASE)
_TEMPERATURE = re.compile(r"temperature", re.IGNORECASE)
_TOKENS = re.compile(r"max_tokens", re.IGNORECASE)
_USAGE = re.compile(r"stream_options", re.IGNORECASE)
_REFUSED = frozenset({400, 404, 405, 422, 500})
_NO_PATH = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server takes.

    Attributes:
        temperature: a temperature may be given.
        system: there may be a message of the system.
        tokens: name of the longest reply.
        path: what is missing at the end of the address.
        usage: tokens may be asked for.
    """

    temperature: bool = True
    system: bool = True
    tokens: str = "max_tokens"
    path: str = ""
    usage: bool = True


def adapted(dialect: Dialect, status: int, body: object, base_url: str) -> Dialect | None:
    """Return the dialect to try after a refusal, `None` when it has another reason.

    Args:
        dialect: in which it was asked.
        status: of HTTP.
        body: what the server said, as JSON data or text.
        base_url: the address that was asked.
    """
    if status not in _REFUSED:
        return None
    said = json.dumps(body) if isinstance(body, (dict, list)) else str(body or "")
    if dialect.temperature and _TEMPERATURE.search(said):
        return replace(dialect, temperature=False)
    if dialect.tokens == "max_tokens" and _TOKENS.search(said):
        return replace(dialect, tokens="max_completion_tokens")
    if dialect.usage and _USAGE.search(said):
        return replace(dialect, usage=False)
    if dialect.system and status != 404 and _ROLES.search(said):
        return replace(dialect, system=False)
    lacks_path = status in _NO_PATH and not dialect.path and not _has_version(base_url)
    return replace(dialect, path="/v1") if lacks_path and "model" not in said.lower() else None


def _has_version(url: str) -> bool:
    return bool(re.search(r"/(?:v\d+\w*|deployments/[^/]+)(?:/|\Z)", urlsplit(url).path))


def written(messages: Sequence[Message], dialect: Dialect) -> list[dict[str, str]]:
    """Return the messages as they are sent; without a system role its words stand before the user's first."""
    listed = [{"role": message.role, "content": message.content} for message in messages]
    if dialect.system:
        return listed
    rules = "\n\n".join(message["content"] for message in listed if message["role"] == "system")
    rest = [message for message in listed if message["role"] != "system"]
    first = next((place for place, message in enumerate(rest) if message["role"] == "user"), None)
    if first is not None:
        rest[first] = {"role": "user", "content": f"{rules}\n\n{rest[first]['content']}"}
    return rest
