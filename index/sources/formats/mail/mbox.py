"""MBOX: a mailbox in one file; each message is a document of its own, and so is what is attached to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.mail.messages import message_extracts, numbered
from index.sources.mail.parts import parse_message
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

# A line "From …" begins a message only where a field follows: people begin sentences with that word, too.
_START = re.compile(rb"(?:\A\s*|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\r?\n(?=>?[!-9;-~]+:)")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MOST_MESSAGES = 100_000


def _sniff(head: Head) -> float:
    return 0.85 if _START.match(head.data) else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    extracts: list[Extract] = []
    for number, message in enumerate(_messages(data), 1):
        if number > _MOST_MESSAGES:
            raise RefusedError(f"more than {_MOST_MESSAGES:,} messages", "split it", skipped=True)
        context.step(f"message {number}")
        try:
            extracts += message_extracts(parse_message(message, context), context)
        except RefusedError as error:
            context.warn(f"message {number} was left out: {error.reason}")
    return numbered(extracts, mailbox=True)


def _messages(data: bytes) -> Iterator[bytes]:
    starts = list(_START.finditer(data))
    ends = [*(start.start() for start in starts[1:]), len(data)]
    for start, end in zip(starts, ends, strict=True):
        yield _ESCAPED.sub(rb"\1", data[start.end() : end])


READER = Reader("mailbox", (".mbox", ".mbx"), _sniff, _read)
