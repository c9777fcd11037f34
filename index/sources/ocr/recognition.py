"""Reads pictures of text: which of Tesseract's models fit, the page upright and large enough, lines out.

The script of a page is asked of Tesseract, its language of the words that a first model reads: then the model of that
language reads it again. What served one page is tried first for the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from index.language.identification import detect
from index.sources.ocr.models import (
    language_models,
    latin_for,
    missing_model,
    package_of,
    richer_models,
    script_models,
    with_latin,
)
from index.sources.ocr.tesseract import Engine, Picture, Recognised, installed_models, is_there
from index.sources.ocr.words import surer
from index.sources.types import RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["OFF", "PageReader", "ReadPage", "picture_of"]

OFF = "off"
_INSTALL = "install Tesseract (Debian, Ubuntu: apt install tesseract-ocr; macOS: brew install tesseract)"
_DPI, _LEAST_DPI, _MOST_POINTS = 300, 240, 30_000_000
_SURE, _BEARABLE = 85, 60  # mean confidence that asks for no other try, and under which a page is doubtful
_WIDE_SPACES = ("kor", "script/Hangul", "Hangul")  # spaces below each other are taken for a gap between columns
_FRAGMENT = 8  # letters: where most rows have fewer, they are pieces of lines, not columns
_THAI = ("tha", "script/Thai", "Thai")  # read better line by line where that finds the same lines
_MICRO = re.compile("(?<=[\u0370-\u03ff])\u00b5|\u00b5(?=[\u00b5\u0370-\u03ff])")  # the sign, where mu stands in a word
_SARA_AM = ("\u0e4d\u0e32", "\u0e33")  # one letter to who types Thai, two signs to Tesseract
_LETTERS = 12  # fewer than that tell no language
_BLANK = 6  # shades of grey between the lightest and the darkest point of an empty page


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What was read of one picture.

    Attributes:
        lines: in reading order; empty ones part paragraphs.
        warning: what a person should know, or `""`.
    """

    lines: list[str]
    warning: str = ""


class PageReader:
    """Reads one page after another, with models kept between them."""

    def __init__(self, chosen: str, alive: Callable[[], None] | None = None, *, may_be_wordless: bool = False) -> None:
        """Check that what was chosen can be had; `alive` is called while a page is read.

        Raises:
            RefusedError: Tesseract or a model is missing; says what to install.
        """
        if not is_there():
            raise RefusedError(f"a picture of text: to have it read, {_INSTALL}", skipped=True)
        self._wanted = "" if chosen in ("", "auto") else _checked(chosen)
        if not installed_models() - {"osd"}:
            raise RefusedError("a picture of text: Tesseract has no models", "install tesseract-ocr-eng", skipped=True)
        self._alive, self._may_be_wordless = alive, may_be_wordless
        self._engines: dict[str, Engine] = {}
        self._last = self._wanted
        self._turned = 0

    @property
    def model(self) -> str:
        """The model that served the last page, or `""`."""
        return self._last

    def read(self, picture: Image) -> ReadPage:
        """Return the lines of a page; none when it is empty.

        Where the page need not hold words at all (`may_be_wordless`), what no model of its script can read is not tried
        with others: photos and drawings would be read by all of them.
        """
        darkest, lightest = cast("tuple[int, int]", picture.convert("L").getextrema())
        if lightest - darkest < _BLANK:
            return ReadPage([])
        found = self._read(picture)
        if not found.complete:
            return ReadPage([], "took too long to be read by OCR and was left out")
        found = self._latin_words(found)
        doubtful = bool(found.text.strip()) and found.confidence < _BEARABLE
        text = _with_usual_letters(found.text)
        return ReadPage(
            [line.rstrip() for line in text.split("\n")],
            f"was hard to read by OCR (confidence {found.confidence} of 100): check its words" if doubtful else "",
        )

    def _read(self, picture: Image) -> Recognised:
        """Read by what served the page before; look closer when that is unsure."""
        first = self._by(self._last, picture, self._turned) if self._last else None
        if first is not None and (first.confidence >= _SURE or not first.complete):
            return first
        script, turned = self._script(picture)
        if self._wanted:
            if first is None or turned == self._turned:
                return first or self._by(self._wanted, picture, turned)
            again = self._by(self._wanted, picture, turned)
            self._turned = turned if again.confidence > first.confidence else self._turned
            return max(first, again, key=lambda each: each.confidence)
        return self._guessed(picture, script, turned, first)

    def _guessed(self, picture: Image, script: str, turned: int, first: Recognised | None) -> Recognised:
        """Try the models of a script, then that of the language which the words turn out to be in."""
        models = script_models(script, installed_models())
        if not models:
            if first is not None:
                return first
            raise RefusedError(f"a picture of text in {script} script: {missing_model(script)}", skipped=True)
        tried: dict[str, Recognised] = {}
        for model in models:
            tried[model] = self._by(model, picture, turned)
            if not tried[model].complete:
                return tried[model]
        best = max(tried, key=lambda name: tried[name].confidence)
        if self._may_be_wordless and tried[best].confidence < _BEARABLE:
            return tried[best]
        best = self._in_its_language(picture, script, turned, tried, best)
        best = self._with_latin(picture, script, turned, tried, best)
        if first is not None and first.confidence > tried[best].confidence:
            return first
        self._last, self._turned = best, turned
        return tried[best]

    def _in_its_language(
        self, picture: Image, script: str, turned: int, tried: dict[str, Recognised], best: str
    ) -> str:
        """Try the model of the language which the words turn out to be in; return whose reading is to be believed."""
        for model in self._of_language(tried[best].text, script):
            if model not in tried:
                tried[model] = self._by(model, picture, turned)
                best = model if tried[model].complete else best
        for model in richer_models(script, installed_models()):
            if model not in tried:
                tried[model] = self._by(model, picture, turned)
            if tried[model].complete and model in self._of_language(tried[model].text, script):
                return model  # what it read is in its own language
        return best

    def _with_latin(self, picture: Image, script: str, turned: int, tried: dict[str, Recognised], best: str) -> str:
        """Try the best model with one for Latin letters beside it; return which of both is surer."""
        both = with_latin(best, script, installed_models())
        if not both or not tried[best].text.strip():
            return best
        tried[both] = self._by(both, picture, turned)
        return both if tried[both].complete and tried[both].confidence > tried[best].confidence else best

    def _of_language(self, text: str, script: str) -> Sequence[str]:
        if sum(map(str.isalpha, text)) < _LETTERS:
            return ()
        return language_models(detect(text), script, installed_models())

    def _script(self, picture: Image) -> tuple[str, int]:
        if "osd" not in installed_models():
            return "Latin", 0
        return self._engine("osd").script(_grey(picture)) or ("Latin", 0)

    def _by(self, model: str, picture: Image, turned: int) -> Recognised:
        upright = picture.rotate(turned, expand=True, fillcolor=255) if turned else picture
        engine, grey = self._engine(model), _grey(upright)
        found = engine.read(grey, self._alive)
        first = model.partition("+")[0]
        if first in (*_WIDE_SPACES, *_THAI) and found.complete:
            again = engine.read(grey, self._alive, one_column=True)
            alike = first in _THAI and again.confidence == found.confidence and _rows(again) == _rows(found)
            torn = first in _WIDE_SPACES and _usual_row(found) < _FRAGMENT <= _usual_row(again)
            found = again if again.confidence > found.confidence or alike or torn else found
        return found

    def _latin_words(self, found: Recognised) -> Recognised:
        """Have names in Latin letters on a page of another script read by a model of theirs, if none was named."""
        latin = "" if self._wanted else latin_for(found.models, installed_models())
        if not latin or found.picture is None:
            return found
        return surer(found, partial(self._engine(latin).read_words, found.picture))

    def _engine(self, models: str) -> Engine:
        if models not in self._engines:
            for name in [name for name in self._engines if name not in ("osd", self._last)][2:]:
                self._engines.pop(name).close()  # a model takes some 50 MB
            self._engines[models] = Engine(models)
        return self._engines[models]


