"""A message of RFC 5322 to `Message`: fields in any charset, the part to read, what is attached."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Part
from email.utils import parsedate_to_datetime

from index.language.hygiene import clean_line
from index.sources.mail.attachments import AttachedFile
from index.sources.mail.messages import Message
from index.sources.markup.html import plain_text
from index.sources.pictures.inline import pictures_out_of
from index.sources.tables.pages.aligned import with_tables_marked
from index.sources.text.encoding import UnknownEncodingError, decode
from index.sources.text.lines.plaincode import with_code_marked
from index.sources.types import ReadContext, RefusedError

__all__ = ["parse_message"]

_MOST_PARTS = 500
_MOST_DEPTH = 20
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
_SHORT_NOTE, _MUCH_LONGER = 200, 4
_RAISED, _ADDRESS = re.compile("[⁰¹²³⁴-⁹₀-₉]"), re.compile(r"https?://\w")
_MUCH_SHORTER = 0.5
_NAMED_COLUMNS = '"columns": ["'  # in the mark of a record, which plain text can't have (`index.sources.text.marks`)
_QUOTED = re.compile(r"^(>+) ?")
_FOLD = re.compile(r"\r?\n[ \t]")
_WORDS_APART = re.compile(r"\?=\s+=\?")


def parse_message(data: bytes, context: ReadContext) -> Message:
    """Parse one message.

    Raises:
        RefusedError: it has too many parts, or is no message.
    """
    try:
        part = message_from_bytes(data, policy=policy.compat32)
    except (MessageError, ValueError, LookupError) as error:
        raise RefusedError(f"damaged: no readable message ({error})") from error
    return _Walk(context).message(part)


class _Walk:
    """One message with its parts, counted."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._left = _MOST_PARTS

    def message(self, part: Part, depth: int = 0) -> Message:
        fields = _fields(part)
        message = Message(
            subject=fields.get("subject", ""),
            sender=fields.get("from", "") or fields.get("sender", ""),
            to=fields.get("to", ""),
            cc=fields.get("cc", ""),
            bcc=fields.get("bcc", ""),
            date=_date(fields.get("date", "")),
            thread=_thread(fields),
        )
        message.body = self._body(part, message, depth)
        return message

    def _body(self, part: Part, message: Message, depth: int) -> str:
        """Return the words of a part and what is below it; files go to the message."""
        self._left -= 1
        if self._left < 0 or depth > _MOST_DEPTH:
            raise RefusedError(f"more than {_MOST_PARTS} parts, or parts within parts within parts", skipped=True)
        kind = part.get_content_type()
        if kind in _SEALED and not (kind.endswith("mime") and "signed" in str(part.get_param("smime-type", ""))):
            self._context.warn("an encrypted part was left out")
            return ""
        if kind == "message/rfc822":
            below = part.get_payload()
            if isinstance(below, list) and below and isinstance(below[0], Part):
                message.inner.append(self.message(below[0], depth + 1))
            return ""
        if part.is_multipart():
            return self._parts(kind, [each for each in part.get_payload() if isinstance(each, Part)], message, depth)
        return self._leaf(part, kind, message)

    def _parts(self, kind: str, parts: Sequence[Part], message: Message, depth: int) -> str:
        if kind == "multipart/alternative":
            return _best([(each.get_content_type(), self._body(each, message, depth + 1)) for each in parts])
        texts = [self._body(each, message, depth + 1) for each in parts]
        return "\n\n".join(text.strip("\n") for text in texts if text.strip())

    def _leaf(self, part: Part, kind: str, message: Message) -> str:
        name = _file_name(part)
        attached = part.get_content_disposition() == "attachment" or bool(name and not _is_words(kind))
        if kind in _SIGNATURES:
            return ""
        if _is_words(kind) and not attached:
            text = self._text(part)
            if kind != "text/html":
                return with_tables_marked(with_code_marked(_unwrapped(text, part)))
            text, pictures = pictures_out_of(text)
            message.pictures += pictures
            return plain_text(text)
        if part.get("Content-ID") and kind.startswith("image/") and part.get_content_disposition() != "attachment":
            message.pictures.append(_bytes(part))
            return ""
        message.files.append(AttachedFile(name or kind.replace("/", "."), _bytes(part)))
        return ""

    def _text(self, part: Part) -> str:
        try:
            text, warnings = decode(_bytes(part), str(part.get_content_charset() or ""))
        except UnknownEncodingError as error:
            self._context.warn(f"a part was left out: {error.reason}")
            return ""
        for warning in warnings:
            self._context.warn(warning)
        return text


