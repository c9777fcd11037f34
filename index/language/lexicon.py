"""What is known of each language, from its file: `data/*.toml`, and `RAG_LANGUAGES`, a folder with more of them.

Adding a language is adding one file; `docs/languages.md` walks through it. The files are read once, when the first word
of one is asked for. Which language a text is in is often not known when it is looked for words, so most lists are asked
for as one, over all languages.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.errors import ConfigError
from index.language.fields import FIELDS, FlagField, Kind, ListField, NumberField, PatternField, TextField
from index.language.folding import fold
from index.language.scripts import NO_SPACES, script_of

__all__ = [
    "Language", "alternatives", "entries", "flagged", "known_words", "languages", "numbered", "numbers_of", "patterns",
    "phrases_of",
    "spaced_words", "text_of", "unspaced_words", "words_of",
]  # fmt: skip

FOLDER = Path(__file__).with_name("data")
EXTRA = "RAG_LANGUAGES"
_LAST = 1_000  # precedence of a language that has none
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        code: BCP 47.
        values: its fields by name, each read as its kind says: a text, a tuple of texts, pairs of a number and a word,
            a flag, a number. What the file leaves out is left out here.
        file: where it is from.
    """

    code: str
    values: Mapping[str, Any]
    file: Path


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """Return all languages by code, in the order in which their words are tried.

    Raises:
        ConfigError: a file breaks a rule; the message names it and the rule.
    """
    extra = os.environ.get(EXTRA, "")
    if extra and not Path(extra).is_dir():
        raise ConfigError(f"{EXTRA}: {extra} is no folder", "name one that holds language files (*.toml)")
    files = {
        path.name: path for folder in (FOLDER, *([Path(extra)] if extra else [])) for path in folder.glob("*.toml")
    }
    return {language.code: language for language in sorted(map(_read, files.values()), key=_rank)}


def _rank(language: Language) -> tuple[int, str]:
    return language.values.get("precedence", _LAST), language.code


def _read(path: Path) -> Language:
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # TOML's and Unicode's errors are ValueErrors
        raise ConfigError(f"{path}: can't be read as a language file: {error}") from error
    values = {name: _value(path, name, value) for name, value in _flat(path, written)}
    if values.get("code") != path.stem:
        raise ConfigError(f"{path}: a language file is named by its code", f'write `code = "{path.stem}"` or rename it')
    return Language(path.stem, values, path)


