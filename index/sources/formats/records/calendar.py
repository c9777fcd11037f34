"""Calendars and contacts (.ics, .vcf): every event, task and person with what its program shows, each a document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from index.language.hygiene import clean_line
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.text.lines.contentlines import ContentLine, content_lines, parts_of, plain_value
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_START = re.compile(r"\A\ufeff?\s*BEGIN:(?:VCALENDAR|VCARD)\b", re.IGNORECASE)
_SHOWN = ("VEVENT", "VTODO", "VJOURNAL", "VCARD")
_NAMES = {
    "SUMMARY": "Summary", "FN": "Name", "NICKNAME": "Nickname", "ORG": "Organization", "TITLE": "Job title",
    "ROLE": "Role", "DTSTART": "Start", "DTEND": "End", "DUE": "Due", "COMPLETED": "Completed",
    "DURATION": "Duration", "RRULE": "Repeats", "EXDATE": "Not on", "LOCATION": "Location", "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendees", "STATUS": "Status", "CATEGORIES": "Categories", "EMAIL": "E-mail", "TEL": "Phone",
    "ADR": "Address", "BDAY": "Birthday", "ANNIVERSARY": "Anniversary", "URL": "Address on the web",
    "PERCENT-COMPLETE": "Percent complete", "DESCRIPTION": "Description", "COMMENT": "Comment", "NOTE": "Note",
}  # fmt: skip
_UNSHOWN = frozenset(
    ["BEGIN", "END", "UID", "DTSTAMP", "SEQUENCE", "CREATED", "LAST-MODIFIED", "TRANSP", "CLASS", "PRODID", "VERSION",
    "METHOD", "REV", "PHOTO", "LOGO", "SOUND", "KEY", "ATTACH", "N", "KIND", "PRIORITY", "CALSCALE", "LABEL",
    "RECURRENCE-ID", "REQUEST-STATUS", "MAILER", "SORT-STRING", "PROFILE", "CLIENTPIDMAP", "XML", "SOURCE"]
)  # fmt: skip
_PARTED = frozenset(["ADR", "ORG"])
_PLACE_KINDS = frozenset(["home", "work", "cell", "fax", "pager"])
_PEOPLE = frozenset(["ORGANIZER", "ATTENDEE"])
_DATES = frozenset(["DTSTART", "DTEND", "DUE", "COMPLETED", "EXDATE", "BDAY", "ANNIVERSARY"])
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?\Z")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
         "SU": "Sunday"}  # fmt: skip
_MOST = 100_000


def _sniff(head: Head) -> float:
    return 0.95 if _START.match(head.text) else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    text = decoded(data, context)
    extracts = [_extract(lines) for lines in _components(text)]
    extracts = [extract for extract in extracts if extract.text]
    for number, extract in enumerate(extracts if len(extracts) > 1 else (), 1):
        extract.number = number
    return extracts or [Extract("")]


def _components(text: str) -> Iterator[list[ContentLine]]:
    """Yield the properties of each event, task or person; what stands within one (alarms) is left out."""
    open_parts: list[str] = []
    found: list[ContentLine] = []
    count = 0
    for line in content_lines(text):
        kind = line.value.strip().upper()
        if line.name == "BEGIN":
            open_parts.append(kind)
            found = [] if kind in _SHOWN else found
        elif line.name == "END":
            if open_parts and open_parts.pop() in _SHOWN and found:
                count += 1
                yield found
                found = []
            if count > _MOST:
                raise RefusedError(f"more than {_MOST:,} rows", "split it", skipped=True)
        elif open_parts and open_parts[-1] in _SHOWN:
            found.append(line)


def _extract(lines: Sequence[ContentLine]) -> Extract:
    builder = TextBuilder()
    shown: dict[str, list[str]] = {}
    for line in lines:
        if line.name not in _UNSHOWN and not line.name.startswith("X-") and (value := _value(line)):
            values = shown.setdefault(_label(line), [])
            values += [] if value in values else [value]
    if "Name" not in shown and (name := next((line for line in lines if line.name == "N"), None)):
        family, *given = parts_of(name.value) or [""]
        shown = {"Name": [" ".join([*given, family]).strip()], **shown}
    order = list(_NAMES.values())
    for label, values in sorted(shown.items(), key=lambda pair: _place(order, pair[0])):
        for value in [", ".join(values)] if label in ("Attendees", "Categories", "Not on") else values:
            builder.line(f"{label}: {value}")
    extract = builder.extract()
    extract.title = clean_line((shown.get("Summary") or shown.get("Name") or [""])[0])
    started = next((_DATE.match(line.value.strip()) for line in lines if line.name in ("DTSTART", "DUE")), None)
    author = (shown.get("Organizer") or [""])[0]
    extract.fields |= {"author": author, "date": "-".join(started.group(1, 2, 3)) if started else ""}
    return extract


def _place(order: Sequence[str], label: str) -> int:
    name = label.partition(" (")[0]
    return order.index(name) if name in order else len(order) - 3  # before what is prose


def _label(line: ContentLine) -> str:
    """Return what stands before a value: the name of the property, and which of several it is."""
    name = _NAMES.get(line.name, line.name.replace("-", " ").capitalize())
    types = ",".join([line.parameters.get("TYPE", ""), *(key for key, value in line.parameters.items() if not value)])
    kinds = [kind for kind in re.split(r"[,;\s]+", types.lower()) if kind in _PLACE_KINDS]
    return f"{name} ({', '.join(dict.fromkeys(kinds))})" if kinds else name


def _value(line: ContentLine) -> str:
    """Return a value as a calendar or a list of contacts shows it."""
    if line.name in _DATES:
        return ", ".join(_date(value, line.parameters.get("TZID", "")) for value in line.value.split(","))
    if line.name in _PEOPLE:
        address = re.sub(r"\Amailto:", "", line.value.strip(), flags=re.IGNORECASE)
        name = line.parameters.get("CN", "")
        return f"{name} <{address}>" if name and name != address else address
    if line.name in _PARTED:
        return ", ".join(" ".join(part.split()) for part in parts_of(line.value))
    if line.name == "RRULE":
        return _rule(line.value)
    value = plain_value(line.value)
    return re.sub(r"\A(?:tel|mailto):", "", value, flags=re.IGNORECASE) if line.name in ("TEL", "EMAIL") else value


def _date(value: str, zone: str) -> str:
    found = _DATE.match(value.strip())
    try:
        day = dt.date(*map(int, found.group(1, 2, 3))) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        return plain_value(value)
    time = f", {found[4]}:{found[5]}" if found[4] else ""
    shift = "UTC" if found[6] == "Z" else found[6] or ""
    offset = f" {shift}" if shift else f" ({zone})" if zone and time else ""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}{time}{offset}"


def _rule(value: str) -> str:
    """Return in words how often something comes again."""
    parts = dict(part.partition("=")[::2] for part in value.strip().upper().split(";"))
    every = parts.get("INTERVAL", "1")
    words = [parts.get("FREQ", "").lower() + (f", every {every}" if every != "1" else "")]
    if days := [_day(day) for day in parts.get("BYDAY", "").split(",") if day]:
        words.append("on " + ", ".join(days))
    if "COUNT" in parts:
        words.append(f"{parts['COUNT']} times")
    if "UNTIL" in parts:
        words.append("until " + _date(parts["UNTIL"], ""))
    return ", ".join(word for word in words if word)


def _day(code: str) -> str:
    """Return the day of a rule: `MO`, or `2TU` for the second Tuesday of a month."""
    number, name = code[:-2], _DAYS.get(code[-2:], code[-2:])
    return f"{name} ({number})" if number else name


READER = Reader("Calendar or contacts", (".ics", ".ical", ".ifb", ".vcf", ".vcard"), _sniff, _read)
