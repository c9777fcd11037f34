"""Text layers of PDF files that are nonsense, because a font names other characters than it draws."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from index.sources.pdf.layout import HYPHENS
from index.sources.tables.pages.pdf import WITHOUT_SPACES
from index.sources.text.letterpairs import likeness

__all__ = ["is_garbled", "reread"]

_SAMPLE = 6000
_TWO_BYTES = re.compile(
    "[" + "".join(f"{chr(lead << 8 | 0x80)}-{chr(lead << 8 | 0xBF)}" for lead in range(0xC2, 0xD8)) + "]"
)
_ALL_BUT_A_FEW = 0.95
_KNOWN_SCRIPTS = frozenset(["HANGUL", "CYRILLIC", "ARABIC", "HEBREW", "GREEK", "THAI"])
_ENOUGH_PAIRS, _UNLIKE = 100, 0.1


def is_garbled(text: str) -> bool:
    """Say whether a text layer is nonsense: many unassigned characters, or scripts mixed within words."""
    sample = text[:_SAMPLE]
    shown = [c for c in sample if not c.isspace()]
    odd = sum(unicodedata.category(c) in ("Cc", "Cn", "Co") and c not in HYPHENS for c in shown)
    words = [word for word in re.findall(r"[^\W\d_]{3,}", sample) if not WITHOUT_SPACES.search(word)]
    mixed = sum(len({_script(c) for c in word}) > 1 for word in words)
    return odd > 0.15 * len(shown) or (len(words) >= 10 and mixed > 0.3 * len(words)) or _is_no_language(shown)


def reread(pages: Sequence[list[str]]) -> list[list[str]] | None:
    """Return a garbled text as it was meant, where its fonts tell their characters in UTF-8 instead of UTF-16.

    Each letter of two bytes in UTF-8, as in Cyrillic, Greek or Hebrew, then comes as one character, mostly a Hangul
    syllable. `None` when the text is not of that kind, or is no better for it.
    """
    text = "\n".join("\n".join(lines) for lines in pages)
    letters = [c for c in text if c.isalpha() and c > "\u024f"]
    paired = sum(bool(_TWO_BYTES.match(c)) for c in letters)
    if not letters or paired < _ALL_BUT_A_FEW * len(letters):
        return None
    repaired = [[_TWO_BYTES.sub(_one_letter, line) for line in lines] for lines in pages]
    return None if is_garbled("\n".join("\n".join(lines) for lines in repaired)) else repaired


def _one_letter(found: re.Match[str]) -> str:
    return found[0].encode("utf-16-be").decode("utf-8", "replace")


def _is_no_language(shown: Sequence[str]) -> bool:
    """Say whether a text in a well-known script is like no language that is written in it."""
    letters = [_script(c) for c in shown if c.isalpha()]
    if sum(script in _KNOWN_SCRIPTS for script in letters) * 2 <= len(letters):
        return False
    score, _, pairs = likeness("".join(shown))
    return pairs >= _ENOUGH_PAIRS and score < _UNLIKE


def _script(character: str) -> str:
    return unicodedata.name(character, "?").split(" ", 1)[0]
