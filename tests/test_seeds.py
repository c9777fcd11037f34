"""The sample articles and their questions keep what seeds/README.md promises."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
ARTICLES = sorted(path for path in SEEDS.glob("*.md") if path.name != "README.md")
REQUIRED_KEYS = {"id", "title", "language", "outlet", "date", "topics"}
KNOWN_DATE = re.compile(r"null|\d{4}(-\d{2}){0,2}")
SHARED_WORDS = 8
SHARED_ARABIC_CHARACTERS = 40
BOILERPLATE = re.compile(
    r"check also|all rights reserved|top of page|bottom of page|\bcomments?\b|\bviews?\s*\d|\d+\s*views?\b"
    r"|writer's picture|share this|subscribe|cookie|©|جميع الحقوق محفوظة",
    re.IGNORECASE,
)


def split_article(path: Path) -> tuple[dict[str, str], str]:
    """Return the front matter as plain strings, and the body."""
    opening, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == "", f"{path.name} does not begin with front matter"
    pairs = (line.split(": ", 1) for line in head.splitlines())
    return {key: value.strip('"') for key, value in pairs}, body


def questions() -> list[dict[str, Any]]:
    """Return every question as it stands in the file."""
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def bodies() -> dict[str, str]:
    """Return the body of each article by its id."""
    parsed = (split_article(path) for path in ARTICLES)
    return {meta["id"]: body for meta, body in parsed}


def shared_word_runs(text: str, original: str, length: int) -> Iterator[str]:
    """Yield each run of ``length`` words of ``text`` that ``original`` has too."""
    words = re.findall(r"\w+", text.lower())
    joined = " ".join(re.findall(r"\w+", original.lower()))
    haystack = f" {joined} "  # blanks at both ends, so that only whole words match
    for start in range(len(words) - length + 1):
        run = " ".join(words[start : start + length])
        if f" {run} " in haystack:
            yield run


def shared_character_runs(text: str, original: str, length: int) -> Iterator[str]:
    """Yield each run of ``length`` characters that both have, white space counted as one blank."""
    squeezed, haystack = " ".join(text.split()), " ".join(original.split())
    for start in range(len(squeezed) - length + 1):
        if squeezed[start : start + length] in haystack:
            yield squeezed[start : start + length]


def test_there_are_five_articles_and_one_is_arabic() -> None:
    languages = [split_article(path)[0]["language"] for path in ARTICLES]
    assert sorted(languages) == ["ar", "en", "en", "en", "en"]


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_front_matter_is_complete(path: Path) -> None:
    meta, _ = split_article(path)
    assert meta.keys() >= REQUIRED_KEYS
    assert meta["id"] == path.stem
    assert KNOWN_DATE.fullmatch(meta["date"])
    assert re.fullmatch(r"\[[^,\]]+(, [^,\]]+)+\]", meta["topics"])
    assert all(meta[key] for key in REQUIRED_KEYS)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_body_has_headings_and_no_boilerplate(path: Path) -> None:
    _, body = split_article(path)
    assert len(re.findall(r"^## \S", body, re.MULTILINE)) >= 3
    assert not re.search(r"^# ", body, re.MULTILINE), "the title stands in the front matter only"
    assert BOILERPLATE.search(body) is None


def test_arabic_article_is_in_arabic_script() -> None:
    body = bodies()["masr-aliraq-taawun-askari"]
    letters = [character for character in body if character.isalpha()]
    assert all("\u0600" <= letter <= "\u06ff" for letter in letters)


def test_identifiers_are_unique() -> None:
    identifiers = [question["id"] for question in questions()]
    assert len(set(identifiers)) == len(identifiers)
    texts = [question["text"] for question in questions()]
    assert len(set(texts)) == len(texts)
    assert len(bodies()) == len(ARTICLES)


def test_enough_questions_languages_and_refusals() -> None:
    asked = questions()
    languages = {question["lang"] for question in asked}
    assert len(asked) >= 60
    assert len(languages) >= 8
    assert sum(not question["answerable"] for question in asked) >= 12
    for language in languages:
        kinds = {question["answerable"] for question in asked if question["lang"] == language}
        assert kinds == {True, False}, f"{language} lacks answerable or unanswerable questions"


def test_every_article_is_asked_about() -> None:
    asked_about = {identifier for question in questions() for identifier in question["relevant"]}
    assert asked_about == set(bodies())


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["id"])
def test_gold_answers_stand_in_the_relevant_articles(question: dict[str, Any]) -> None:
    texts = bodies()
    answers, relevant = question["answers"], question["relevant"]
    assert question.keys() == {"id", "lang", "text", "answers", "relevant", "answerable"}
    assert bool(answers) == bool(relevant) == question["answerable"]
    for answer in answers:
        assert any(answer in texts[identifier] for identifier in relevant)
    for identifier in relevant:
        assert any(answer in texts[identifier] for answer in answers)


def test_overlap_finders_find_a_copied_run() -> None:
    assert list(shared_word_runs("He said: a b c d", "it is A, b c d!", 4)) == ["a b c d"]
    assert not list(shared_word_runs("a b c de", "a b c d", 4))
    assert list(shared_character_runs("xabcd", "ab\n cd abcd", 4)) == ["abcd"]


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_nothing_is_copied_from_the_originals(path: Path) -> None:
    folder = os.environ.get("RAG_SEED_ORIGINALS")
    if not folder:
        pytest.skip("RAG_SEED_ORIGINALS does not name the folder of the original texts")
    originals = [file.read_text(encoding="utf-8") for file in sorted(Path(folder).glob("*.txt"))]
    assert originals, f"no .txt files in {folder}"
    meta, body = split_article(path)
    text = f"{meta['title']}\n{body}"
    for original in originals:
        assert not list(shared_word_runs(text, original, SHARED_WORDS))
        if meta["language"] == "ar":
            assert not list(shared_character_runs(text, original, SHARED_ARABIC_CHARACTERS))
