"""Lists of names and values with dots or a tabulator between them are rows, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources.text.lines.leaders import leader_rows
from tests.harness import table_files as made
from tests.harness.hostile_files import docx
from tests.harness.pdf_files import pdf_of, words
from tests.index.sources.test_sources_as_seen import text_of

LIST = (("Adult", "4.20 EUR"), ("Child", "2.10 EUR"), ("Dog", ""), ("Bicycle", "1.50 EUR"))
SEEN = "Adult | 4.20 EUR\nChild | 2.10 EUR\nDog | –\nBicycle | 1.50 EUR"


def slides(lines: list[str]) -> bytes:
    shown = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return made.pptx(f"<p:sp><p:txBody>{shown}</p:txBody></p:sp>")


def page(lines: list[str]) -> bytes:
    return pdf_of([words([(60.0, 700.0 - 16 * at, 11.0, line) for at, line in enumerate(lines)])])


def written(kind: str) -> bytes | str:
    dotted = [f"{name} ......... {value}" for name, value in LIST]
    tabbed = [f"{name}\t{value}" for name, value in LIST]
    runs = "".join(f"<w:p><w:r><w:t>{a}</w:t><w:tab/><w:t>{b}</w:t></w:r></w:p>" for a, b in LIST)
    texts = "".join(f"<text:p>{a}<text:tab/>{b}</text:p>" for a, b in LIST)
    return {
        "txt": "\n".join(dotted),
        "md": "\n".join(dotted),
        "html": f"<p>{'<br>'.join(dotted)}</p>",
        "pdf": page(dotted),
        "docx": docx(runs),
        "odt": made.opendocument(texts),
        "rtf": "{\\rtf1\\ansi " + "".join(f"{a}\\tab {b}\\par\n" for a, b in LIST) + "}",
        "pptx": slides(tabbed),
    }[kind]


@pytest.mark.parametrize("kind", ["txt", "md", "html", "pdf", "docx", "odt", "rtf", "pptx"])
def test_each_line_of_a_list_is_a_row(tmp_path: Path, kind: str) -> None:
    assert text_of(tmp_path, f"a.{kind}", written(kind)) == SEEN


@pytest.mark.parametrize(
    "lines",
    [
        ["Wells ........ 3", "Pumps ........ 7", "Index ........ xii"],  # contents
        ["Name ........", "Born ........"],  # nothing is filled in
        ["a)\tThe tenant pays.", "b)\tThe landlord heats."],
        ["1.\tThe tenant pays.", "2.\tThe landlord heats."],
        ["Well .... she said", "It was late."],
        ["Adult\t4.20 EUR"],  # one line is no list
        ["Adult\t4.20\t5.20", "Child\t2.10\t3.10"],
        ["\tindented", "\tindented"],
    ],
)
def test_other_lines_stay(lines: list[str]) -> None:
    assert leader_rows(lines) == lines


def test_names_with_colons_are_fields() -> None:
    assert leader_rows(["Name:\tIda", "Born:\t", "Club:\tAu"]) == ["Name: Ida", "Born: –", "Club: Au"]
