"""Language codes as files spell them, in the short form that the index uses."""

from __future__ import annotations

import re

__all__ = ["language_code"]

_CODE = re.compile(r"^[a-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*$", re.IGNORECASE)
_SCRIPTED = {"zh-hant": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant"}
_THREE = {
    "ara": "ar", "ben": "bn", "bul": "bg", "ces": "cs", "cze": "cs", "chi": "zh", "zho": "zh", "dan": "da",
    "deu": "de", "ger": "de", "dut": "nl", "nld": "nl", "ell": "el", "gre": "el", "eng": "en", "fas": "fa",
    "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "heb": "he", "hin": "hi", "hun": "hu", "ind": "id",
    "ita": "it", "jpn": "ja", "kor": "ko", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro",
    "rus": "ru", "spa": "es", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi",
}  # fmt: skip


def language_code(told: str) -> str:
    """Return the BCP 47 code of what a file says (`en_US`, `ENG`, `zh-TW`), or `"und"` when that is no code.

    Only the script of Chinese is kept beside the language: regions make no difference to an index.
    """
    code = told.strip().replace("_", "-").lower()
    if not _CODE.match(code) or code in ("und", "mul", "zxx", "mis"):
        return "und"
    for prefix, full in _SCRIPTED.items():
        if code == prefix or code.startswith(prefix + "-"):
            return full
    language = code.split("-", 1)[0]
    return _THREE.get(language, language)
