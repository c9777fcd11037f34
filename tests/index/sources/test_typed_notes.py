"""Marks of notes that were typed by hand stand apart from the number before them; powers stay powers."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources.text.builder import TextBuilder
from index.sources.text.lines.typednotes import notes_apart
from index.sources.types import Extract
from tests.harness import table_files as made
from tests.harness.hostile_files import docx, epub
from tests.index.sources.test_sources_as_seen import text_of

LINES = (("In 2023 they served 212", "3", " households."), ("", "3", " Without the hamlet."))
SEEN = "In 2023 they served 212 ³ households.\n³ Without the hamlet."


def word() -> bytes:
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'
    plain = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    return docx("".join(f"<w:p>{plain.format(a)}{raised.format(b)}{plain.format(c)}</w:p>" for a, b, c in LINES))


def slides() -> bytes:
    run = '<a:r><a:rPr baseline="{}"/><a:t>{}</a:t></a:r>'
    runs = (f"<a:p>{run.format(0, a)}{run.format(30000, b)}{run.format(0, c)}</a:p>" for a, b, c in LINES)
    return made.pptx(f"<p:sp><p:txBody>{''.join(runs)}</p:txBody></p:sp>")


def written(kind: str) -> bytes | str:
    page = "".join(f"<p>{a}<sup>{b}</sup>{c}</p>" for a, b, c in LINES)
    if kind == "odt":
        style = (
            '<style:style style:name="S" style:family="text"><style:text-properties style:text-position="super 58%"/>'
        )
        spans = (f'<text:p>{a}<text:span text:style-name="S">{b}</text:span>{c}</text:p>' for a, b, c in LINES)
        return made.opendocument("".join(spans), styles=f"{style}</style:style>")
    if kind == "rtf":
        return "{\\rtf1\\ansi " + "".join(f"{a}{{\\super {b}}}{c}\\par\n" for a, b, c in LINES) + "}"
    return {"docx": word, "pptx": slides, "epub": lambda: epub(page), "html": lambda: page}[kind]()


@pytest.mark.parametrize("kind", ["docx", "pptx", "odt", "rtf", "html", "epub"])
def test_a_mark_stands_apart_from_its_number(tmp_path: Path, kind: str) -> None:
    assert text_of(tmp_path, f"a.{kind}", written(kind)).replace("\n\n", "\n") == SEEN


@pytest.mark.parametrize(
    "text",
    [
        "It holds 10³ cells.\n³ In spring.",
        "It holds 4 × 12³ cells.\n³ In spring.",
        "As 5³ = 125, it fits.\n³ In spring.",
        "A cube of 5³ and one of 6³.\n³ In spring.",  # which of them is meant isn't known
        "It has 7³ rooms.\n³ 40",  # no words: the line is a number
        "It has 7³ rooms, 4 m³ each.",
        "It has 7³⁰ rooms.\n³ In spring.",
    ],
)
def test_powers_stay(text: str) -> None:
    assert notes_apart(Extract(text)).text == text


def test_offsets_go_along() -> None:
    builder = TextBuilder()
    builder.page()
    builder.heading(1, "The year 2023¹")
    builder.block("It served 212² homes.")
    builder.page()
    builder.heading(2, "Code")
    builder.code("x = 1")
    builder.recognised("by OCR")
    builder.block("¹ A leap year.\n² Without the hamlet.")
    extract = notes_apart(builder.extract())
    assert "2023 ¹\n\nIt served 212 ² homes." in extract.text
    assert all(extract.text[start : start + len(title)] == title for start, _, title in extract.headings)
    assert [title for _, _, title in extract.headings] == ["The year 2023 ¹", "Code"]
    assert [extract.text[start : start + 4] for start in extract.pages] == ["The ", "Code"]
    assert [extract.text[start:end] for start, end in extract.code] == ["x = 1"]
    at = extract.text.index("by OCR")
    assert extract.fields["ocr"] == [[at, at + len("by OCR")]]


def test_records_of_a_table_stay_records(tmp_path: Path) -> None:
    cells = (("Well", "Homes"), ("Fern", "212<sup>2</sup>"), ("Orr", "8"))
    rows = "".join(f"<tr><td>{one}</td><td>{other}</td></tr>" for one, other in cells)
    text = text_of(tmp_path, "a.html", f"<table>{rows}</table><p><sup>2</sup> Estimated.</p>")
    assert text == "Well: Fern | Homes: 212 ²\nWell: Orr | Homes: 8\n\n² Estimated."


LIST = "Served 212¹ homes, 40 m² each, in 1998².\n\nNotes\n\n{}"


@pytest.mark.parametrize(
    "notes", ["1 In spring.\n2 By law.", "1. In spring.\n\n2. By law.", "[1] Spring.\n[2] By law."]
)
def test_marks_of_a_list_at_the_end_stand_apart(notes: str) -> None:
    found = notes_apart(Extract(LIST.format(notes))).text
    assert found == LIST.format(notes).replace("212¹", "212 ¹").replace("1998²", "1998 ²")


@pytest.mark.parametrize(
    "text",
    [
        "A cube of 5² and 7³.\n\n1. Cut it.\n2. Glue it.\n3. Paint it.",  # no first mark: they are powers
        "Served 212¹ homes.\n\n1 200 litres",  # the line is a number
        "1. Cut it.\n2. Glue it.\n\nServed 212¹ homes and 14² wells.",  # the list stands before
        "Served 10² homes¹.\n\n1. In spring.\n2. By law.",  # a power of ten
    ],
)
def test_lists_of_other_things_move_no_mark(text: str) -> None:
    assert notes_apart(Extract(text)).text == text


def test_notes_of_each_chapter_are_counted_from_one() -> None:
    chapter = "It had 12¹ rooms.\n\n1 In spring.\n\n"
    assert notes_apart(Extract(chapter * 2)).text == chapter.replace("12¹", "12 ¹") * 2
