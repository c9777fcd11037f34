"""Code keeps its lines, indentation and blanks in formats that tell it by their fonts: RTF, PPTX, PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.codeblocks import code_spans
from index.sources.discovery import discover
from index.sources.reading import read
from index.types import Document
from tests.harness import table_files as made
from tests.harness.pdf_files import pdf_of, words

CODE = ["def restart(name):", "    if name == 'relay':", "", '        run("postfix  reload")', "    return 17"]


def one(folder: Path, name: str, data: bytes) -> Document:
    (folder / name).write_bytes(data)
    (document,) = read(discover([folder / name]).files[0]).documents
    return document


def codes(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in code_spans(document.metadata)]


def rtf(lines: Sequence[str], end: str) -> bytes:
    shown = end.join(line.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}") for line in lines)
    fonts = r"{\fonttbl{\f0\froman Times New Roman;}{\f1\fmodern\fprq1 Courier New;}}"
    body = rf"\pard\f0 Restart the relay:\par\pard {{\f1 {shown}}}\par\pard\f0 It took {{\f1 three}} minutes.\par"
    return rf"{{\rtf1\ansi\deff0{fonts}{{\stylesheet{{\s1\f1 Code;}}}} {body}}}".encode()


@pytest.mark.parametrize("end", ["\\par ", "\\line "])
def test_rtf(tmp_path: Path, end: str) -> None:
    document = one(tmp_path, "a.rtf", rtf(CODE, end))
    assert codes(document) == ["\n".join(CODE)]
    assert document.text.startswith("Restart the relay:\n\n")
    assert document.text.endswith("\n\nIt took three minutes.")


def test_a_typewritten_rtf_is_no_code(tmp_path: Path) -> None:
    document = one(tmp_path, "a.rtf", rtf([f"This is line {n} of a letter." for n in range(20)], "\\par "))
    assert codes(document) == []


def test_slides(tmp_path: Path) -> None:
    def paragraph(text: str, font: str) -> str:
        face = f'<a:rPr><a:latin typeface="{font}"/></a:rPr>' if font else ""
        shown = text.replace("&", "&amp;").replace("<", "&lt;")
        return f"<a:p>{f'<a:r>{face}<a:t>{shown}</a:t></a:r>' if text else ''}</a:p>"

    body = "".join(
        [
            paragraph("Restart it:", ""),
            *(paragraph(line, "Consolas") for line in CODE),
            paragraph("Then wait.", "Arial"),
        ]
    )
    document = one(tmp_path, "a.pptx", made.pptx(f"<p:sp><p:txBody>{body}</p:txBody></p:sp>"))
    assert codes(document) == ["\n".join(CODE)]
    assert document.text == "Restart it:\n\n" + "\n".join(CODE) + "\n\nThen wait."


def test_pdf(tmp_path: Path) -> None:
    above = [(60, 740, 11, "Restart the relay by hand when it has not sent any mail for an hour:")]
    shown = [
        (60, 720 - 12 * n, 10, text.replace("(", "\\(").replace(")", "\\)")) for n, text in enumerate(CODE) if text
    ]
    below = [(60, 640, 11, "It takes three minutes until the relay is ready for the mail of all.")]
    pages = [words(above) + words(shown, "F3") + words(below)]
    document = one(tmp_path, "a.pdf", pdf_of(pages))
    assert codes(document) == ["\n".join(CODE)]
    assert document.text.startswith(above[0][3] + "\n\n")
    assert document.text.endswith("\n\n" + below[0][3])


def test_a_typewritten_pdf_is_no_code(tmp_path: Path) -> None:
    page = words([(60, 740 - 14 * n, 10, f"This is line {n} of a letter.") for n in range(20)], "F3")
    assert codes(one(tmp_path, "a.pdf", pdf_of([page]))) == []


PROGRAM = """LEAST = 7.5  # bar


def opened(valve):
    if pressure() > LEAST:
        return False
    return valve.on()
"""


def test_a_program_is_code_block_by_block(tmp_path: Path) -> None:
    document = one(tmp_path, "pump.py", PROGRAM.encode())
    assert codes(document) == PROGRAM.strip().split("\n\n\n")
    assert document.title == "pump"
    assert "LEAST = 7.5  # bar" not in codes(one(tmp_path, "pump.txt", PROGRAM.encode()))
