"""Bytes to text. A wrong guess is worse than a warning, so every guess is checked and said."""

from __future__ import annotations

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

__all__ = ["decode", "decode_head"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_SAMPLE = 4096
_GUESS_BYTES = 256 * 1024
_PLAUSIBLE = 0.97
_WEB_NAMES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
              "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949",
              "ks_c_5601-1987": "cp949", "tis-620": "cp874", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
              "big5": "big5hkscs", "iso-8859-8-i": "iso-8859-8"}  # fmt: skip


def decode(data: bytes, declared: str = "") -> tuple[str, list[str]]:
    """Decode a text of unknown encoding.

    In this order: byte order mark, UTF-16 and UTF-32 without one, ISO-2022, UTF-8, what the file declares, a guess.

    Args:
        data: the whole text.
        declared: the encoding that the file or its server names, or `""`.

    Returns:
        The text, and what a person should know (empty when nothing had to be guessed).
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace"), []
    for name in _certain_names(data):
        text = _strict(data, name)
        if text is not None:
            return text, []
    text = _strict(data, _WEB_NAMES.get(declared.strip().lower(), declared.strip().lower())) if declared else None
    if text is not None and plausibility(text[:_SAMPLE]) >= _PLAUSIBLE:
        return text, []
    return _guess(data)


def decode_head(data: bytes) -> str:
    """Decode the beginning of a file roughly, enough to recognise its format; `""` when it is no text."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "ignore")
    if b"\0" in data:
        for name in _WIDE:
            text = data[: len(data) // 4 * 4].decode(name, "ignore")
            if len(text) * 8 > len(data) and plausibility(text[:_SAMPLE]) >= _PLAUSIBLE:
                return text
        return ""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text if _control_share(text[:_SAMPLE]) < 0.01 else ""


def plausibility(text: str) -> float:
    """Return the share of characters that real text is made of: assigned, no controls, no private use."""
    if not text:
        return 0.0
    return 1.0 - sum(1 for c in text if _is_odd(c)) / len(text)


def _is_odd(character: str) -> bool:
    return character not in "\t\n\r\f" and unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")


def _control_share(text: str) -> float:
    controls = sum(1 for c in text if c < " " and c not in "\t\n\r\f\x1a\x1b")
    return controls / max(1, len(text))


def _certain_names(data: bytes) -> list[str]:
    if b"\0" in data[:_SAMPLE]:
        even = data[: len(data) // 4 * 4]
        scored = [(plausibility(even[:_SAMPLE].decode(name, "replace")), name) for name in _WIDE]
        return [name for score, name in sorted(scored, reverse=True) if score >= _PLAUSIBLE]
    names = ["utf-8"]
    if re.search(rb"\x1b\$[B@]|\x1b\([BJI]", data[:_GUESS_BYTES]):
        names.insert(0, "iso2022_jp_2")
    elif b"\x1b$)C" in data[:_SAMPLE]:
        names.insert(0, "iso2022_kr")
    return names


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guess(data: bytes) -> tuple[str, list[str]]:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 100 <= sum(1 for c in text if c > "\x7f"):
        return text, [f"not quite valid UTF-8; {broken} broken places are shown as \ufffd"]
    best = from_bytes(data[:_GUESS_BYTES]).best()
    name = best.encoding if best is not None else "cp1252"
    guessed = _strict(data, name)
    if guessed is None:
        guessed = data.decode(name, "replace")
    return guessed, [f"the encoding is not stated; read as {name}, which may be wrong: save it as UTF-8 to be sure"]
