"""Tesseract's library, called in this process: the reading child may start no other.

The C interface of Tesseract 4 and 5 (https://tesseract-ocr.github.io/tessapi/5.x/a00011.html), through ctypes. The
library comes with the program (Debian: `tesseract-ocr`); its models are found where it was built to look for them, or
in `TESSDATA_PREFIX`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Engine", "Picture", "Recognised", "Word", "installed_models", "is_there"]

_NAMES = {
    "darwin": ("libtesseract.5.dylib", "/opt/homebrew/lib/libtesseract.5.dylib", "/usr/local/lib/libtesseract.5.dylib"),
    "win32": ("libtesseract-5.dll", r"C:\\Program Files\\Tesseract-OCR\\libtesseract-5.dll"),
}
_LINUX = ("libtesseract.so.5", "libtesseract.so.4", "libtesseract.so")
_LEGACY, _LSTM = 0, 1  # kinds of engines; only the older one tells scripts apart
_SCRIPT_ONLY, _AUTOMATIC, _ONE_COLUMN, _ONE_WORD = 0, 3, 4, 8  # how a page is cut into lines
_WORD = 3  # what Tesseract's iterators go by
_AROUND = 8  # points of white that a word is read with: cut closely, its outer letters are misread
_CPU_SECONDS, _SECONDS = 60.0, 3000.0  # for one page, which then costs only itself

_CANCEL = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_int)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in shades of grey.

    Attributes:
        data: one byte a point, row by row, without gaps.
        width: points in a row.
        height: rows.
        dpi: points an inch.
    """

    data: bytes
    width: int
    height: int
    dpi: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was read, and where it stands.

    Attributes:
        text: its letters.
        confidence: 0 to 100.
        box: left, top, right and bottom edge, in points of the picture.
    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read of a picture.

    Attributes:
        text: its lines; an empty one parts paragraphs.
        confidence: mean over the words, 0 to 100.
        complete: whether there was time for all of it.
        words: in the order of the text.
        picture: what was read.
        models: what it was read with.
    """

    text: str
    confidence: int
    complete: bool
    words: tuple[Word, ...] = ()
    picture: Picture | None = None
    models: str = ""


def is_there() -> bool:
    """Say whether Tesseract's library can be loaded."""
    return _library() is not None


@cache
def _library() -> ctypes.CDLL | None:
    for name in _NAMES.get(sys.platform, _LINUX):
        try:
            return _declared(ctypes.CDLL(name))
        except (OSError, AttributeError):
            continue
    return None


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    """Tell ctypes what the functions take and give: without, addresses are cut to 32 bits."""
    address, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    kinds: dict[str, tuple[Any, list[Any]]] = {
        "TessBaseAPICreate": (address, []),
        "TessBaseAPIDelete": (None, [address]),
        "TessBaseAPIInit2": (number, [address, text, text, number]),
        "TessBaseAPISetPageSegMode": (None, [address, number]),
        "TessBaseAPISetImage": (None, [address, text, number, number, number, number]),
        "TessBaseAPISetSourceResolution": (None, [address, number]),
        "TessBaseAPISetRectangle": (None, [address, number, number, number, number]),
        "TessBaseAPIRecognize": (number, [address, address]),
        "TessBaseAPIGetIterator": (address, [address]),
        "TessResultIteratorDelete": (None, [address]),
        "TessResultIteratorNext": (ctypes.c_bool, [address, number]),
        "TessResultIteratorGetUTF8Text": (address, [address, number]),
        "TessResultIteratorConfidence": (ctypes.c_float, [address, number]),
        "TessResultIteratorGetPageIterator": (address, [address]),
        "TessPageIteratorBoundingBox": (ctypes.c_bool, [address, number, address, address, address, address]),
        "TessBaseAPIGetUTF8Text": (address, [address]),
        "TessBaseAPIMeanTextConf": (number, [address]),
        "TessBaseAPIGetDatapath": (text, [address]),
        "TessBaseAPIDetectOrientationScript": (number, [address, address, address, address, address]),
        "TessDeleteText": (None, [address]),
        "TessMonitorCreate": (address, []),
        "TessMonitorDelete": (None, [address]),
        "TessMonitorSetCancelFunc": (None, [address, _CANCEL]),
    }
    for name, (result, arguments) in kinds.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@cache
def installed_models() -> frozenset[str]:
    """Return the names of the models that are there: `deu`, `script/Arabic` and so on."""
    library = _library()
    if library is None:
        return frozenset()
    folders = [Path(prefix) for prefix in (os.environ.get("TESSDATA_PREFIX", ""),) if prefix] or [_data_folder(library)]
    found: set[str] = set()
    for folder in folders:
        for below in (folder, folder / "tessdata"):
            found |= {path.stem for path in below.glob("*.traineddata")}
            found |= {f"script/{path.stem}" for path in below.glob("script/*.traineddata")}
    return frozenset(found)


