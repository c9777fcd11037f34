"""Beside the text of a PDF: filled forms, notes, links; and words that the end of a line parts."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.pdf.layout import known_words, paragraphs
from index.sources.reading import read

WORDS = "Apply for a permit with this form and bring it to the desk."


def pdf_of(objects: Sequence[str]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is its catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start, count = len(out), len(objects) + 1
    return (
        bytes(out)
        + f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    )


def form(*marks: str, words: str = WORDS) -> bytes:
    numbers = range(6, 6 + len(marks))
    listed = " ".join(f"{number} 0 R" for number in numbers)
    fields = " ".join(f"{number} 0 R" for number, mark in zip(numbers, marks, strict=True) if "/Widget" in mark)
    content = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET"
    return pdf_of([
        f"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{fields}]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[{listed}]>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *marks,
    ])  # fmt: skip


def text_of(folder: Path, data: bytes) -> str:
    (folder / "a.pdf").write_bytes(data)
    return read(discover([folder]).files[0]).documents[0].text


FIELD = "<</Type/Annot/Subtype/Widget/Rect[72 600 300 620]"
NAME = FIELD + "/FT/Tx/T(name)/TU(Full name of the owner)/V(Mei Lin)>>"
CHECKED = FIELD + "/FT/Btn/T(insured)/V/Yes/AS/Yes/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>>>"
UNCHECKED = FIELD + "/FT/Btn/T(towed)/V/Off/AS/Off/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>>>"
CHOICE = FIELD + "/FT/Ch/Ff 131072/T(harbour)/Opt[(North)(South)]/V(South)>>"


def test_what_was_filled_in(tmp_path: Path) -> None:
    assert text_of(tmp_path, form(NAME, CHECKED, UNCHECKED, CHOICE, FIELD + "/FT/Tx/T(empty)>>")) == (
        WORDS + "\n\nFull name of the owner: Mei Lin\ninsured: yes\nharbour: South"
    )


def test_what_was_left_empty_is_told_by_the_names_that_people_see(tmp_path: Path) -> None:
    born = FIELD + "/FT/Tx/T(f2)/TU(Date of birth:)>>"
    towed = UNCHECKED.replace("/T(towed)", "/T(towed)/TU(Towed away)")
    assert text_of(tmp_path, form(NAME, born, towed, FIELD + "/FT/Tx/T(f3)>>")) == (
        WORDS + "\n\nFull name of the owner: Mei Lin\nDate of birth: –\nTowed away: ☐"
    )
    assert text_of(tmp_path, form(born, towed)) == WORDS


def test_a_form_without_other_words(tmp_path: Path) -> None:
    assert text_of(tmp_path, form(NAME, words="")) == "Full name of the owner: Mei Lin"


def test_notes_and_links(tmp_path: Path) -> None:
    note = "<</Type/Annot/Subtype/Text/Rect[72 600 90 620]/T(Ann)/Contents(Is the fee still nine euros?)>>"
    link = "<</Type/Annot/Subtype/Link/Rect[70 695 420 715]/A<</S/URI/URI(https://example.org/form)>>>>"
    text = text_of(tmp_path, form(note, link))
    assert "[Comment by Ann: Is the fee still nine euros?]" in text
    assert "(https://example.org/form)" in text
    bad = link.replace("https://example.org/form", "javascript:x()")
    assert text_of(tmp_path, form(bad)) == WORDS


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["The survey used thirty-eight calibrated micro-", "phones that were mounted on posts."], "calibrated microphones that"),
        (["They asked for a plan that is well thought and long-", "term. A plan in the long run, with a term of ten years."], "and long-term. A plan"),
        (["The well-known firm answered late, and then the well-", "known firm withdrew its offer."], "the well-known firm withdrew"),
        (["The ship sailed from the harbour of Aix-en-Pro-", "vence, which has no harbour at all."], "Aix-en-Provence, which"),
        (["It was sent to the new office by means of an E-", "Mail that nobody has ever answered."], "an E-Mail that"),
    ],
)  # fmt: skip
def test_hyphens_at_the_end_of_a_line(lines: list[str], joined: str) -> None:
    assert joined in " ".join(paragraphs(lines, {}, known_words([lines])))


def test_hyphens_of_lines_that_pdfium_has_joined() -> None:
    lines = ["The survey used many micro\x02phones, and the plan was long\x02term.", "A long plan with a term."]
    assert next(paragraphs(lines, {}, known_words([lines]))).startswith(
        "The survey used many microphones, and the plan was long-term."
    )


TEMPLATE = (
    '<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="f"><pageSet/>'
    "<draw><value><exData><body><p>Permit <b>for</b> boats</p></body></exData></value></draw>"
    '<field name="owner"><caption><value><text>Owner:</text></value></caption></field>'
    '<subform><field name="length"><caption><value><text>Length in metres</text></value></caption></field>'
    '<field name="secret" presence="hidden"><value><text>hidden words</text></value></field></subform></subform></template>'
)
DATASETS = (
    '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><f><owner>Mei Lin</owner>'
    "<length>7.5</length><port>Emden</port></f></xfa:data></xfa:datasets>"
)


def xfa(words: str, template: str = TEMPLATE, datasets: str = DATASETS) -> bytes:
    content = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET"
    return pdf_of([
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA[(template) 6 0 R(datasets) 7 0 R]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Length {len(template)}>>stream\n{template}\nendstream",
        f"<</Length {len(datasets)}>>stream\n{datasets}\nendstream",
    ])  # fmt: skip


def test_a_form_that_is_drawn_from_xml_is_read(tmp_path: Path) -> None:
    text = text_of(tmp_path, xfa("Please wait... open it with Adobe Reader 8 or higher."))
    assert text.split("\n") == ["Permit for boats", "Owner: Mei Lin", "Length in metres: 7.5", "port: Emden"]


def test_a_form_with_pages_of_its_own_tells_what_was_filled_in(tmp_path: Path) -> None:
    text = text_of(tmp_path, xfa(WORDS))
    assert text.startswith(WORDS)
    assert "Owner: Mei Lin" in text
    assert "hidden words" not in text


def test_broken_xml_of_a_form_costs_nothing_else(tmp_path: Path) -> None:
    hostile = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><template>&x;</template>'
    assert text_of(tmp_path, xfa(WORDS, template=hostile)) == WORDS
    assert text_of(tmp_path, xfa(WORDS, template="<template><draw>")) == WORDS
