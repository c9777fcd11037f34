"""Turns as JSON: what a browser keeps of its conversations, and the way back, checked field by field."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.question.cleaning import recent
from rag.types import Turn
from ui.view.cards import PassageCard, SourceCard, TurnCard, WordsCard

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["exchanges_from_json", "turn_from_json", "turn_to_json", "turns_from_json"]

# Written as JSON escapes they survive every cleaning on the way to the browser and back.
_ESCAPED = re.compile(
    "[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
# More than six questions and answers ever are: not worth a second of everyone's time.
_MOST_SENT = 2_500_000
_NAMES = {"told": "answer_words"}


def turn_to_json(turn: TurnCard) -> str:
    """Return the turn as one line of JSON that loses no character, whatever it holds."""
    text = json.dumps(turn, ensure_ascii=False, separators=(",", ":"), default=_fields)
    return _ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _fields(value: object) -> dict[str, object]:
    """Return the fields of a turn or a card; `dataclasses.asdict` would copy every text and list on the way."""
    if not isinstance(value, TurnCard | SourceCard | PassageCard | WordsCard):
        raise TypeError(f"{type(value).__name__} is no part of a turn")
    return {name: getattr(value, name) for name in value.__slots__}


def turn_from_json(text: str) -> TurnCard:
    """Return the turn that `turn_to_json` wrote.

    Raises:
        ValueError: it isn't JSON, or a field is missing or of another type.
    """
    try:
        return _turns().validate_python([_renamed(json.loads(text))])[0]
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def turns_from_json(content: bytes) -> list[TurnCard]:
    """Return the turns of a conversation, a JSON list of objects.

    Raises:
        ValueError: as `turn_from_json`.
    """
    try:
        sent = json.loads(content)
        return _turns().validate_python([_renamed(one) for one in sent] if isinstance(sent, list) else sent)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _renamed(turn: object) -> object:
    """Return a turn as a browser sends it with the fields of today; an earlier version kept it under other names."""
    if not isinstance(turn, dict):
        return turn
    return {_NAMES.get(name, name): value for name, value in turn.items()}


def exchanges_from_json(text: str) -> list[Turn]:
    """Return the last exchanges of a conversation (`[[question, answer], …]`) as context for the next question.

    Whatever isn't a pair of texts is left out: the list comes from a browser, and a question can be asked without it.
    """
    try:
        content = json.loads(text or "[]") if len(text) <= _MOST_SENT else []
    except (ValueError, RecursionError):
        return []
    pairs = [entry for entry in content if _is_pair(entry)] if isinstance(content, list) else []
    return list(recent([(asked, said) for asked, said in pairs]))


def _is_pair(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(text, str) for text in entry)


@lru_cache(maxsize=1)
def _turns() -> TypeAdapter[list[TurnCard]]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[TurnCard])