def _data_folder(library: ctypes.CDLL) -> Path:
    """Ask where the models lie; the answer is known once any has been loaded."""
    api = library.TessBaseAPICreate()
    try:
        for name in (b"osd", b"eng"):
            if library.TessBaseAPIInit2(api, None, name, _LEGACY if name == b"osd" else _LSTM) == 0:
                break
        return Path(os.fsdecode(library.TessBaseAPIGetDatapath(api) or b"/usr/share/tessdata"))
    finally:
        library.TessBaseAPIDelete(api)


class Engine:
    """A model that is loaded, or several as `deu+eng`; `osd` tells scripts and orientation."""

    def __init__(self, models: str) -> None:
        self._api: int | None = None
        self._models = models
        library = _library()
        if library is None:
            raise OSError("Tesseract's library is not there")
        self._library = library
        self._api = library.TessBaseAPICreate()
        kind = _LEGACY if models == "osd" else _LSTM
        if library.TessBaseAPIInit2(self._api, None, models.encode("ascii"), kind):
            self.close()
            raise OSError(f"Tesseract can't load the model {models}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        """Let go of the model with the last who uses it: a child reads many files."""
        self.close()

    def close(self) -> None:
        """Let go of the model."""
        if self._api:
            self._library.TessBaseAPIDelete(self._api)
            self._api = None

    def read(
        self, picture: Picture, alive: Callable[[], None] | None = None, *, one_column: bool = False
    ) -> Recognised:
        """Return the text of a picture; none when there was no time for all of it. `alive` is called now and then."""
        self._show(picture, _ONE_COLUMN if one_column else _AUTOMATIC)
        began, used = time.monotonic(), time.process_time()
        late = []

        def cancel(_this: int | None, _words: int) -> bool:
            if time.monotonic() - began > _SECONDS or time.process_time() - used > _CPU_SECONDS:
                late.append(True)
            elif alive is not None:
                alive()
            return bool(late)

        callback = _CANCEL(cancel)
        monitor = self._library.TessMonitorCreate()
        try:
            self._library.TessMonitorSetCancelFunc(monitor, callback)
            failed = self._library.TessBaseAPIRecognize(self._api, monitor)
        finally:
            self._library.TessMonitorDelete(monitor)
        if failed or late:
            return Recognised("", 0, complete=False)
        sure = self._library.TessBaseAPIMeanTextConf(self._api)
        return Recognised(self._text(), sure, True, tuple(self._words()), picture, self._models)

    def read_words(self, picture: Picture, words: Iterable[Word]) -> Iterator[Word]:
        """Yield each word as this model reads it where it stands; the picture is kept between them."""
        self._show(picture, _ONE_WORD)
        for word in words:
            left, top = (max(0, edge - _AROUND) for edge in word.box[:2])
            right, bottom = min(picture.width, word.box[2] + _AROUND), min(picture.height, word.box[3] + _AROUND)
            self._library.TessBaseAPISetRectangle(self._api, left, top, right - left, bottom - top)
            failed = self._library.TessBaseAPIRecognize(self._api, None)
            text = "" if failed else self._text().strip()
            yield Word(text, float(self._library.TessBaseAPIMeanTextConf(self._api)) if text else 0.0, word.box)

    def script(self, picture: Picture) -> tuple[str, int] | None:
        """Return the script of most of a picture and by how many degrees it is turned; `None` when it can't tell."""
        self._show(picture, _SCRIPT_ONLY)
        degrees, turned = ctypes.c_int(), ctypes.c_float()
        name, sure = ctypes.c_char_p(), ctypes.c_float()
        places = [ctypes.byref(place) for place in (degrees, turned, name, sure)]
        if not self._library.TessBaseAPIDetectOrientationScript(self._api, *places) or not name.value:
            return None
        return name.value.decode("ascii", "replace"), degrees.value

    def _show(self, picture: Picture, mode: int) -> None:
        self._library.TessBaseAPISetPageSegMode(self._api, mode)
        size = (picture.width, picture.height, 1, picture.width)
        self._library.TessBaseAPISetImage(self._api, picture.data, *size)
        self._library.TessBaseAPISetSourceResolution(self._api, picture.dpi)

    def _words(self) -> Iterator[Word]:
        """Yield the words of what was read last."""
        library, at = self._library, self._library.TessBaseAPIGetIterator(self._api)
        while at:
            text = self._taken(library.TessResultIteratorGetUTF8Text(at, _WORD))
            edges = [ctypes.c_int() for _ in range(4)]
            places = [ctypes.byref(edge) for edge in edges]
            page = library.TessResultIteratorGetPageIterator(at)
            if text and library.TessPageIteratorBoundingBox(page, _WORD, *places):
                left, top, right, bottom = (edge.value for edge in edges)
                yield Word(text, library.TessResultIteratorConfidence(at, _WORD), (left, top, right, bottom))
            if not library.TessResultIteratorNext(at, _WORD):
                library.TessResultIteratorDelete(at)
                return

    def _text(self) -> str:
        return self._taken(self._library.TessBaseAPIGetUTF8Text(self._api))

    def _taken(self, found: int | None) -> str:
        """Return a text that Tesseract made, and give its memory back."""
        try:
            return ctypes.string_at(found).decode("utf-8", "replace") if found else ""
        finally:
            self._library.TessDeleteText(found)
