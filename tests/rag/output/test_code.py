"""Code keeps its lines from the file to the answer, whatever shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import index
from index.sources.discovery import discover
from index.sources.formats.plain import extract_plain
from index.sources.reading import read
from index.sources.types import ReadContext
from rag import Answer, Assistant
from rag.config import AnswerConfig
from rag.output.text import answer_html
from rag.testing.doubles import FakeLLM, document, tiny_index
from tests.harness.hostile_files import WORD, docx, epub, zipped
from ui.terminal.sheets import answer_lines, passage_lines
from ui.view.markup.markdown import plain_html

SHELL = "sudo systemctl stop   relay\nsudo rm -rf /var/spool/relay/*.lock\nsudo systemctl start  relay --no-block"
PYTHON = 'def wait(argv):\n    if argv[1] > 3:\n\n        return "a  b".lower()\n    return argv[0]'
BEFORE = "To restart the relay after a power cut, run these commands on the host:"
AFTER = "The relay needs a minute to come up again."


def _markdown(code: str) -> bytes:
    return f"# Runbook\n\n{BEFORE}\n\n```bash\n{code}\n```\n\n{AFTER}\n".encode()


def _indented(code: str) -> bytes:
    block = "\n".join(f"    {line}" for line in code.split("\n"))
    return f"# Runbook\n\n{BEFORE}\n\n{block}\n\n{AFTER}\n".encode()


def _escaped(code: str) -> str:
    return code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _html(code: str) -> bytes:
    text = f"<p>{BEFORE}</p><pre><code>{_escaped(code)}</code></pre><p>{AFTER} " + "It is a small machine. " * 8
    return f"<html><body><main><h1>Runbook</h1>{text}</p></main></body></html>".encode()


def _lines_of_divs(code: str) -> bytes:
    lines = "".join(f'<div class="line">{_escaped(line)}</div>' for line in code.split("\n"))
    numbers = "\n".join(map(str, range(1, 9)))
    row = f'<tr><td class="gutter"><pre>{numbers}</pre></td><td><pre>{lines}</pre></td></tr>'
    return f"<html><body><h1>Runbook</h1><p>{BEFORE}</p><table>{row}</table><p>{AFTER}</p></body></html>".encode()


def _notebook(code: str) -> bytes:
    cells = [
        {"cell_type": "markdown", "source": [f"# Runbook\n\n{BEFORE}"]},
        {"cell_type": "code", "source": code, "outputs": []},
        {"cell_type": "markdown", "source": [AFTER]},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def _plain(code: str) -> bytes:
    return _indented(code).replace(b"# ", b"")


_STYLES = (
    f'<w:styles xmlns:w="{WORD}"><w:style w:type="paragraph" w:styleId="a0"><w:name w:val="Body"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="c1"><w:name w:val="Source Code"/><w:basedOn w:val="a0"/></w:style>'
    "</w:styles>"
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
    "</Relationships>"
)


def _paragraph(text: str, style: str = "", font: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    face = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr>' if font else ""
    return f'<w:p>{properties}<w:r>{face}<w:t xml:space="preserve">{_escaped(text)}</w:t></w:r></w:p>'


def _word(code: str, *, named: bool = False) -> bytes:
    marks = {"style": "c1"} if named else {"font": "Courier New"}
    body = [_paragraph(BEFORE), *(_paragraph(line, **marks) for line in code.split("\n")), _paragraph(AFTER)]
    parts = {"word/styles.xml": _STYLES.encode(), "word/_rels/document.xml.rels": _RELATIONS.encode()}
    return docx("".join(body), parts)


_SPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def _odt(code: str) -> bytes:
    def spaced(line: str) -> str:
        bare = line.lstrip(" ")
        blanks = f'<text:s text:c="{len(line) - len(bare)}"/>' if bare != line else ""
        return blanks + _escaped(bare).replace("   ", ' <text:s text:c="2"/>').replace("  ", " <text:s/>")

    names = " ".join(f'xmlns:{name}="{space}"' for name, space in _SPACES.items())
    lines = "".join(f'<text:p text:style-name="P1">{spaced(line)}</text:p>' for line in code.split("\n"))
    style = '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Preformatted_20_Text"/>'
    content = (
        f"<office:document-content {names}><office:automatic-styles>{style}</office:automatic-styles><office:body>"
        f'<office:text><text:h text:outline-level="1">Runbook</text:h><text:p>{BEFORE}</text:p>{lines}'
        f"<text:p>{AFTER}</text:p></office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def _epub(code: str) -> bytes:
    return epub(_html(code).decode())


def _mail(code: str) -> bytes:
    head = "From: Mei <mei@x.org>\nTo: Ola <ola@x.org>\nSubject: Relay\nDate: Mon, 4 Mar 2024 10:00:00 +0000\n\n"
    return head.encode() + _plain(code)


FORMATS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "fenced": ("a.md", _markdown),
    "indented": ("a.md", _indented),
    "html": ("a.html", _html),
    "lines": ("a.html", _lines_of_divs),
    "notebook": ("a.ipynb", _notebook),
    "plain": ("a.txt", _plain),
    "font": ("a.docx", _word),
    "style": ("a.docx", lambda code: _word(code, named=True)),
    "odt": ("a.odt", _odt),
    "epub": ("a.epub", _epub),
    "mail": ("a.eml", _mail),
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("code", [SHELL, PYTHON], ids=["shell", "python"])
def test_every_format_keeps_the_lines_of_code(kind: str, code: str, tmp_path: Path) -> None:
    name, made = FORMATS[kind]
    (tmp_path / name).write_bytes(made(code))
    (document,) = read(discover([tmp_path]).files[0]).documents
    assert [document.text[start:end] for start, end in document.metadata["code"]] == [code]  # type: ignore[union-attr]
    assert BEFORE in document.text
    assert AFTER in document.text


def _code_of(text: str) -> list[str]:
    extract = extract_plain(text, ReadContext("a.txt", Path("a.txt")))
    return [extract.text[start:end] for start, end in extract.code]


@pytest.mark.parametrize(
    "text",
    [
        "Make sure that it runs. We then\ngo home early and\nmake sure you ring.\n",
        "Blake wrote:\n\n    Tyger Tyger, burning bright,\n    In the forests of the night;\n    What immortal hand\n",
        "The bill:\n\n    Bread      3 EUR\n    Cheese    12 EUR\n    Wine       9 EUR\n",
        "> quoted words of a mail\n> and more of them\n\n$ 5 million were paid for it.\n",
        "# Notes\n\ncat and dog live here, and the cat sat on the mat.\n",
    ],
)
def test_prose_verse_and_bills_are_no_code(text: str) -> None:
    assert _code_of(text) == []


def test_lines_of_a_shell_are_told_without_marks() -> None:
    text = f"Runbook\n\n{BEFORE}\n{SHELL}\n# then wait\nmake all\n\n{AFTER}\n\nmei@host:~$ docker   ps\nThat is all.\n"
    assert _code_of(text) == [f"{SHELL}\n# then wait\nmake all", "mei@host:~$ docker   ps"]


def test_a_text_typed_in_one_width_is_no_code(tmp_path: Path) -> None:
    typed = [_paragraph(f"The {number}. letter was typed on a machine.", font="Courier New") for number in range(12)]
    (tmp_path / "a.docx").write_bytes(docx("".join(typed)))
    (read_one,) = read(discover([tmp_path]).files[0]).documents
    assert "code" not in read_one.metadata


def _answer(folder: Path, code: str, question: str, before: str = BEFORE) -> Answer:
    (folder / "in").mkdir()
    (folder / "in" / "a.md").write_bytes(_markdown(code).replace(BEFORE.encode(), before.encode()))
    index.build([folder / "in"], index_dir=folder / "built")
    return Assistant(index_dir=folder / "built").answer(question)


def test_an_answer_shows_code_in_its_lines_everywhere(tmp_path: Path) -> None:
    answer = _answer(tmp_path, SHELL, "Which commands restart the relay after a power cut?")
    assert any(SHELL in citation.quote for citation in answer.citations)
    assert f"```\n{SHELL}\n```\n[" in answer.text
    indented = "\n".join(f"    {line}" for line in SHELL.split("\n"))
    assert indented in str(answer)
    assert indented in "\n".join(map(str, answer_lines(answer)))
    assert SHELL in re.sub("</?mark>", "", answer_html(answer))
    assert "⚠" not in answer.text
    shown = "\n".join(str(line) for hit in answer.passages for line in passage_lines(1, hit))
    assert all(line in shown for line in SHELL.split("\n"))
    assert f"<code>{SHELL}</code>" in plain_html(answer.text, lambda _: None)


def test_signs_in_code_that_look_like_markers_stay(tmp_path: Path) -> None:
    before = "This function waits for the relay after a power cut:"
    answer = _answer(tmp_path, PYTHON, "Which function waits for the relay after a power cut?", before)
    assert PYTHON in answer.text


PROGRAM = 'fmt.Println("tide")\nx := fmt.Sprint(7)'


@pytest.mark.parametrize(
    ("block", "below"),
    [
        (f"```go\n{PROGRAM}\n```", "\n\n⚠"),
        (f"```\n{PROGRAM}\n```", "\n\n⚠"),
        (f"~~~~ go\n{PROGRAM}\n~~~~", "\n\n⚠"),
        (f"```go\n| a | b |\n{PROGRAM}\n```", "\n\n⚠"),
        (f"```go\n{PROGRAM}", "\n```\n\n⚠"),  # never closed
    ],
)
def test_code_that_no_source_has_is_marked_below_it_and_never_within(block: str, below: str) -> None:
    live = tiny_index([document("a", "The harbour lighthouse was built in 1911.", "en")])
    result = f"The lighthouse was built in 1911 [1]. Run this:\n\n{block}"
    answer = Assistant(index=live, llm=FakeLLM(result), config=AnswerConfig(min_confidence=0.0)).answer(
        "When was the lighthouse built?"
    )
    assert answer.text.endswith(f"{block}{below}")
    assert answer.text.count("⚠") == 1
