"""What e-mail formats share: a message with its fields, its words and its files, and how it becomes documents."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.language.hygiene import clean_line
from index.sources.mail.attachments import AttachedFile, read_attached
from index.sources.office.leftout import LeftOut
from index.sources.pictures.words import PictureWords
from index.sources.text.builder import TextBuilder
from index.sources.text.dates import iso_date
from index.sources.types import Extract, ReadContext
from index.types import JsonValue

__all__ = ["Message", "message_extracts", "numbered"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FIELD_LENGTH = 4000
_MOST_PEOPLE = 100
# Commas between addresses, not those within quotation marks or brackets.
_BETWEEN = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^<>]*>)')


@dataclass(slots=True)
class Message:
    """A message as its format gives it.

    Attributes:
        subject: or `""`.
        sender: who wrote it, as shown (`Ann <ann@example.org>`).
        to: to whom, as shown.
        cc: who got a copy.
        bcc: who got one that the others don't know of; only senders keep it.
        date: when it was sent, or what the field says where that is no date.
        body: its words.
        pictures: those that its text shows, each as it is kept.
        files: what is attached.
        inner: messages that are attached.
        thread: an identifier that the messages of a conversation share, or `""`.
    """

    subject: str = ""
    sender: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    date: dt.datetime | str = ""
    body: str = ""
    pictures: list[bytes] = field(default_factory=list, repr=False)
    files: list[AttachedFile] = field(default_factory=list)
    inner: list[Message] = field(default_factory=list)
    thread: str = ""


def message_extracts(message: Message, context: ReadContext) -> list[Extract]:
    """Return the text of a message, then those of what is attached; none has its number yet."""
    extract = _extract(message, context)
    context.characters += len(extract.text)
    found = [extract]
    title = message.subject or "a message without a subject"
    for file in message.files:
        found += read_attached(file, title, context)
    deeper = replace(context, depth=context.depth + 1)  # shares the list of warnings
    for inner in message.inner:
        for each in message_extracts(inner, deeper):
            each.fields.setdefault("attachment_of", title)
            found.append(each)
    context.characters = deeper.characters if message.inner else context.characters
    return found


def numbered(extracts: Sequence[Extract], *, mailbox: bool = False) -> list[Extract]:
    """Number the texts of a file from 1: all of a mailbox, of a message alone what is attached to it."""
    for number, extract in enumerate(extracts if mailbox else extracts[1:], 1):
        extract.number = number
    return list(extracts)


def _extract(message: Message, context: ReadContext) -> Extract:
    builder = TextBuilder()
    shown = [(name, clean_line(value)[:_FIELD_LENGTH]) for name, value in _shown_fields(message)]
    builder.block("\n".join(f"{name}: {value}" for name, value in shown if value))
    builder.block(message.body)
    _write_pictures(message, builder, context)
    extract = builder.extract()
    extract.title = message.subject
    extract.fields |= _metadata(message)
    return extract


def _write_pictures(message: Message, builder: TextBuilder, context: ReadContext) -> None:
    """Write the words in the pictures of a message behind its own."""
    left_out = LeftOut()
    pictures = PictureWords(context, left_out, len(message.pictures))
    for data in message.pictures:
        pictures.write(data, builder)
    pictures.report()
    left_out.report(context)


def _shown_fields(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the fields that a mail program shows above a message."""
    yield "From", message.sender
    yield "To", message.to
    yield "Cc", message.cc
    yield "Bcc", message.bcc
    yield "Date", _date_words(message.date)
    yield "Subject", message.subject


def _date_words(date: dt.datetime | str) -> str:
    if isinstance(date, str):
        return date
    zone = date.strftime(" %z")
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}, {date:%H:%M}{zone if zone.strip() else ''}"


def _metadata(message: Message) -> dict[str, JsonValue]:
    people = [*_people(message.to), *_people(message.cc), *_people(message.bcc)]
    return {
        "author": message.sender,
        "sender": message.sender,
        "recipients": people[:_MOST_PEOPLE] or None,
        "date": iso_date(message.date),
        "subject": message.subject,
        "thread": message.thread,
    }


def _people(field_text: str) -> list[str]:
    return [person.strip() for person in _BETWEEN.split(field_text[:_FIELD_LENGTH]) if person.strip()]
