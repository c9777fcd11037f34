"""Character errors of OCR by language: `python -m benchmarks.ocr --data DIR [--pages N] [--languages en,ar …]`.

Pages of A4 are drawn from XQuAD's paragraphs (NTREX's sentences for languages that it has not) in Noto's fonts, read as
a build reads them with models chosen by themselves, and compared with what was drawn: edits by letter, white space
counted as one space. `clean` is 300 dpi; `degraded` is 150 dpi, turned by 2 degrees, blurred and with noise.
"""

from __future__ import annotations

import argparse
import math
import time
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.data import texts
from index.sources.ocr.recognition import PageReader, picture_of
from index.sources.pdf.layout import paragraphs

_NOTO = "/usr/share/fonts/truetype/noto"
_CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
# By language: its file in NTREX where XQuAD is not used, the font and the face in its file, and the bar.
LANGUAGES = {
    "en": ("", f"{_NOTO}/NotoSerif-Regular.ttf", 0, 3.0),
    "de": ("", f"{_NOTO}/NotoSerif-Regular.ttf", 0, 3.0),
    "fr": ("fra", f"{_NOTO}/NotoSans-Regular.ttf", 0, 3.0),
    "es": ("", f"{_NOTO}/NotoSans-Regular.ttf", 0, 3.0),
    "ru": ("", f"{_NOTO}/NotoSerif-Regular.ttf", 0, 3.0),
    "uk": ("ukr", f"{_NOTO}/NotoSerif-Regular.ttf", 0, 3.0),
    "bg": ("bul", f"{_NOTO}/NotoSerif-Regular.ttf", 0, 3.0),
    "el": ("ell", f"{_NOTO}/NotoSans-Regular.ttf", 0, 3.0),
    "tr": ("tur", f"{_NOTO}/NotoSans-Regular.ttf", 0, 3.0),
    "vi": ("vie", f"{_NOTO}/NotoSans-Regular.ttf", 0, 3.0),
    "ar": ("", f"{_NOTO}/NotoNaskhArabic-Regular.ttf", 0, 8.0),
    "fa": ("fas", f"{_NOTO}/NotoNaskhArabic-Regular.ttf", 0, 8.0),
    "he": ("heb", f"{_NOTO}/NotoSansHebrew-Regular.ttf", 0, 8.0),
    "hi": ("hin", f"{_NOTO}/NotoSansDevanagari-Regular.ttf", 0, 8.0),
    "th": ("tha", f"{_NOTO}/NotoSansThai-Regular.ttf", 0, 8.0),
    "zh": ("", _CJK, 2, 8.0),
    "ja": ("jpn", _CJK, 0, 8.0),
    "ko": ("kor", _CJK, 1, 8.0),
}
_DPI, _WIDTH, _HEIGHT, _MARGIN, _POINTS = 300, 2480, 3508, 250, 11
_SENTENCES = 12
_RIGHT_TO_LEFT = ("ar", "fa", "he")
_UNSPACED = ("zh", "ja", "th")
_PARAGRAPHS = 1


