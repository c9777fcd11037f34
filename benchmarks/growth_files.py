"""Readers of files, each given a hostile text in its format: the third table of `benchmarks.growth`."""

from __future__ import annotations

import atexit
import html
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.growth_containers import CONTAINERS
from index.language.words import visible

__all__ = ["files"]


def files() -> dict[str, Callable[[str], object]]:
    """Return every reader of a format, each given a file of a text."""
    folder = Path(tempfile.mkdtemp(prefix="growth-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return {f"a file, {suffix}": partial(_read_file, folder, suffix) for suffix in [*_FILES, *CONTAINERS]}


_FILES: Mapping[str, str] = {
    "txt": "{text}",
    "md": "{text}",
    "html": "<html><body><p>{text}</p></body></html>",
    "attributes.html": "<p title='{marked}' data-a='{marked}'>Words</p>",
    "csv": "name,told\n1,{text}\n",
    "json": '{{"text": {json}}}',
    "ipynb": '{{"nbformat": 4, "nbformat_minor": 5, "metadata": {{}}, "cells": '
    '[{{"cell_type": "markdown", "metadata": {{}}, "source": {json}}}]}}',
    "xml": "<a><b>{marked}</b></a>",
    "svg": "<svg xmlns='http://www.w3.org/2000/svg'><text>{marked}</text></svg>",
    "rtf": "{{\\rtf1\\ansi {rich}}}",
    "eml": "From: a@b.example\r\nSubject: A\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}",
    "srt": "1\n00:00:01,000 --> 00:00:02,000\n{text}\n",
    "docx": "word/document.xml|<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    "<w:body><w:p><w:r><w:t>{marked}</w:t></w:r></w:p></w:body></w:document>",
    "odt": "content.xml|<o:document-content xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
    "xmlns:t='urn:oasis:names:tc:opendocument:xmlns:text:1.0'><o:body><o:text><t:p>{marked}</t:p></o:text></o:body>"
    "</o:document-content>",
}
"""What a file of a format is, around a text; in an archive behind the name of its part."""


def _read_file(folder: Path, suffix: str, text: str) -> object:
    from index.errors import SourceError
    from index.sources.reading import read
    from index.sources.types import SourceFile

    path = folder / f"a.{suffix}"
    plain = text.encode("utf-8", "replace").decode()
    if suffix in CONTAINERS:
        path.write_bytes(CONTAINERS[suffix](plain))
    else:
        _write_file(path, _FILES[suffix], plain)
    try:
        return read(SourceFile(path, path.name, path.stat().st_size, 0, folder))
    except SourceError as error:  # a file of blanks, say: that takes time as well
        return error


def _write_file(path: Path, form: str, text: str) -> None:
    plain = visible(text)
    rich = "".join(f"\\u{ord(sign) % 65_536}?" if ord(sign) > 126 or sign in "{}\\" else sign for sign in text)
    part, bar, form = form.rpartition("|")
    body = form.format(text=text, json=json.dumps(text), marked=html.escape(plain), rich=rich)
    if not bar:
        path.write_text(body, "utf-8")
        return
    with zipfile.ZipFile(path, "w") as archive:
        if path.suffix == ".odt":
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
        )
        archive.writestr(part, body)
