"""The few sentences that the assistant says itself, in the languages whose files have them; others get English."""

from __future__ import annotations

from index.language.fields import TextField
from index.language.lexicon import text_of

__all__ = ["phrase", "refusal"]


def phrase(language: str, key: TextField, **values: object) -> str:
    """Return a phrase that stands around an answer, its `{placeholders}` filled.

    Args:
        language: BCP 47 code; one without the phrase gets English.
        key: a field of the language files.
        **values: what fills the placeholders.
    """
    entry = text_of(language, key)
    for name, value in values.items():
        entry = entry.replace("{" + name + "}", str(value))
    return entry


def refusal(language: str, *, shown: bool = True) -> str:
    """Return the sentence that says that the sources don't answer.

    Args:
        language: BCP 47 code; one that is not known gets English.
        shown: passages follow, and a second sentence says so.
    """
    said = text_of(language, "refusal")
    if not shown:
        return said
    return said + ("" if said.endswith("。") else " ") + text_of(language, "nearest")