def samples(data: Path, language: str, count: int) -> Iterator[list[str]]:
    """Yield the paragraphs of each page."""
    name = LANGUAGES[language][0]
    if name:
        lines = (data / "ntrex" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        found = [" ".join(lines[at : at + _SENTENCES // 2]) for at in range(0, len(lines), _SENTENCES // 2)]
    else:
        found = [text.text for text in texts(data / "xquad" / language)]
    for at in range(count):
        yield [" ".join(text.split()) for text in found[at * 40 : at * 40 + _PARAGRAPHS]]


def page(written: list[str], language: str) -> tuple[Image.Image, str]:
    """Draw a page; returns it and the lines that found room on it."""
    _, path, face, _ = LANGUAGES[language]
    font = ImageFont.truetype(path, round(_POINTS * _DPI / 72), index=face, layout_engine=ImageFont.Layout.RAQM)
    image = Image.new("L", (_WIDTH, _HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    step, top, drawn = round(font.size * 1.5), _MARGIN, list[str]()
    right = language in _RIGHT_TO_LEFT
    for paragraph in written:
        for line in _wrapped(paragraph, font, unspaced=language in _UNSPACED):
            if top + step > _HEIGHT - _MARGIN:
                return image, "\n".join(drawn)
            _draw(draw, line, top, font, right=right)
            drawn.append(line)
            top += step
        drawn.append("")
        top += step // 2
    return image, "\n".join(drawn)


def _draw(draw: ImageDraw.ImageDraw, line: str, top: int, font: ImageFont.FreeTypeFont, *, right: bool) -> None:
    """Draw a line; what its font lacks, such as names in Latin letters, in another one, as programs do."""
    at = _WIDTH - _MARGIN if right else _MARGIN
    baseline = top + font.getmetrics()[0]
    for words, own in _runs(line, font):
        used = font if own else _latin(round(font.size))
        direction = "rtl" if right and own else "ltr"
        draw.text((at, baseline), words, fill=0, font=used, anchor="rs" if right else "ls", direction=direction)
        at += round(used.getlength(words, direction=direction)) * (-1 if right else 1)


def _runs(line: str, font: ImageFont.FreeTypeFont) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a line, each with whether its font has it; blanks go with what is on both sides of them."""
    owned = [letter.isspace() or _has(font, letter) for letter in line]
    for at, letter in enumerate(line):
        if letter.isspace() and 0 < at < len(line) - 1 and not owned[at - 1] and not owned[at + 1]:
            owned[at] = False
    start = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or owned[at] != owned[start]:
            yield line[start:at], owned[start]
            start = at


@cache
def _latin(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"{_NOTO}/NotoSans-Regular.ttf", size, layout_engine=ImageFont.Layout.RAQM)


@cache
def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    drawn = bytes(font.getmask(letter))
    return drawn != bytes(font.getmask("\uffff")) or unicodedata.category(letter).startswith("M")


def _wrapped(text: str, font: ImageFont.FreeTypeFont, *, unspaced: bool) -> Iterator[str]:
    pieces = _clusters(text) if unspaced else [f"{word} " for word in text.split(" ")]
    line = ""
    for piece in pieces:
        if line and font.getlength((line + piece).rstrip()) > _WIDTH - 2 * _MARGIN:
            yield line.rstrip()
            line = ""
        line += piece
    if line.strip():
        yield line.rstrip()


def _clusters(text: str) -> list[str]:
    """Part a text where a line may end: before any letter, but not before its marks or a closing sign."""
    found: list[str] = []
    for letter in text:
        bound = unicodedata.category(letter) in ("Mn", "Mc", "Pe", "Pf", "Po")
        if found and (bound or (letter.isascii() and letter.isalnum() and found[-1][-1:].isascii())):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def degraded(image: Image.Image, seed: int) -> Image.Image:
    """Return what a bad scanner makes of a page: 150 dpi, turned by 2 degrees, blurred, noise of 18 shades."""
    turned = image.rotate(2, Image.Resampling.BICUBIC, fillcolor=255)
    small = turned.resize((_WIDTH // 2, _HEIGHT // 2), Image.Resampling.LANCZOS)
    shades = np.asarray(small.filter(ImageFilter.GaussianBlur(0.5)), np.float64)
    noisy = shades + np.random.default_rng(seed).normal(0, 18, shades.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def edits(first: str, second: str) -> int:
    """Return how many letters must be put in, taken out or changed (Levenshtein)."""
    letters = np.array([ord(letter) for letter in second])
    places = np.arange(len(letters) + 1)
    row = places.copy()
    for number, letter in enumerate(first, 1):
        new = np.concatenate(([number], np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)))))
        row = np.minimum.accumulate(new - places) + places
    return int(row[-1])


def comparable(text: str, language: str) -> str:
    """Return a text with one space for any white space, none where the script has none, and no invisible signs."""
    shown = "".join(letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf")
    return ("" if language in _UNSPACED else " ").join(shown.split())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=2)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--clean-only", action="store_true")
    options = parser.parse_args()
    print("| language | clean, % | degraded, % | bar, clean | s a page | models |")
    print("|---|---|---|---|---|---|")
    for language in options.languages.split(","):
        counted = {"clean": [0, 0], "degraded": [0, 0]}
        began, read, models = time.monotonic(), 0, set[str]()
        for number, written in enumerate(samples(options.data, language, options.pages)):
            image, truth = page(written, language)
            pictures = {"clean": (image, _DPI), "degraded": (degraded(image, number), _DPI // 2)}
            for kind, (picture, dpi) in pictures.items():
                if kind == "degraded" and options.clean_only:
                    continue
                reader = PageReader("auto")
                lines = reader.read(picture_of(picture, dpi)).lines
                models.add(reader.model)
                read += 1
                expected = comparable(truth, language)
                counted[kind][0] += edits(expected, comparable("\n".join(paragraphs(lines, {})), language))
                counted[kind][1] += len(expected)
        rates = [100 * wrong / all_ if all_ else math.nan for wrong, all_ in counted.values()]
        seconds = (time.monotonic() - began) / max(1, read)
        row = f"{rates[0]:.1f} | {rates[1]:.1f} | {LANGUAGES[language][3]:g} | {seconds:.1f}"
        print(f"| {language} | {row} | {', '.join(sorted(models))} |", flush=True)


if __name__ == "__main__":
    main()
