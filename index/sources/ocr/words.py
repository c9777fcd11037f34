"""Words that a page's model reads badly, read again where they stand by another model: the surer reading is taken.

A model of one script makes letters of its own of what is written in another: to the Russian one "Sky" is "$Ку", which
it is not sure of. A model for Latin letters is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace

from index.sources.ocr.tesseract import Recognised, Word

__all__ = ["surer"]

# Confidence under which a word is read again, that its other reading must have, and by how much it must be surer:
# "со" looks alike in both scripts, and both models are sure of it. One letter alone is often a sign misread.
_DOUBTFUL, _SURE, _MARGIN, _LETTERS = 90.0, 85.0, 5.0, 2
_IN_VAIN = 0.25  # share of a page (width of its words) that may be read again without gain: that much time it costs
_SIGNS = ".,;:·!?\"'«»()[]"  # around a word
# Small Greek letters look like capital Latin ones: the Latin model is sure of "TOU" where "του" stands, and of no wrong
# word on Cyrillic pages (Russian, Ukrainian, Bulgarian: all 49 words that it read again were right). A reading in small
# letters of the Greek of today is a word; Latin words come out as jumbles of cases, accents and signs ("ΛΕἰς5Η").
_GREEK_WORD = re.compile(r"[\u0386-\u03ab]?[\u0390\u03ac-\u03ce\u00b5]+")
_APART = 4  # signs at most between two words of a line, such as marks of direction


def surer(found: Recognised, read_words: Callable[[Iterable[Word]], Iterator[Word]]) -> Recognised:
    """Return what was read with its doubtful words as another model reads them, where that one is surer.

    Args:
        found: what the page's own model read.
        read_words: gives each word as the other model reads it, in the order in which they are asked for.
    """
    better = _better(found.words, read_words)
    if not better:
        return found
    gain = sum(word.confidence - found.words[at].confidence for at, word in better.items())
    confidence = min(100, round(found.confidence + gain / len(found.words)))
    return replace(found, text=_with(found, better), confidence=confidence, words=())


def _better(words: tuple[Word, ...], read_words: Callable[[Iterable[Word]], Iterator[Word]]) -> dict[int, Word]:
    """Return what is read better, by the number of the word; the least sure first, until too much was in vain."""
    sure = {word.text.strip(_SIGNS) for word in words if word.confidence >= _DOUBTFUL}
    doubtful = sorted(
        (word.confidence, at)
        for at, word in enumerate(words)
        if word.confidence < _DOUBTFUL and not _is_its_own(word.text.strip(_SIGNS), sure)
    )
    bearable = _IN_VAIN * sum(map(_width, words))
    better: dict[int, Word] = {}
    for (confidence, at), word in zip(doubtful, read_words(words[at] for _, at in doubtful), strict=True):
        if word.confidence >= max(_SURE, confidence + _MARGIN) and _is_word(word.text):
            better[at] = word
            continue
        bearable -= _width(word)
        if bearable < 0:
            break
    return better


def _is_its_own(word: str, sure: Container[str]) -> bool:
    """Tell whether a doubtful word is one of the page's own script: read surely elsewhere, or like a Greek word."""
    return word in sure or _GREEK_WORD.fullmatch(word) is not None


def _is_word(text: str) -> bool:
    return len(text.split()) == 1 and sum(map(str.isalpha, text)) >= _LETTERS


def _width(word: Word) -> int:
    return word.box[2] - word.box[0]


def _with(found: Recognised, better: dict[int, Word]) -> str:
    """Return the text with words in the place of others.

    Neighbours on a line stand from left to right: read as words of Arabic they were put the other way round.
    """
    places = _places(found)
    text, done = "", 0
    for run in _runs(found.text, sorted(at for at in better if at in places), places):
        for at, word in zip(run, sorted((better[at] for at in run), key=lambda each: each.box[0]), strict=True):
            start, end = places[at]
            text, done = text + found.text[done:start] + word.text, end
    return text + found.text[done:]


def _places(found: Recognised) -> dict[int, tuple[int, int]]:
    """Return where the words stand in the text, by their number; one that isn't found is left out."""
    places: dict[int, tuple[int, int]] = {}
    done, reach = 0, _APART
    for at, word in enumerate(found.words):
        start = found.text.find(word.text, done, done + reach + len(word.text))
        if start < 0:
            reach += len(word.text) + _APART
            continue
        done, reach = start + len(word.text), _APART
        places[at] = (start, done)
    return places


def _runs(text: str, numbers: list[int], places: dict[int, tuple[int, int]]) -> list[list[int]]:
    """Part the numbers of words into runs of neighbours on one line."""
    runs: list[list[int]] = []
    for at in numbers:
        before = runs[-1][-1] if runs else -2
        if at == before + 1 and "\n" not in text[places[before][1] : places[at][0]]:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs
