"""Calendars and contacts: events, tasks and people as their programs show them, never as their lines."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.types import ReadResult

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//X//Y//EN
BEGIN:VTIMEZONE
TZID:Europe/Oslo
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260401T080000Z
DTSTART;TZID=Europe/Oslo:20260503T093000
DTEND;TZID=Europe/Oslo:20260503T110000
RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260601T000000Z
SUMMARY:Inspection of the harbour\\, northern pi
 er
LOCATION:Quay 4\\; gate B
ORGANIZER;CN="Mei Tanaka; office":mailto:mei@example.org
ATTENDEE;CN=Omar Haddad;ROLE=REQ-PARTICIPANT:mailto:omar@example.org
ATTENDEE:mailto:tom@example.org
DESCRIPTION:Bring the key.\\nThe pump is tested first.
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VTODO
SUMMARY:Order valves
DUE;VALUE=DATE:20260610
END:VTODO
END:VCALENDAR
"""
PEOPLE = """BEGIN:VCARD
VERSION:3.0
N:Tanaka;Mei;;;
FN:Mei Tanaka
ORG:Harbour Office;Pumps
item1.TEL;TYPE=work,voice:+47 55 12 34
TEL;TYPE=CELL:+47 99 88 77
EMAIL;TYPE=INTERNET:mei@example.org
ADR;TYPE=home:;;Hill Road 3;Bergen;;5003;Norway
BDAY:1990-05-03
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=
=C3=BCrgen
TEL;HOME:12345
END:VCARD
"""


def result_of(folder: Path, name: str, data: bytes) -> ReadResult:
    (folder / name).write_bytes(data)
    return read(discover([folder / name]).files[0])


def test_an_event_is_read_as_a_calendar_shows_it(tmp_path: Path) -> None:
    event, task = result_of(tmp_path, "a.ics", CALENDAR.replace("\n", "\r\n").encode()).documents
    assert event.text == (
        "Summary: Inspection of the harbour, northern pier\n"
        "Start: 3 May 2026, 09:30 (Europe/Oslo)\n"
        "End: 3 May 2026, 11:00 (Europe/Oslo)\n"
        "Repeats: weekly, on Monday, Thursday, until 1 June 2026, 00:00 UTC\n"
        "Location: Quay 4; gate B\n"
        "Organizer: Mei Tanaka; office <mei@example.org>\n"
        "Attendees: Omar Haddad <omar@example.org>, tom@example.org\n"
        "Description: Bring the key.\nThe pump is tested first."
    )
    assert event.title == "Inspection of the harbour, northern pier"
    assert event.metadata["date"] == "2026-05-03"
    assert task.text == "Summary: Order valves\nDue: 10 June 2026"


def test_people_are_read_as_a_list_of_contacts_shows_them(tmp_path: Path) -> None:
    mei, juergen = result_of(tmp_path, "people.vcf", PEOPLE.encode()).documents
    assert mei.text == (
        "Name: Mei Tanaka\nOrganization: Harbour Office, Pumps\nE-mail: mei@example.org\nPhone (work): +47 55 12 34\n"
        "Phone (cell): +47 99 88 77\nAddress (home): Hill Road 3, Bergen, 5003, Norway\nBirthday: 3 May 1990"
    )
    assert mei.title == "Mei Tanaka"
    assert juergen.text == "Name: Jürgen Müller\nPhone (home): 12345"


def test_a_calendar_attached_to_a_mail_is_named_by_its_event(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann <ann@example.org>", "Invitation"
    message.set_content("See what is attached.")
    event = CALENDAR.partition("BEGIN:VTODO")[0] + "END:VCALENDAR\n"
    message.add_attachment(event.encode(), "text", "calendar", filename="invite.ics")
    _, attached = result_of(tmp_path, "a.eml", message.as_bytes()).documents
    assert attached.title == "Inspection of the harbour, northern pier (invite.ics), attachment of Invitation"
    assert "BEGIN" not in attached.text
    assert "Start: 3 May 2026, 09:30" in attached.text


def test_damaged_calendars_lose_only_what_is_damaged(tmp_path: Path) -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Fair\nDTSTART:20269999\nno colon here\nEND:VEVENT\nBEGIN:VEVENT\n"
    (event,) = result_of(tmp_path, "a.ics", text.encode()).documents
    assert event.text == "Summary: Fair\nStart: 20269999"
