"""What chat programs ask a model for beside people's questions: a title, tags, follow-ups, queries, a completion.

Open WebUI sends them as a user's message that begins with "### Task:" and names the form of the result; others ask in
a sentence for the title of a conversation. There is nothing to look for in documents: a title is made of the first
question, everything else is empty in the form that was asked for.
Forms: https://github.com/open-webui/open-webui/blob/main/backend/open_webui/config.py
"""

from __future__ import annotations

import json
import re

__all__ = ["task_result"]

_TASK = re.compile(r"\s*#{2,4}\s*Task:", re.IGNORECASE)
# A person's question that a program has put passages of its own around.
_QUESTION = re.compile(r"user(?:'s)? (?:query|question)", re.IGNORECASE)
_KEYS = ("title", "tags", "follow_ups", "queries", "text", "prompt")
_LISTS = frozenset({"tags", "follow_ups", "queries"})
_KEY = re.compile(r"[\"'](" + "|".join(_KEYS) + r")[\"']\s*:")
_TITLE = re.compile(
    r"\b(?:generate|create|provide|write|give|suggest|come up with|summari[sz]e)\b[^.\n]{0,90}\b(?:title|name|topic)\b"
    r"[^\n]{0,120}\b(?:conversation|chat|dialog(?:ue)?|discussion|messages?|thread)\b"
    r"|\b(?:give|name) this (?:conversation|chat) a (?:name|title)\b"
    r"|\b(?:title|name)\s+(?:for|of)\s+(?:this|the|our)\s+(?:conversation|chat)\b",
    re.IGNORECASE,
)
_USER_TURN = re.compile(r"(?:\bUSER|\bUser|\bHuman)\s*:\s*[\"“]?\s*(\S[^\n]{0,300})")
_LOOKED_AT = 4_000
_WORDS, _LETTERS = 8, 60


def task_result(question: str, earlier: str = "") -> str | None:
    """Return the result of a request that a chat program makes by itself, `None` when a person asks something.

    Args:
        question: the last user message.
        earlier: the first user message of the conversation, `""` when this is the first.
    """
    head = question[:_LOOKED_AT]
    if _TASK.match(head):
        return None if _QUESTION.search(head[:300]) else _in_form(head, _title(question, earlier))
    if _TITLE.search(head[:400]) and (earlier or _USER_TURN.search(question)):
        return _title(question, earlier)
    return None


def _in_form(task: str, title: str) -> str | None:
    """Return the JSON object that a task's form names first, `""` for an emoji, `None` for what is no known task."""
    keys = _KEY.findall(task)
    if not keys:
        return "" if "emoji" in task[:300].lower() else None
    key = keys[0]
    value: object = title if key == "title" else [] if key in _LISTS else ""
    return json.dumps({key: value}, ensure_ascii=False)


def _title(question: str, earlier: str) -> str:
    """Return the first question that was asked, in a few words."""
    first = _USER_TURN.search(question)
    text = " ".join((first.group(1) if first else earlier).split()).strip('"“”')
    words = text.split()
    short = " ".join(words[:_WORDS])
    cut = short if len(short) <= _LETTERS else short[:_LETTERS]
    return cut.rstrip(" ?？؟.,;:!") or "…"
