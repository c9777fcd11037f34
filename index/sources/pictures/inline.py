"""Pictures that stand in a text themselves, as `data:` addresses (RFC 2397): taken out of it, and read by OCR.

An address may have millions of letters. It is made a short one before the text is parsed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

from index.language.hygiene import clean
from index.sources.office.leftout import LeftOut
from index.sources.pictures.opened import kind_of
from index.sources.pictures.words import PictureWords
from index.sources.text.builder import TextBuilder
from index.sources.types import Extract, ReadContext

__all__ = ["InlinePictures", "picture_in", "pictures_out_of"]

# A line that ends within one goes on in the next one: many letters, or few before a quotation mark.
_ADDRESS = re.compile(
    r"data:image/[\w.+-]{1,40}(?:;[\w=-]{1,40}){0,5},"
    r"""(?:[A-Za-z0-9+/=_-]|%[0-9A-Fa-f]{2}|\r?\n[ \t]*(?=[A-Za-z0-9+/]{20}|[A-Za-z0-9+/]{1,80}={0,2}["']))+"""
)
_BASE64 = re.compile(r"[^,]{1,200};base64,")
_SHORT = re.compile("data:,\ufdd5(\\d+)\ufdd5")
_TAG = re.compile(r"<(?:img|image|object|embed|input)\b[^<>]*>", re.IGNORECASE)
_SOURCES = re.compile("<(?:img|image|object|embed|input)\\b[^<>]*?data:,\ufdd5(\\d+)\ufdd5[^<>]*>", re.IGNORECASE)
_FEWEST_BYTES = 300  # in fewer are dots, lines and colours
_MOST = 1_000  # in one text


class InlinePictures:
    """Takes the pictures out of a text and writes their words where they are asked for.

    Args:
        text: a page or a file of Markdown.
        context: of the file.
        markup: whether it is HTML, in which an address outside its tags is shown.

    Attributes:
        text: with a short address in the place of each picture.
    """

    def __init__(self, text: str, context: ReadContext, *, markup: bool = False) -> None:
        self._addresses: list[str] = []
        self._left_out = LeftOut()
        self.text = text
        if "data:image/" in text:
            self.text = _TAG.sub(self._tag, text) if markup else _ADDRESS.sub(self._shortened, text)
        self._words = PictureWords(context, self._left_out, len(self._addresses))
        self._context = context

    def _tag(self, found: re.Match[str]) -> str:
        return _ADDRESS.sub(self._shortened, found[0])

    def _shortened(self, found: re.Match[str]) -> str:
        if len(self._addresses) >= _MOST or len(found[0]) < _FEWEST_BYTES:
            return found[0]
        self._addresses.append(found[0])
        return f"data:,\ufdd5{len(self._addresses) - 1}\ufdd5"

    def restored(self, text: str) -> str:
        """Return words as they stood in the text: an address that is shown, in code, is no picture."""
        return _SHORT.sub(lambda found: self._addresses[int(found[1])], text) if "\ufdd5" in text else text

    @staticmethod
    def of_markup(markup: str) -> dict[str, bool]:
        """Return the addresses of the pictures that some HTML within Markdown shows, each as not described."""
        return {f"data:,\ufdd5{number}\ufdd5": False for number in _SOURCES.findall(markup)}

    def write(self, shown: Mapping[str, bool], builder: TextBuilder) -> None:
        """Write the words of pictures as blocks of their own, marked as read by OCR.

        Args:
            shown: addresses, and whether the author said what the picture shows; those of files are passed over.
            builder: gets the words.
        """
        for paragraph in self._read(shown):
            builder.recognised(paragraph)

    def append(self, shown: Mapping[str, bool], extract: Extract) -> None:
        """Write the words of pictures behind a text, as `write` does."""
        spans: list[list[int]] = []
        for paragraph in map(clean, self._read(shown)):
            extract.text += ("\n\n" if extract.text else "") + paragraph.strip()
            spans.append([len(extract.text) - len(paragraph.strip()), len(extract.text)])
        if spans:
            extract.fields = {**extract.fields, "ocr": spans}

    def report(self) -> None:
        """Warn of what was read, and of what could not be."""
        self._words.report()
        self._left_out.report(self._context)

    def _read(self, shown: Mapping[str, bool]) -> Iterable[str]:
        for address, described in shown.items():
            found = _SHORT.fullmatch(address.strip())
            if found and int(found[1]) < len(self._addresses):
                data = picture_in(self._addresses[int(found[1])])
                if data:
                    yield from self._words.found_in(data, described=described)


def pictures_out_of(markup: str) -> tuple[str, list[bytes]]:
    """Return the HTML of a mail without the pictures that it shows itself, and these."""
    if "data:image/" not in markup:
        return markup, []
    found = [picture_in(address) for tag in _TAG.findall(markup) for address in _ADDRESS.findall(tag)[:1]]
    text = _TAG.sub(lambda tag: _ADDRESS.sub("", tag[0]), markup)
    return text, [data for data in found if data][:_MOST]


def picture_in(address: str) -> bytes:
    """Return the picture of a `data:` address; nothing where it is none of points, or too small for words."""
    start = _BASE64.match(address)
    if start is None:
        return b""
    written = unquote_to_bytes("".join(address[start.end() :].split()))
    try:
        data = base64.b64decode(written + b"=" * (-len(written) % 4))
    except (binascii.Error, ValueError):
        return b""
    return data if kind_of(data) and len(data) >= _FEWEST_BYTES else b""
