"""Which paragraphs of office files are code: by the name of their style, or because all their words are monospaced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from index.language.lexicon import alternatives
from index.sources.text.xml import XmlElement, attribute, children, find_all, local

__all__ = ["OdfCode", "WordCode", "is_code_paragraph", "is_monospaced", "tells_code"]

_MONOSPACED = re.compile(
    r"courier|consolas|\bmenlo|\bmonaco|lucida console|lucida sans typewriter|andale mono|\bmono\b|monospace|\bcode\b"
    r"|\bhack\b|inconsolata|fixedsys|\bterminal\b|typewriter|cascadia|jetbrains|iosevka|nimbus mono|sf mono",
    re.IGNORECASE,
)
_MOST_PARENTS = 20
_TYPEWRITTEN = 0.5  # share of paragraphs; of a text in one width throughout the font says nothing
_MANY = 8


@lru_cache(maxsize=1)
def _named() -> re.Pattern[str]:
    return re.compile(alternatives("code_styles"), re.IGNORECASE)


def is_monospaced(font: str) -> bool:
    """Tell by its name whether all letters of a font are of one width."""
    return bool(font and _MONOSPACED.search(font))


def tells_code(runs: Iterable[bool], most: float = _TYPEWRITTEN) -> bool:
    """Tell whether a font of one width tells code from text, by which paragraphs of a text stand in one.

    Args:
        runs: of each paragraph whether it does.
        most: share of them from which on the text is typewritten.
    """
    fixed = list(runs)
    return len(fixed) < _MANY or sum(fixed) <= most * len(fixed)


class _Styles:
    """The styles of a file: their name, their font, and what they are based on."""

    def __init__(self) -> None:
        self._facts: dict[str, tuple[str, str, str]] = {}
        self._by_font = True

    def _settle(self, runs: Iterable[bool]) -> None:
        self._by_font = tells_code(runs)

    def _chain(self, name: str) -> Iterator[tuple[str, str, str]]:
        for _ in range(_MOST_PARENTS):
            if name not in self._facts:
                yield name, "", ""  # a style that every program knows
                return
            yield self._facts[name]
            name = self._facts[name][2]

    def is_code(self, name: str) -> bool:
        """Tell whether a style is one of code by its name, or that of a style below it."""
        return any(_named().search(shown.replace("_20_", " ")) for shown, _, _ in self._chain(name))

    def font(self, name: str) -> str:
        """Return the font of a style, its own or that of the nearest style below it."""
        return next((font for _, font, _ in self._chain(name) if font), "")


class WordCode(_Styles):
    """Finds the paragraphs of code in a DOCX file.

    Args:
        styles: the root of `styles.xml`.
        document: that of `document.xml`.
    """

    def __init__(self, styles: XmlElement | None, document: XmlElement | None = None) -> None:
        super().__init__()
        for style in () if styles is None else find_all(styles, "style"):
            values = {local(child): attribute(child, "val") for child in children(style, "name", "basedOn")}
            style_facts = values.get("name", ""), _font(style), values.get("basedOn", "")
            self._facts[attribute(style, "styleId")] = style_facts
        self._settle(self._is_fixed(each) for each in (() if document is None else find_all(document, "p")))

    def is_block(self, paragraph: XmlElement) -> bool:
        """Tell whether a paragraph is code."""
        return self.is_code(_style_of(paragraph)) or (self._by_font and self._is_fixed(paragraph))

    def _is_fixed(self, paragraph: XmlElement) -> bool:
        style = _style_of(paragraph)
        runs = [
            run for run in find_all(paragraph, "r") if any((text.text or "").strip() for text in find_all(run, "t"))
        ]
        return bool(runs) and all(is_monospaced(self._font_of(run) or self.font(style)) for run in runs)

    def _font_of(self, run: XmlElement) -> str:
        own = _font(run)
        named = next((attribute(mark, "val") for mark in find_all(run, "rStyle")), "")
        return own or (self.font(named) if named else "")


def _style_of(paragraph: XmlElement) -> str:
    marks = (mark for properties in children(paragraph, "pPr") for mark in children(properties, "pStyle"))
    return next((attribute(mark, "val") for mark in marks), "")


def _font(element: XmlElement) -> str:
    fonts = (font for properties in children(element, "rPr") for font in children(properties, "rFonts"))
    return next((attribute(font, "ascii") or attribute(font, "hAnsi") for font in fonts), "")


def is_code_paragraph(paragraph: XmlElement) -> bool:
    """Tell whether a paragraph of a slide is code: all of its words are in letters of one width."""
    runs = [run for run in find_all(paragraph, "r") if any((text.text or "").strip() for text in find_all(run, "t"))]
    return bool(runs) and all(is_monospaced(_typeface(run) or _shape_font(paragraph)) for run in runs)


def _typeface(element: XmlElement) -> str:
    fonts = (font for mark in children(element, "rPr", "defRPr") for font in children(mark, "latin"))
    return next((attribute(font, "typeface") for font in fonts), "")


def _shape_font(paragraph: XmlElement) -> str:
    """Return the font that the shape of a paragraph sets for all of its words."""
    body = paragraph.getparent()
    styles = () if body is None else children(body, "lstStyle")
    return next((_typeface(level) for style in styles for level in style if _typeface(level)), "")


class OdfCode(_Styles):
    """Finds the paragraphs of code in an OpenDocument file.

    Args:
        roots: of `styles.xml` and `content.xml`.
    """

    def __init__(self, *roots: XmlElement | None) -> None:
        super().__init__()
        faces: dict[str, str] = {}
        for root in (root for root in roots if root is not None):
            faces |= {attribute(face, "name"): attribute(face, "font-family") for face in find_all(root, "font-face")}
        for style in (style for root in roots if root is not None for style in find_all(root, "style")):
            name, parent = attribute(style, "name"), attribute(style, "parent-style-name")
            texts = list(find_all(style, "text-properties"))
            fonts = (attribute(mark, "font-name") or attribute(mark, "font-family") for mark in texts)
            font = next(filter(None, fonts), "")
            self._facts[name] = name, faces.get(font, font), parent
        paragraphs = (each for root in roots[-1:] if root is not None for each in find_all(root, "p"))
        self._settle(self._is_fixed_block(each) for each in paragraphs)

    def is_block(self, paragraph: XmlElement) -> bool:
        """Tell whether a paragraph is code."""
        named = self.is_code(attribute(paragraph, "style-name")) and bool("".join(paragraph.itertext()).strip())
        return named or (self._by_font and self._is_fixed_block(paragraph))

    def _is_fixed_block(self, paragraph: XmlElement) -> bool:
        if not "".join(paragraph.itertext()).strip():
            return False
        if is_monospaced(self.font(attribute(paragraph, "style-name"))):
            return True
        spans = [span for span in children(paragraph, "span") if "".join(span.itertext()).strip()]
        bare = (paragraph.text or "") + "".join(child.tail or "" for child in paragraph)
        return bool(spans) and not bare.strip() and all(self._is_fixed(span) for span in spans)

    def _is_fixed(self, span: XmlElement) -> bool:
        name = attribute(span, "style-name")
        return is_monospaced(self.font(name)) or self.is_code(name)