def _flat(path: Path, written: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield fields and what is written there, each checked for standing in its section."""
    sections = {"": {name: value for name, value in written.items() if not isinstance(value, dict)}}
    sections |= {name: value for name, value in written.items() if isinstance(value, dict)}
    for section, fields in sections.items():
        for name, value in fields.items():
            if name not in FIELDS:
                from difflib import get_close_matches

                near = get_close_matches(name, FIELDS, 1)
                raise ConfigError(f"{path}: there is no field {name}", f"did you mean {near[0]}?" if near else "")
            if FIELDS[name][0] != section:
                place = f"[{FIELDS[name][0]}]" if FIELDS[name][0] else "the top, above all sections"
                raise ConfigError(f"{path}: {name} belongs under {place}")
            yield name, value


def _value(path: Path, name: str, written: object) -> object:
    kind = FIELDS[name][1]
    if not isinstance(written, _WRITTEN[kind]):
        raise ConfigError(f"{path}: {name} must be a {_WRITTEN[kind].__name__}")
    if kind not in _READERS:
        return written
    try:
        return _READERS[kind](str(written))
    except ValueError as error:
        raise ConfigError(f"{path}: {name}: {error}") from error


def _entries(written: str) -> tuple[str, ...]:
    return tuple(entry for line in written.split("\n") for part in line.split(",") if (entry := part.strip()))


def _lines(written: str) -> tuple[str, ...]:
    return tuple(line for line in written.split("\n") if line)


def _numbers(written: str) -> tuple[tuple[int, str], ...]:
    """Return the pairs of `1 january, 2 february`."""
    found = []
    for entry in _entries(written):
        number, _, word = entry.partition(" ")
        if not (number.isdecimal() and word):
            raise ValueError(f"an entry is a number and a word, such as `1 january`; {entry!r} is not")
        found.append((int(number), word))
    return tuple(found)


_WRITTEN: Mapping[Kind, type] = {
    "text": str, "list": str, "numbers": str, "patterns": str, "flag": bool, "order": int,
}  # fmt: skip
_READERS: Mapping[Kind, Callable[[str], object]] = {"list": _entries, "patterns": _lines, "numbers": _numbers}


@lru_cache(maxsize=128)
def _all(field: str) -> tuple[Any, ...]:
    """Return the entries of a field in all languages, each once; the names of fields are checked by mypy."""
    values = (language.values.get(field, ()) for language in languages().values())
    return tuple(dict.fromkeys(entry for value in values for entry in value))


def entries(field: ListField) -> tuple[str, ...]:
    """Return the entries of a list in all languages as they are written, each once."""
    return _all(field)


def patterns(field: PatternField) -> tuple[str, ...]:
    """Return the regular expressions of all languages, each once."""
    return _all(field)


def patterns_of(field: PatternField, language: str) -> tuple[str, ...]:
    """Return the regular expressions of one language; none where its file has none."""
    known = languages().get(language)
    return tuple(known.values.get(field, ())) if known else ()


def alternatives(field: PatternField) -> str:
    """Return one regular expression for those of all languages."""
    return "|".join(_all(field))


def known_words(field: ListField) -> frozenset[str]:
    """Return a list's entries in all languages, folded as `index.language.folding.fold` does."""
    return _known(field)


@lru_cache(maxsize=128)
def _known(field: str) -> frozenset[str]:
    return frozenset(map(fold, _all(field)))


def spaced_words(field: ListField) -> frozenset[str]:
    """Return the folded entries that are compared word by word: those in scripts with spaces between words."""
    return _spaced(field)


@lru_cache(maxsize=128)
def _spaced(field: str) -> frozenset[str]:
    return frozenset(fold(entry) for entry in _all(field) if script_of(entry) not in NO_SPACES)


def unspaced_words(field: ListField) -> tuple[str, ...]:
    """Return the entries, as written, that may stand anywhere: those in scripts without spaces between words."""
    return _unspaced(field)


@lru_cache(maxsize=128)
def _unspaced(field: str) -> tuple[str, ...]:
    return tuple(entry for entry in _all(field) if script_of(entry) in NO_SPACES)


def numbered(field: NumberField) -> Mapping[str, int]:
    """Return what folded words stand for, over all languages."""
    return _numbered(field)


@lru_cache(maxsize=8)
def _numbered(field: str) -> Mapping[str, int]:
    return {fold(word): number for number, word in sorted(_all(field))}


def numbers_of(field: NumberField, language: str) -> Mapping[str, int]:
    """Return what folded words stand for in one language; nothing where its file has none."""
    return _numbers_of(field, language)


@lru_cache(maxsize=64)
def _numbers_of(field: str, language: str) -> Mapping[str, int]:
    known = languages().get(language)
    return {fold(word): number for number, word in known.values.get(field, ())} if known else {}


def phrases_of(field: ListField) -> Mapping[str, tuple[str, ...]]:
    """Return the entries of a list by the code of their language, for the languages that have any."""
    return _phrases_of(field)


@lru_cache(maxsize=64)
def _phrases_of(field: str) -> Mapping[str, tuple[str, ...]]:
    return {code: language.values[field] for code, language in languages().items() if field in language.values}


def words_of(field: ListField, language: str) -> frozenset[str]:
    """Return a list's folded entries in one language; none where its file has none."""
    return _words_of(field, language)


@lru_cache(maxsize=512)
def _words_of(field: str, language: str) -> frozenset[str]:
    known = languages().get(language)
    return frozenset(map(fold, known.values.get(field, ()))) if known else frozenset()


def flagged(field: FlagField) -> frozenset[str]:
    """Return the codes of the languages of which something holds."""
    return _flagged(field)


@lru_cache(maxsize=8)
def _flagged(field: str) -> frozenset[str]:
    return frozenset(code for code, language in languages().items() if language.values.get(field))


def text_of(language: str, field: TextField) -> str:
    """Return a text in a language (BCP 47 code), else in English."""
    known = languages()
    for code in (language, language.partition("-")[0].lower(), _ENGLISH):
        if code in known and field in known[code].values:
            return str(known[code].values[field])
    return ""
