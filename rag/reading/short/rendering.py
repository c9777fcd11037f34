"""The words that answer, written so that whoever asked can read them: ours, and never a quote.

Dates, amounts and places are written as the question's language writes them. A name in a script that whoever asked may
not know is written as documents in the asker's script write it, where one of them has a name that sounds the same;
else it is written letter by letter.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import files

from index.language.codes import UNKNOWN, canonical
from index.language.folding import fold
from index.language.icu import writer
from index.language.lexicon import entries, known_words
from index.language.names.romanizing import romanized
from index.language.names.sounds import consonants
from index.language.numbers.amounts import amounts
from index.language.numbers.dates import read_date, write_date
from index.language.numbers.digits import NUMBER, plain_number
from index.language.numbers.quantities import spelled
from index.language.question_words import asks_for_a_name
from index.language.scripts import script_of
from index.language.words import has_case
from rag.reading.short.units import currency_of, is_percent, units_apart

__all__ = ["place_codes", "place_names", "rendered", "same_sound"]

_BETWEEN = re.compile(r"\s*[,،、;]\s*|\s+")
# A name is written in so many words at most; more are a phrase, which letters alone don't tell.
_MOST_WORDS = 5
# A run of words with capitals, small particles between them: "Abdel Moneim el-Terras".
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?:[ -][^\W\d_][\w'’.-]*){0,5}")
_LEAST_SOUNDS = 4
_UNGROUPED = 10_000


def rendered(words: str, spoken: str, question: str, asked: str, texts: Sequence[str] = ()) -> str:
    """Return the words as the reader of the question would write them; `""` where they can be read as they are.

    Args:
        words: of a source.
        spoken: BCP 47 code of their language.
        question: its script is one that the reader knows.
        asked: BCP 47 code of its language.
        texts: passages in which names may stand in the reader's script.
    """
    spoken, asked = map(canonical, (spoken, asked))
    if asked in (spoken, UNKNOWN):
        return ""
    script, own = script_of(words), script_of(question)
    found = _date(words, spoken, asked) or _amount(words, spoken, asked) or _places(words, spoken, asked)
    if not found and script and script not in (own, "Latn"):
        found = _name(words, spoken, question, [text for text in texts if script_of(text) == own])
    return "" if _bare(found) == _bare(words) else found


def _bare(text: str) -> str:
    """Return what a reader tells texts apart by: not by blanks, nor by marks of direction."""
    return "".join(letter for letter in text.casefold() if not letter.isspace() and letter not in "\u200e\u200f\u061c")


def _date(words: str, spoken: str, asked: str) -> str:
    day = read_date(words, spoken)
    return "" if day is None else write_date(day, asked)


def _amount(words: str, spoken: str, asked: str) -> str:
    """Return a number with what multiplies it, a percent sign or a currency; `""` for anything else beside it."""
    plain = fold(words)
    found, numbers = amounts(words, spoken), list(NUMBER.finditer(plain))
    value = spelled(spoken).get(plain)
    if value is not None:
        return writer("number", asked)(value)
    if len(found) != 1 or len(numbers) != 1:
        return ""
    rest = (plain[: numbers[0].start()] + " " + plain[numbers[0].end() :]).split()
    parts = [part for word in rest for part in units_apart(word, spoken)]
    unit = [part for part in parts if currency_of(part, spoken) or is_percent(part)]
    others = [part for part in parts if part not in unit]
    if len(unit) > 1 or (others and (found[0].whole is None or len(others) > 2)):
        return ""
    unknown = others[-1] if len(others) == 2 else ""  # "3.5 million جنيه": whose pounds isn't said
    if unknown and unknown not in words:
        return ""
    try:
        number = Decimal(found[0].whole or found[0].plain)
    except InvalidOperation:
        return ""
    unit_shown = currency_of(unit[0], spoken) or "%" if unit else ""
    sign = bool(unit) and unicodedata.category(unit[0][0]) == "Sc"
    pattern = _pattern(number, unit_shown, numbers[0].group(), large=bool(others), sign=sign)
    written = writer(pattern, asked)(number)
    return f"{written} {unknown}".rstrip()


def _pattern(number: Decimal, unit: str, written: str, *, large: bool, sign: bool) -> str:
    """Return how ICU is to write a number with a currency (by its code) or `%`."""
    style = "compact-long .##" if large else "group-off .######" if _plain(number, written) else ".######"
    if unit and unit != "%":
        full = "unit-width-full-name" if large and not sign else "unit-width-short"
        return f"number,::{style.replace('.######', '.##')} currency/{unit} {full}"
    return f"number,::{style}{' percent' if unit else ''}"


def _plain(number: Decimal, written: str) -> bool:
    """Tell whether a number may be a year, whose digits stand together."""
    return number < _UNGROUPED and plain_number(written) == written.lstrip("0")


def _places(words: str, spoken: str, asked: str) -> str:
    """Return countries and cities by their names in the other language; `""` where a word is none of them."""
    known, names = place_codes(spoken), place_names()
    own, english = names.get(asked), names["en"]
    if not known or own is None:
        return ""
    codes = [known[fold(words)]] if fold(words) in known else [_place(part, known) for part in _BETWEEN.split(words)]
    if not codes or "" in codes:
        return ""
    return ", ".join(own.get(code) or english.get(code, "") for code in codes)


def _place(part: str, known: Mapping[str, str]) -> str:
    form = fold(part)
    return known.get(form) or (known.get(form[1:], "") if form.startswith(entries("and_prefixes")) else "")


def _name(words: str, spoken: str, question: str, texts: Sequence[str]) -> str:
    """Return a name in letters that the reader knows."""
    if len(words.split()) > _MOST_WORDS or any(letter.isdecimal() for letter in words):
        return ""
    words = _bare_name(words)
    sought = consonants(words)
    runs = [run for text in texts for run in _capitalised(text)] if len(sought) >= _LEAST_SOUNDS else []
    near = [(_edits(sought, consonants(run)), run) for run in runs if same_sound(sought, consonants(run))]
    if near:
        return min(near, key=lambda found: found[0])[1]
    return romanized(words, spoken) if asks_for_a_name(question) else ""


def _bare_name(words: str) -> str:
    """Return a name without the postpositions of Hindi and the like behind it."""
    parts, particles = words.split(), known_words("date_particles") | known_words("placing")
    while len(parts) > 1 and not has_case(words) and fold(parts[-1]) in particles:
        parts.pop()
    return " ".join(parts)


def same_sound(one: str, other: str) -> bool:
    """Tell whether two rows of consonants (`index.language.names.sounds.consonants`) are one name in two spellings."""
    if not one or not other or abs(len(one) - len(other)) > max(len(one), len(other)) // 4:
        return False
    return _edits(one.replace("H", ""), other.replace("H", "")) <= max(len(one), len(other)) // 6


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for place, sound in enumerate(one, start=1):
        before, row[0] = row[0], place
        for at, heard in enumerate(other, start=1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (sound != heard))
    return row[-1]


def _capitalised(text: str) -> Iterator[str]:
    """Yield runs of words that begin with capitals, from the longest on, joined by small words or hyphens."""
    for match in _NAME.finditer(text):
        parts = match.group().split(" ")
        for size in range(len(parts), 0, -1):
            for start in range(len(parts) - size + 1):
                run = parts[start : start + size]
                if run[0][0].isupper() and any(letter.isupper() for letter in run[-1]):
                    yield " ".join(run).rstrip(".'’-")


@lru_cache(maxsize=1)
def place_names() -> Mapping[str, Mapping[str, str]]:
    """Return the names of places by language and code, from Unicode's CLDR (`tools/place_names.py`)."""
    table: dict[str, dict[str, str]] = json.loads(gzip.decompress((files("rag") / "place_names.json.gz").read_bytes()))
    return table


@lru_cache(maxsize=32)
def place_codes(language: str) -> Mapping[str, str]:
    """Return the codes of places by their folded names in a language."""
    return {fold(name): code for code, name in reversed(list(place_names().get(language, {}).items()))}
