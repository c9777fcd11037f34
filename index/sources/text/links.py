"""Where links lead, shown behind their words: "the form (https://example.org/form)".

Only in texts that have few of them: a page of links would drown in addresses, and is not read for them.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

from index.language.hygiene import clean_line

__all__ = ["Links", "picture_words"]

_ALWAYS, _LETTERS_A_LINK = 20, 250  # links that any text may have, and letters for each further one
_LONGEST = 200
_SHOWN = ("http", "https", "ftp", "mailto", "tel")
_BLANK = re.compile(r"\s")
_LEAST_WORDS = 10  # letters; shorter ones are names of files and "logo"
_FILE_NAME = re.compile(r"\S+\.\w{2,5}")


class Links:
    """Says what to show behind the words of a link; each target is shown once.

    Args:
        count: how many links the text has.
        letters: how long it is.
        base: the address that targets are relative to, or `""`.
    """

    def __init__(self, count: int, letters: int, base: str = "") -> None:
        self.shown = count <= max(_ALWAYS, letters // _LETTERS_A_LINK)
        self._base = base
        self._seen: set[str] = set()

    def behind(self, words: str, target: str) -> str:
        """Return what goes behind a link's words: its target in brackets after a space, or `""`."""
        address = self._address(target) if self.shown else ""
        if not address or address in self._seen or address.lower() in _without_scheme(words):
            return ""
        if not any(map(str.isalnum, words)):
            return ""
        self._seen.add(address)
        return f" ({address})"

    def _address(self, target: str) -> str:
        target = target.strip()
        if target.startswith("#"):
            return ""
        try:
            address = urljoin(self._base, target) if self._base else target
            scheme = urlsplit(address).scheme.lower()
        except ValueError:
            return ""
        if scheme not in _SHOWN or _BLANK.search(address):
            return ""
        if scheme in ("mailto", "tel"):
            address = unquote(address.partition(":")[2].partition("?")[0])
        return address if clean_line(address) == address and 0 < len(address) <= _LONGEST else ""


def picture_words(description: str) -> str:
    """Return what stands for a picture whose author said what it shows, or `""`."""
    words = clean_line(description)
    return "" if len(words) < _LEAST_WORDS or _FILE_NAME.fullmatch(words) else f"[Picture: {words}]"


def _without_scheme(words: str) -> str:
    """Return words that may be an address themselves, with and without what programs leave out of one."""
    lower = words.strip().lower()
    return f"{lower} {lower}/ http://{lower} https://{lower} http://{lower}/ https://{lower}/"
