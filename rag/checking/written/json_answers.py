"""Answers that a model wrote as JSON, though nobody asked for it: the text of its field, its sources as markers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

from index.language.lexicon import alternatives, entries
from rag.checking.written.markers import find_markers

__all__ = ["from_json"]

_FENCED = re.compile(r"\A\s*```(?:json|JSON)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
# Fields that hold the text, and fields that name its sources, as models call them in English.
_TEXTS = r"(?:final_?|short_?)?(?:answer|response|reply|text|sentence|statement|claim|content)s?"
_SOURCES = (
    r"(?:used_?)?(?:source|citation|reference|ref|passage|marker|cite|evidence)s?(?:_?(?:ids?|numbers?|indices))?"
)
_NUMBER = re.compile(r"\[?\^?([0-9]{1,3})\]?")
_LONGEST = 100_000


def from_json(text: str) -> str:
    """Return the text of an answer in JSON with markers for the sources that it names; any other text as it is."""
    found = _FENCED.match(text)
    inside = (found.group(1) if found else text).strip()
    if inside[:1] not in ("{", "[") or inside[-1:] not in ("}", "]") or len(inside) > _LONGEST:
        return text
    try:
        texts = list(_marked_texts(json.loads(inside)))
    except (ValueError, RecursionError):
        return text
    return " ".join(texts) or text


def _marked_texts(value: object) -> Iterator[str]:
    """Yield the texts of an object, or of a list of them, each with its markers."""
    if isinstance(value, list):
        for one in value:
            yield from _marked_texts(one) if isinstance(one, dict) else ()
    if not isinstance(value, dict):
        return
    for name, content in value.items():
        if not _texts().fullmatch(str(name).strip()):
            continue
        if isinstance(content, str) and content.strip():
            numbers = [
                number for key, named in value.items() if _sources().fullmatch(key) for number in _numbers(named)
            ]
            marks = "" if find_markers(content) else "".join(f"[{number}]" for number in dict.fromkeys(numbers))
            yield f"{content.strip()} {marks}".strip()
        else:
            yield from _marked_texts(content)


@lru_cache(maxsize=1)
def _texts() -> re.Pattern[str]:
    return re.compile("|".join((_TEXTS, *map(re.escape, entries("answer_keys")))), re.IGNORECASE)


@lru_cache(maxsize=1)
def _sources() -> re.Pattern[str]:
    return re.compile(f"{_SOURCES}|{alternatives('source_keys')}", re.IGNORECASE)


def _numbers(value: object) -> Iterator[int]:
    """Yield the numbers of sources that a field names: 1, "[1]", [1, 2], [{"id": 1}]."""
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, dict):
        yield from _numbers(next((value[name] for name in ("id", "number", "index", "source") if name in value), None))
    elif isinstance(value, str):
        found = _NUMBER.fullmatch(value.strip())
        if found:
            yield int(found.group(1))
    elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1000:
        yield value
