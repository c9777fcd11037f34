"""Unicode hygiene: the text that is indexed is the text that readers see.

Removed: tag characters, direction overrides and isolates, controls other than newline and tab, byte order marks, soft
hyphens, annotation marks and noncharacters. Kept: the joiners that Persian, Indic scripts and emoji need (U+200C,
U+200D), direction marks (U+200E, U+200F, U+061C), word breaks of Thai and Khmer (U+200B), variation selectors.
The result is in Unicode's normalisation form C, with line feeds as the only line ends.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "clean_line", "printable"]

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def clean(text: str) -> str:
    """Return the text without what nobody can see; line structure is kept. Cleaning twice changes nothing."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text.replace("\u2029", "\n\n"))
    text = _INVISIBLE.sub("", _NEWLINES.sub("\n", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """Return the text on one line, runs of white space as one space."""
    return _SPACES.sub(" ", clean(text)).strip()


def printable(name: str) -> str:
    """Return a name that is safe to print: controls, direction overrides and broken bytes are shown escaped."""
    if name.isprintable():  # the quick answer for nearly all: nothing hostile is printable to Python
        return name
    return "".join(_escaped(c) if _is_hostile(c) else c for c in name)


def _is_hostile(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or character in _DIRECTION or "\U000e0000" <= character <= "\U000e007f"


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte of a name that is no valid UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii") if code < 0xD800 or code > 0xDFFF else f"\\u{code:04x}"
