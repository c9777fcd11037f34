"""The texts of the interface in ten languages, one JSON file each in `ui/locale/`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

__all__ = ["LANGUAGES", "RIGHT_TO_LEFT", "choose", "table", "text"]

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "ar": "العربية",
    "fa": "فارسی",
    "he": "עברית",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ru": "Русский",
    "tr": "Türkçe",
    "zh": "中文",
}
"""Interface languages by BCP 47 code, each by its own name."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})


@lru_cache(maxsize=len(LANGUAGES))
def table(language: str) -> Mapping[str, str]:
    """Return every text of one interface language by its key.

    Raises:
        KeyError: the interface doesn't speak that language; `choose` finds one that it speaks.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    content = (files("ui") / "locale" / f"{language}.json").read_text("utf-8")
    return {str(key): str(value) for key, value in json.loads(content).items()}


def text(language: str, key: str, **values: object) -> str:
    """Return one text with its `{placeholders}` filled; an unknown language falls back to English."""
    entry = table(choose(language))[key]
    for name, value in values.items():
        entry = entry.replace("{" + name + "}", str(value))
    return entry


def choose(wanted: str | None) -> str:
    """Return the interface language for a code (`"pt-BR"`) or an `Accept-Language` header, English by default."""
    for entry in (wanted or "").split(","):
        code = entry.split(";")[0].strip().lower().split("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
