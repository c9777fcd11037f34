"""EML: subject, sender, date and the body of a message; attachments are named, not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser

from index.sources.builder import TextBuilder
from index.sources.dates import iso_date
from index.sources.encoding import decode
from index.sources.htmltext import plain_text
from index.sources.hygiene import clean_line
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_FIELD = re.compile(
    r"^(?:from|to|cc|subject|date|message-id|received|return-path|mime-version|delivered-to|reply-to|content-type)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_MOST_PARTS = 500


def _sniff(head: Head) -> float:
    top = re.split(r"\r?\n\r?\n", head.text.lstrip("\ufeff"), maxsplit=1)[0]
    found = {match[0].lower() for match in _FIELD.finditer(top)}
    starts = bool(re.match(r"(?:From [^\n]*\n)?[A-Za-z][\w-]*\s*:", top))
    return 0.8 if starts and len(found) >= (2 if head.suffix == ".eml" else 3) else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    try:
        message = BytesParser(policy=policy.default.clone(raise_on_defect=False)).parsebytes(data)
    except (MessageError, ValueError, LookupError) as error:
        raise RefusedError(f"damaged: no readable message ({error})") from error
    assert isinstance(message, EmailMessage)
    builder = TextBuilder()
    builder.heading(1, _field(message, "subject"))
    builder.block(_body(message, context))
    extract = builder.extract()
    extract.title = _field(message, "subject")
    extract.fields = {"author": _field(message, "from"), "date": _date(message)}
    return [extract]


def _field(message: EmailMessage, name: str) -> str:
    try:
        return clean_line(str(message.get(name) or ""))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError, MessageError):
        return ""  # the parser of the standard library trips over some malformed fields


def _date(message: EmailMessage) -> str:
    try:
        return iso_date(getattr(message.get("date"), "datetime", None) or "")
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""


def _body(message: EmailMessage, context: ReadContext) -> str:
    plain: list[str] = []
    pages: list[str] = []
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            raise RefusedError(f"more than {_MOST_PARTS} parts", skipped=True)
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            context.warn(f"the attachment {_name(part)!r} is not read; save it beside the message to have it read")
        elif kind == "text/html":
            pages.append(plain_text(_text(part, context)))
        else:
            plain.append(_text(part, context))
    return "\n\n".join(plain if any(text.strip() for text in plain) else pages)


def _name(part: EmailMessage) -> str:
    try:
        return clean_line(part.get_filename() or part.get_content_type())
    except (ValueError, LookupError, TypeError):
        return part.get_content_type()


def _text(part: EmailMessage, context: ReadContext) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    text, warnings = decode(data, str(part.get_content_charset() or ""))
    for warning in warnings:
        context.warn(warning)
    return text


READER = Reader("e-mail", (".eml",), _sniff, _read)
