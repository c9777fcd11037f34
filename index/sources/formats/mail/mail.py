"""EML: one message with its fields, its words and what is attached."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.sources.mail.messages import message_extracts, numbered
from index.sources.mail.parts import parse_message
from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]

_FIELD = re.compile(
    r"^(?:from|to|cc|subject|date|message-id|received|return-path|mime-version|delivered-to|reply-to|content-type)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_LENGTH_LINE = re.compile(rb"\A\d{1,12}[ \t]*\r?\n")  # Apple Mail's .emlx begins with the length of the message


def _sniff(head: Head) -> float:
    top = re.split(r"\r?\n\r?\n", _without_length(head), maxsplit=1)[0]
    found = {match[0].lower() for match in _FIELD.finditer(top)}
    starts = bool(re.match(r"[A-Za-z][\w-]*\s*:", top))
    return 0.8 if starts and len(found) >= (2 if head.suffix in (".eml", ".emlx") else 3) else 0.0


def _without_length(head: Head) -> str:
    text = head.text or head.data.decode("latin-1") if head.suffix in (".eml", ".emlx") else head.text
    return re.sub(r"\A\d{1,12}[ \t]*\r?\n", "", text.lstrip("\ufeff"))


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    length = _LENGTH_LINE.match(data)
    if length:
        data = data[length.end() : length.end() + int(length[0])]
    return numbered(message_extracts(parse_message(data, context), context))


READER = Reader("e-mail", (".eml", ".emlx"), _sniff, _read)
