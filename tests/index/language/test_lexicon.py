"""Language files: what is read from them, what is refused, and that nothing of the older tables was lost."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import ConfigError
from index.language import lexicon
from index.language.fields import FIELDS
from index.language.folding import fold
from index.language.lexicon import (
    entries,
    flagged,
    known_words,
    languages,
    numbered,
    spaced_words,
    text_of,
    unspaced_words,
    words_of,
)
from index.language.numbers.dates import _month_names
from index.language.numbers.quantities import spelled
from index.language.numbers.signed_dates import ended, signed_date
from index.language.numbers.solar_dates import _months, solar_date
from index.language.scripts import script_of_char
from rag.reading.short.units import currency_of, units_apart

# How many different entries each list had as a table in code, before it was spread over the language files.
TABLES = {
    "titles": 144, "abbreviations": 174, "before_numbers": 60, "openers": 169, "large_numbers": 130, "denials": 184,
    "common": 541, "placing": 61, "greetings": 171, "thanks": 198, "agreements": 284, "refusals": 116, "sources": 169,
    "closing_headings": 142, "furniture": 129, "courtesies": 83, "offer_heads": 25, "implied_denials": 161,
    "writing": 78, "sending": 82, "receiving": 49, "messages": 68, "asking_when": 13, "asking_who": 29,
    "asking_whom": 9, "towards": 13, "out_of": 8, "about_files": 173, "parts": 104, "part_verbs": 86,
    "author_labels": 10, "recipient_labels": 3, "date_labels": 8, "currencies": 28, "own_currency": 52,
    "family_names": 158, "grammar_signs": 86, "prefixes": 12, "day_endings": 10, "raised_endings": 20, "code_styles": 7,
    "file_prefixes": 12, "date_endings": 10,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(lexicon.EXTRA, str(tmp_path))
    return tmp_path


def read_anew() -> dict[str, lexicon.Language]:
    return dict(languages.__wrapped__())


@pytest.mark.parametrize("field", TABLES)
def test_no_list_lost_a_word(field: str) -> None:
    assert len(lexicon._all(field)) >= TABLES[field]


def test_lists_are_read_as_one_over_all_languages() -> None:
    assert {"and", "und", "ve", "و"} <= spaced_words("connectives")
    assert "那么" in unspaced_words("connectives") and "那么" not in spaced_words("connectives")
    assert "thank you very much" in entries("thanks") and "wie geht's" in entries("greetings")
    assert known_words("denials") >= {"not", "никогда", "لا", "नहीं"}
    assert numbered("months")["december"] == numbered("months")["декабря"] == 12
    assert numbered("numbers")["zwolf"] == 12  # folded


def test_what_holds_of_one_language_is_asked_for_by_its_code() -> None:
    assert "eine" in words_of("articles", "de") and not words_of("articles", "xx")
    assert "de" in flagged("ordinals") and "en" not in flagged("ordinals")
    assert (
        text_of("de", "refusal") == text_of("de-AT", "refusal") != text_of("xx", "refusal") == text_of("en", "refusal")
    )


def test_a_language_of_which_others_write_alike_is_tried_first() -> None:
    assert list(languages())[:3] == ["en", "de", "fr"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("code = 'xy'\n[questions]\nconectives = 'a'", "there is no field conectives; did you mean connectives?"),
        ("code = 'xy'\n[facts]\nconnectives = 'a'", r"connectives belongs under \[questions\]"),
        ("code = 'xy'\nconnectives = 'a'", r"connectives belongs under \[questions\]"),
        ("code = 'xy'\n[sentences]\ncode = 'xy'", "code belongs under the top"),
        ("code = 'xy'\n[questions]\nconnectives = ['a']", "connectives must be a str"),
        ("code = 'xy'\nordinals = 'yes'", "ordinals must be a bool"),
        ("code = 'xy'\n[facts]\nmonths = 'january, february'", "a number and a word"),
        ("code = 'yx'", 'write `code = "xy"`'),
        ("name = 'Xish'", 'write `code = "xy"`'),
        ("code = 'xy", "can't be read as a language file"),
    ],
)
def test_a_file_that_breaks_a_rule_is_named_with_the_rule(folder: Path, text: str, problem: str) -> None:
    (folder / "xy.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=problem) as error:
        read_anew()
    assert "xy.toml" in str(error.value) and "\n" not in str(error.value)


def test_a_folder_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lexicon.EXTRA, "/no/such/folder")
    with pytest.raises(ConfigError, match="RAG_LANGUAGES: /no/such/folder is no folder"):
        read_anew()


def test_months_of_another_calendar_are_those_of_icu() -> None:
    months = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
    assert _months("fa", "persian") == {fold(name): place for place, name in enumerate(months.split(), 1)}
    assert solar_date(fold("12 بهمن 1357"), "fa") == solar_date(fold("در روز 12 بهمن سال 1357"), "fa") == (1979, 2, 1)
    assert solar_date(fold("12 بهمن 1357"), "ar") is None  # the calendar is told by the language's file


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("2024年3月5日", ("2024", "3", "5")),
        ("2024년 3월 5일", ("2024", "3", "5")),
        ("3月5號", (None, "3", "5")),
        ("12월", (None, "12", None)),
    ],
)
def test_dates_by_signs_are_found_with_the_signs_of_every_language(text: str, groups: tuple[str | None, ...]) -> None:
    found = signed_date().fullmatch(text)
    assert found and found.groups() == groups
    assert signed_date().search("3 items, 5 days") is None
    assert ended().sub("", f"{text}から") == ended().sub("", f"{text}에서") == text


def test_a_currency_is_told_by_its_name_in_every_text_or_only_at_home() -> None:
    assert currency_of(fold("евро"), "de") == currency_of("euro", "fr") == "EUR"
    assert currency_of("kr", "sv") == "SEK" and currency_of("kr", "no") == "NOK" and not currency_of("kr", "en")
    assert units_apart("3万元", "zh") == ["3万", "元"]


def test_every_field_is_used_by_a_file_and_typed() -> None:
    used = {name for language in languages().values() for name in language.values}
    assert used == set(FIELDS)


def test_no_word_mixes_scripts() -> None:
    """A letter of another script that looks alike is a slip of the keyboard, and its word is never found."""
    for code, language in languages().items():
        lists = (value for name, value in language.values.items() if FIELDS[name][1] == "list")
        for word in re.findall(r"[^\W\d_]+", " ".join(entry for value in lists for entry in value)):
            scripts = {script_of_char(letter) for letter in word} - {""}
            assert len(scripts) < 2 or scripts <= {"Hani", "Kana"}, (code, word)


def test_months_and_numbers_are_those_of_icu_where_it_knows_them() -> None:
    unknown = 0
    for code, language in languages().items():
        months, numbers = _month_names(code), spelled(code)
        for field, known in (("months", months), ("numbers", numbers)):
            for number, word in language.values.get(field, ()):
                unknown += fold(word) not in known
                assert known.get(fold(word), number) == number, (code, word)
    assert unknown < 100


def test_nothing_is_read_before_a_word_is_asked_for() -> None:
    code = (
        "import index.language.lexicon as l, rag.question.followups, rag.checking.written.markers, rag.output.strings;"
        "assert not l.languages.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