def _with_usual_letters(text: str) -> str:
    """Return a text without page ends, its letters as people type them."""
    return _MICRO.sub("\u03bc", text.replace("\x0c", "").replace(*_SARA_AM))


def _rows(read: Recognised) -> int:
    return sum(bool(line.strip()) for line in read.text.split("\n"))


def _usual_row(read: Recognised) -> float:
    """Return how many letters a row has that is neither long nor short among them (the median)."""
    lengths = sorted(sum(map(str.isalpha, line)) for line in read.text.split("\n") if line.strip()) or [0]
    return (lengths[(len(lengths) - 1) // 2] + lengths[len(lengths) // 2]) / 2


def picture_of(image: Image, dpi: float, most_points: int = _MOST_POINTS) -> Image:
    """Return an image in shades of grey, in a size that Tesseract reads well, its density noted.

    Args:
        image: as it comes.
        dpi: points an inch, 0 when unknown: then a page as wide as paper is assumed.
        most_points: of the picture that is returned.
    """
    from PIL import Image as Images

    known = dpi if 50 <= dpi <= 2400 else min(image.size) / 8.3
    scale = min(_DPI / known if known < _LEAST_DPI else 1.0, 4.0)
    scale = min(scale, (most_points / (image.width * image.height)) ** 0.5)
    grey = _flat(image).convert("L")
    if abs(scale - 1.0) > 0.01:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        grey = grey.resize(size, Images.Resampling.BICUBIC)
    grey.info = {"dpi": (known * scale, known * scale)}
    return grey


def _flat(image: Image) -> Image:
    """Lay a picture that can be seen through on white paper."""
    from PIL import Image as Images

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Images.new("RGBA", seen.size, "white")
        return Images.alpha_composite(paper, seen)
    return image


def _grey(image: Image) -> Picture:
    dpi = round(float(image.info.get("dpi", (_DPI, _DPI))[0]))
    return Picture(image.tobytes(), image.width, image.height, dpi)


def _checked(chosen: str) -> str:
    """Return the models that were asked for as Tesseract wants them."""
    names = re.split("[+,]", chosen)
    missing = next((name for name in names if name not in installed_models()), "")
    if missing:
        raise RefusedError(f"--ocr {chosen}: Tesseract has no model {missing}", f"install {package_of(missing)}")
    return "+".join(names)
