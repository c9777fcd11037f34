"""Outlook's MSG by python-oxmsg (MIT, pure Python over olefile; extract-msg reads more, but is under the GPL)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.language.hygiene import clean_line
from index.sources.mail.attachments import AttachedFile
from index.sources.mail.messages import Message, message_extracts, numbered
from index.sources.mail.parts import parse_message
from index.sources.markup.html import plain_text
from index.sources.pictures.inline import pictures_out_of
from index.sources.tables.pages.aligned import with_tables_marked
from index.sources.text.lines.plaincode import with_code_marked
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

if TYPE_CHECKING:
    import oxmsg
    from oxmsg.attachment import Attachment

__all__ = ["READER"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROPERTY = "__substg1.0_".encode("utf-16-le")
_KIND_OF_RECIPIENT, _SHORT_NAME = 0x0C15, 0x3704
_KINDS = {1: "to", 2: "cc", 3: "bcc"}


def _sniff(head: Head) -> float:
    return 0.9 if head.data.startswith(_OLE) and (_PROPERTY in head.data or head.suffix == ".msg") else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    import oxmsg

    try:
        message = _message(oxmsg.Message.load(data), context)
    except (OSError, ValueError, LookupError, AssertionError, struct.error, AttributeError, RecursionError) as error:
        raise RefusedError(f"damaged: no readable Outlook message ({type(error).__name__}: {error})") from error
    return numbered(message_extracts(message, context))


def _message(source: oxmsg.Message, context: ReadContext) -> Message:
    headers = "\n".join(f"{name}: {' '.join(value.split())}" for name, value in source.message_headers.items())
    sent = parse_message(headers.encode("utf-8", "surrogateescape") + b"\n\n", context)  # what the servers noted
    people = _recipients(source)
    message = Message(
        subject=clean_line(source.subject) or sent.subject,
        sender=sent.sender or clean_line(source.sender or ""),
        to=people["to"] or sent.to,
        cc=people["cc"] or sent.cc,
        bcc=people["bcc"],
        date=sent.date or source.sent_date or "",
        thread=sent.thread,
        body=_body(source, context),
        pictures=pictures_out_of(source.html_body or "")[1],
    )
    for number, attachment in enumerate(source.attachments, 1):
        _attach(attachment, number, message, context)
    return message


def _body(source: oxmsg.Message, context: ReadContext) -> str:
    plain = source.body or ""
    text = with_tables_marked(with_code_marked(plain)) if plain.strip() else plain_text(source.html_body or "")
    if not text.strip():
        context.warn("its words are in a form that is not read (compressed RTF), or it has none; save it as EML")
    return text


def _recipients(source: oxmsg.Message) -> dict[str, str]:
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
    for person in source.recipients:
        kind = _KINDS.get(person.properties.int_prop_value(_KIND_OF_RECIPIENT) or 1, "to")
        name, address = clean_line(person.name), clean_line(person.email_address)
        shown = f"{name} <{address}>" if name and address and name != address else name or address
        if shown:
            found[kind].append(shown)
    return {kind: ", ".join(shown) for kind, shown in found.items()}


def _attach(attachment: Attachment, number: int, message: Message, context: ReadContext) -> None:
    name = clean_line(attachment.file_name or attachment.properties.str_prop_value(_SHORT_NAME) or "")
    data = attachment.file_bytes
    if data is None:
        context.warn(f"the attachment {name or number!r} was not read: it is a message or an object of Outlook itself")
        return
    message.files.append(AttachedFile(name or f"attachment {number}", data))


READER = Reader("Outlook message", (".msg",), _sniff, _read)
