"""What is asked of files and of numbered parts is known by words that stand in the languages' files, none in code."""

import ast
from pathlib import Path

import pytest

from index.language.lexicon import phrases_of, spaced_words, unspaced_words
from rag.overview.asked.asked_of_files import asked_of_files
from rag.overview.asked.file_words import concepts_of, unspaced_concepts
from rag.overview.asked.numbered_parts import asked_part

ROOT = Path(__file__).resolve().parents[3]
TEN = {"en", "de", "fr", "es", "ru", "tr", "ar", "fa", "he", "zh"}


@pytest.mark.parametrize(
    "field", ["writing", "sending", "receiving", "messages", "asking_when", "asking_who", "about_files", "parts"]
)
def test_ten_languages_have_them(field: str) -> None:
    assert phrases_of(field).keys() >= TEN  # type: ignore[arg-type]


def test_a_word_says_what_it_says_in_its_languages() -> None:
    assert concepts_of("sender") == concepts_of("absender") == {"sent"}
    assert concepts_of("wem") == {"who", "whom"} and concepts_of("lantern") == frozenset()
    assert "auf" not in spaced_words("towards") and {"to", "para"} <= spaced_words("towards")


def test_longer_words_of_scripts_without_spaces_come_first() -> None:
    words = [word for word, _ in unspaced_concepts()]
    assert words == sorted(words, key=len, reverse=True) and "whom" in dict(unspaced_concepts())["发给谁"]
    assert "条" in unspaced_words("parts")


@pytest.mark.parametrize(
    ("question", "number"),
    [("What does clause 2.2 say?", "2.2"), ("第三条说了什么？", "第三条"), ("Was regelt § 7?", "7")],
)
def test_parts_are_asked_for(question: str, number: str) -> None:
    asked = asked_part(question)
    assert asked is not None and asked.number == number and asked.words == ()


@pytest.mark.parametrize(
    ("question", "language"),
    [("Which mails did Mei send?", "en"), ("Welche Mails hat Mei geschickt?", "de"), ("Mei发送了哪些邮件？", "zh")],
)
def test_mails_are_asked_for(question: str, language: str) -> None:
    asked = asked_of_files(question, language)
    assert asked is not None and asked.mails and "mei" in asked.words


def test_no_list_of_words_stands_in_the_code_of_the_library_answers() -> None:
    """A text of many words with letters beyond Latin is such a list; numerals and signs are none."""
    for path in sorted((ROOT / "rag" / "overview").rglob("*.py")):
        texts = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
        lists = [one for one in texts if isinstance(one, str) and len(_foreign(one)) > 1]
        docs = [one for one in lists if one.rstrip().endswith(".")]
        assert [one for one in lists if one not in docs] == [], path


def _foreign(text: str) -> list[str]:
    return [word for word in text.split() if any(ord(letter) > 0x24F and letter.isalpha() for letter in word)]
