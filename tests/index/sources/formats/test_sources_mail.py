"""Mail as people keep it: single messages, mailboxes, Outlook's files; their fields, charsets and attachments."""

from __future__ import annotations

import base64
import io
import quopri
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadResult
from tests.harness.compound_file import outlook_message
from tests.harness.hostile_files import docx, word_paragraph


def read_one(folder: Path, name: str, data: bytes) -> ReadResult:
    """Read a file as a build does, in the child process."""
    (folder / name).write_bytes(data)
    ((_, result),) = read_many(discover([folder]).files, workers=1)
    assert isinstance(result, ReadResult), result
    return result


def letter(subject: str = "Report", body: str = "The tide was high.\n", **fields: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Mei Lin <mei@example.org>", "Ben <ben@example.org>", subject
    message["Date"] = "Wed, 03 Mar 2021 10:00:00 +0100"
    for name, value in fields.items():
        message[name] = value
    message.set_content(body)
    return message


def test_fields_stand_in_the_text_and_in_the_metadata(tmp_path: Path) -> None:
    message = letter(Cc='"Moreau, Ines" <ines@example.org>, Raj <raj@example.org>')
    (document,) = read_one(tmp_path, "a.eml", message.as_bytes()).documents
    assert document.text == (
        "From: Mei Lin <mei@example.org>\nTo: Ben <ben@example.org>\n"
        'Cc: "Moreau, Ines" <ines@example.org>, Raj <raj@example.org>\n'
        "Date: 3 March 2021, 10:00 +0100\nSubject: Report\n\nThe tide was high."
    )
    assert document.title == "Report"
    assert document.metadata["sender"] == "Mei Lin <mei@example.org>"
    assert document.metadata["recipients"] == [
        "Ben <ben@example.org>", '"Moreau, Ines" <ines@example.org>', "Raj <raj@example.org>"
    ]  # fmt: skip
    assert document.metadata["date"] == "2021-03-03"


def test_attachments_are_documents_of_their_own(tmp_path: Path) -> None:
    message = letter("Offer")
    message.add_attachment(
        docx(word_paragraph("Delivery takes nine weeks.")), "application", "octet-stream", filename="terms.docx"
    )
    message.add_attachment(b"depth;share\n3;4\n", "text", "csv", filename="depths.csv")
    message.add_attachment(letter("Inner", "The pump is blue.\n"))
    message.add_attachment(b"\x7fELF" + b"\0" * 90, "application", "octet-stream", filename="tool.bin")
    result = read_one(tmp_path, "a.eml", message.as_bytes())
    first, *others = result.documents
    assert first.source.endswith("/a.eml")
    assert first.title == "Offer"
    texts = {document.title: document.text for document in others}
    assert texts["terms.docx, attachment of Offer"] == "Delivery takes nine weeks."
    assert any("share" in text for text in texts.values())
    assert texts["Inner"].endswith("The pump is blue.")
    assert all(document.metadata["attachment_of"] == "Offer" for document in others)
    assert len({document.source for document in result.documents}) == len(result.documents)
    assert "tool.bin" in " ".join(result.warnings)


def packed(files: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_files_of_an_attached_archive_are_documents_of_their_own(tmp_path: Path) -> None:
    terms = docx(word_paragraph("Delivery takes nine weeks."))
    files = {
        "offer/terms.docx": terms,
        "offer/parts.csv": b"part;pieces\nrope;3\nhook;8\n",
        "old.zip": packed({"hidden.txt": b"The old price was 4 euros."}),
        "__MACOSX/._terms.docx": b"\0\5\x16\7" * 9,
    }
    message = letter("Offer")
    message.add_attachment(packed(files), "application", "zip", filename="offer.zip")
    result = read_one(tmp_path, "a.eml", message.as_bytes())
    texts = {document.title: document.text for document in result.documents[1:]}
    assert texts.pop("terms.docx, attachment of Offer") == "Delivery takes nine weeks."
    assert ["part: hook | pieces: 8" in text for text in texts.values()].count(True) == 1
    assert not any("4 euros" in text for text in texts.values())
    assert all(document.metadata["attachment_of"] == "Offer" for document in result.documents[1:])
    (told,) = result.warnings
    assert "'old.zip' was not read" in told


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("utf-8", "Größe: 7 m, 深さ"), ("iso-8859-2", "Wysokość śluzy"), ("koi8-r", "Высота плотины"),
        ("gb2312", "水坝的高度是九米"), ("iso-8859-8", "גובה הסכר"), ("windows-1256", "ارتفاع السد تسعة أمتار"),
    ],
)  # fmt: skip
def test_transfer_encodings_and_charsets(tmp_path: Path, encoding: str, charset: str, words: str) -> None:
    data = words.encode(charset)
    coded = {"base64": base64.encodebytes(data), "quoted-printable": quopri.encodestring(data), "8bit": data}[encoding]
    subject = f"=?{charset}?b?{base64.b64encode(data).decode()}?="
    head = f"From: a@example.org\nTo: b@example.org\nSubject: {subject}\nContent-Type: text/plain; charset={charset}\n"
    raw = f"{head}Content-Transfer-Encoding: {encoding}\n\n".encode() + coded
    (tmp_path / "a.eml").write_bytes(raw)
    (document,) = read(discover([tmp_path]).files[0]).documents
    assert document.title == words
    assert document.text.endswith("\n\n" + words)


