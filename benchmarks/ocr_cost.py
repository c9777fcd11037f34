"""What OCR costs in an index: `python -m benchmarks.ocr_cost --data DIR [--pages N]`.

The same English pages as a PDF with a text layer, as and as a PDF of pictures (300 dpi); each is indexed
with a process of its own and `--embedder hashing`, so that hardly anything but reading is counted.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from pypdfium2 import PdfDocument, raw

from benchmarks.ocr import page, samples
from benchmarks.tables import show

_LANGUAGE = "en"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=6, help="at most 6: so many there are")
    chosen = parser.parse_args()
    drawn = [page(written, _LANGUAGE) for written in samples(chosen.data, _LANGUAGE, chosen.pages)]
    layered, pictured = _layered([lines for _, lines in drawn]), _pictured([image for image, _ in drawn])
    rows = [_measured(name, data, len(drawn)) for name, data in (("text layer", layered), ("pictures", pictured))]
    header = ["pages are", "pages", "CPU s a page", "CPU s in all", "largest process, MiB"]
    show("reading and indexing, a process for each", header, rows, "a start of the program is part of each row")


def _measured(name: str, data: bytes, pages: int) -> list[object]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.pdf"
        path.write_bytes(data)
        command = ["index", str(path), "--index", f"{folder}/index", "--embedder", "hashing"]
        subprocess.run([sys.executable, "-m", "ui.cli", *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [name, pages, f"{used / pages:.2f}", f"{used:.1f}", after.ru_maxrss // 1024]


def _pictured(images: list[Image.Image]) -> bytes:
    stream = io.BytesIO()
    images[0].save(stream, "PDF", resolution=300, save_all=True, append_images=images[1:])
    return stream.getvalue()


def _layered(pages: list[str]) -> bytes:
    document = PdfDocument.new()
    font = raw.FPDFText_LoadStandardFont(document, b"Times-Roman")
    for text in pages:
        made = document.new_page(595, 842)
        for number, line in enumerate(text.split("\n")):
            words = raw.FPDFPageObj_CreateTextObj(document, font, 11.0)
            code = ctypes.create_string_buffer(line.encode("utf-16-le") + b"\0\0")
            raw.FPDFText_SetText(words, ctypes.cast(code, ctypes.POINTER(ctypes.c_ushort)))
            raw.FPDFPageObj_Transform(words, 1, 0, 0, 1, 60, 780 - 14 * number)
            raw.FPDFPage_InsertObject(made, words)
        made.gen_content()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


if __name__ == "__main__":
    main()