def _is_words(kind: str) -> bool:
    return kind in ("text/plain", "text/html", "text/enriched", "text/markdown")


def _best(choices: Sequence[tuple[str, str]]) -> str:
    """Return the plain alternative, unless it only says that the message is elsewhere, or has lost what is seen.

    That is the grid of a table, raised digits, and where links lead.
    """
    said = [(kind, text) for kind, text in choices if text.strip()]
    plain = next((text for kind, text in said if kind == "text/plain"), "")
    longest = max((text for _, text in said), key=len, default="")
    page = next((text for kind, text in said if kind == "text/html"), "")
    lost = _NAMED_COLUMNS in page or any(each.search(page) and not each.search(plain) for each in (_RAISED, _ADDRESS))
    if lost and len(page) > _MUCH_SHORTER * len(plain):
        return page
    only_note = len(plain) < _SHORT_NOTE and len(longest) > _MUCH_LONGER * len(plain)
    return longest if only_note else plain or longest


def _fields(part: Part) -> dict[str, str]:
    """Return the fields by their name in small letters; one that comes twice is joined."""
    found: dict[str, str] = {}
    for name, raw in part.raw_items():
        value = _decoded(str(raw))
        key = name.lower()
        found[key] = (
            f"{found[key]}, {value}" if key in found and key in ("to", "cc", "bcc") else found.get(key) or value
        )
    return found


def _decoded(raw: str) -> str:
    """Return a field as people read it.

    Neighbouring encoded words of one charset are joined as bytes first: programs cut them in the middle of a letter.
    Bytes that were sent as they are come as lone surrogates, and are decoded like any text.
    """
    unfolded = _WORDS_APART.sub("?==?", _FOLD.sub(" ", raw))
    try:
        pieces = decode_header(unfolded)
    except (MessageError, ValueError):  # base64 that is none
        pieces = [(unfolded, None)]
    return clean_line("".join(_piece(piece, charset) for piece, charset in pieces))


def _piece(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        if piece.isascii():
            return piece
        data = piece.encode("utf-8", "surrogateescape")
    else:
        data = piece
    if data.isascii() and charset is None:
        return data.decode("ascii")
    try:
        return decode(data, charset or "")[0]
    except RefusedError:
        return data.decode("utf-8", "replace")


def _date(date: str) -> dt.datetime | str:
    try:
        return parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return date


def _thread(fields: dict[str, str]) -> str:
    """Return the identifier of the first message of a conversation."""
    named = " ".join(fields.get(name, "") for name in ("references", "in-reply-to", "message-id")).split()
    return next((name.strip("<>") for name in named if name.strip("<>")), "")


def _file_name(part: Part) -> str:
    try:
        return _decoded(str(part.get_filename() or ""))
    except (ValueError, LookupError, TypeError):
        return ""


def _bytes(part: Part) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError):
        payload = None
    return payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "surrogateescape")


def _unwrapped(text: str, part: Part) -> str:
    """Join the lines that the sender's program wrapped and marked so (`format=flowed`, RFC 3676)."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    keeps = str(part.get_param("delsp", "")).lower() != "yes"
    lines: list[str] = []
    open_depth: int | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = _QUOTED.match(line)
        depth, words = (len(marks[1]), line[marks.end() :]) if marks else (0, line.removeprefix(" "))
        if open_depth == depth and lines:
            lines[-1] += words
        else:
            lines.append(("> " if depth else "") + words)
        flows = words.endswith(" ") and words != "-- "
        open_depth = depth if flows else None
        if flows and not keeps:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