def test_odd_subjects(tmp_path: Path) -> None:
    """Encoded words that were cut within a letter, and bytes that were sent as they are."""
    data = "第三会議室の予約".encode()
    cut = " ".join(f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in (data[:4], data[4:]))
    raw = f"From: Jürgen <j@example.org>\nTo: b@example.org\nSubject: {cut}\n\nSee you.\n".encode()
    (document,) = read_one(tmp_path, "a.eml", raw).documents
    assert document.title == "第三会議室の予約"
    assert document.metadata["author"] == "Jürgen <j@example.org>"


def test_wrapped_lines_that_flow_are_joined(tmp_path: Path) -> None:
    raw = (
        b"From: a@example.org\nTo: b@example.org\nSubject: s\nContent-Type: text/plain; format=flowed\n\n"
        b"The lock was opened \nin 1903.\nIt is closed now.\n> I asked \n> twice.\n"
    )
    (document,) = read_one(tmp_path, "a.eml", raw).documents
    assert document.text.endswith("The lock was opened in 1903.\nIt is closed now.\n> I asked twice.")


def test_a_note_in_plain_text_does_not_hide_the_page(tmp_path: Path) -> None:
    message = letter(body="Please view this in HTML.\n")
    page = "".join(f"<p>Point {number}: the pump {number} was tested.</p>" for number in range(9))
    message.add_alternative(page, subtype="html")
    (document,) = read_one(tmp_path, "a.eml", message.as_bytes()).documents
    assert "Point 8: the pump 8 was tested." in document.text


def test_a_mailbox_is_many_messages(tmp_path: Path) -> None:
    parts = []
    for number in range(3):
        message = letter(f"Subject {number}", f"Pump {number} stopped.\n\nFrom April on it rests.\n")
        if number == 1:
            message.add_attachment("The key hangs on hook four.\n", filename="key.txt")
        body = message.as_bytes().replace(b"\nFrom now", b"\n>From now")
        parts.append(b"From mei@example.org Wed Mar  3 10:00:00 2021\n" + body + b"\n")
    for data in (b"".join(parts), b"".join(parts).replace(b"\n", b"\r\n")):
        documents = read_one(tmp_path, "a.mbox", data).documents
        assert [document.title for document in documents] == [
            "Subject 0", "Subject 1", "key.txt, attachment of Subject 1", "Subject 2"
        ]  # fmt: skip
        assert documents[3].text.endswith("Pump 2 stopped.\n\nFrom April on it rests.")
        assert [document.source.rpartition("#")[2] for document in documents] == ["1", "2", "3", "4"]


def test_a_bad_message_costs_only_itself(tmp_path: Path) -> None:
    nested = b"From: a@b\nTo: c@d\nSubject: deep\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * 900
    good = letter("Good").as_bytes()
    start = b"From a@b Wed Mar  3 10:00:00 2021\n"
    result = read_one(tmp_path, "a.mbox", start + nested + b"\n" + start + good)
    assert [document.title for document in result.documents] == ["Good"]
    assert "message 1 was left out" in result.warnings[0]


def test_outlook(tmp_path: Path) -> None:
    data = outlook_message(
        subject="Größenliste", sender=("Mei Lin", "mei@example.org"), body="Die Schleuse ist neun Meter breit.\r\n",
        to=[("Ben Öz", "ben@example.org")], cc=[("Ines", "ines@example.org")], sent=1_614_762_000,
        files=[("liste.txt", b"Die Pumpe wiegt 70 kg und steht im Keller.")],
    )  # fmt: skip
    message, attached = read_one(tmp_path, "a.msg", data).documents
    assert message.title == "Größenliste"
    assert (
        'From: "Mei Lin" <mei@example.org>\nTo: Ben Öz <ben@example.org>\nCc: Ines <ines@example.org>' in message.text
    )
    assert "Die Schleuse ist neun Meter breit." in message.text
    assert message.metadata["date"] == "2021-03-03"
    assert attached.title == "liste.txt, attachment of Größenliste"
    assert attached.text == "Die Pumpe wiegt 70 kg und steht im Keller."
