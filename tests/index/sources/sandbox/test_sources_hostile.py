"""Hostile and odd files: each is read properly or refused by name, quickly, and the others go on."""

from __future__ import annotations

import time
from pathlib import Path
from zipfile import BadZipFile

import pytest

from index.errors import SourceError
from index.sources.discovery import discover
from index.sources.sandbox.pool import SandboxLimits, read_many
from index.sources.types import ReadResult
from tests.harness.hostile_files import GOOD, SECRET, Case, cases, write_all
from tests.harness.naive_reader import naive_read

LIMITS = SandboxLimits()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("hostile")
    (base / "outside").mkdir()
    (base / "outside" / "secret.txt").write_text(SECRET)
    target = base / "files"
    target.mkdir()
    write_all(target, cases(base / "outside" / "secret.txt"))
    return target


@pytest.fixture(scope="module")
def outcome(folder: Path) -> dict[str, ReadResult | SourceError]:
    begin = time.monotonic()
    found = {file.path.name: result for file, result in read_many(discover([folder]).files, limits=LIMITS)}
    assert time.monotonic() - begin < 120
    return found


def all_cases() -> list[Case]:
    return cases(Path("/nowhere/secret.txt"))


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_each_file_is_read_properly_or_refused_by_name(
    case: Case, outcome: dict[str, ReadResult | SourceError]
) -> None:
    result = outcome[case.name]
    if case.refused:
        assert isinstance(result, SourceError), result
        assert case.name in result.source
        assert case.reason in result.reason
        assert SECRET not in str(result)
        assert str(result).isprintable()
    elif isinstance(result, SourceError):
        assert not case.holds, result  # an odd file may be refused, one with a text to find may not
    else:
        text = "\n".join(document.text for document in result.documents)
        assert case.holds in text
        assert not [mark for mark in case.lacks if mark in text]


def test_every_file_has_exactly_one_outcome(folder: Path, outcome: dict[str, ReadResult | SourceError]) -> None:
    assert set(outcome) == {path.name for path in folder.iterdir()}


def test_no_secret_anywhere(outcome: dict[str, ReadResult | SourceError]) -> None:
    for name, result in outcome.items():
        if isinstance(result, ReadResult) and name != "tags.txt":
            for document in result.documents:
                assert SECRET not in document.text + document.title + str(document.metadata), name


def test_the_naive_reader_is_caught(folder: Path) -> None:
    """The same expectations fail for a careless reader, in several different ways."""
    caught = set()
    for case in cases(folder.parent / "outside" / "secret.txt"):
        if case.name.startswith(("bomb", "lying", "deep", "brackets", "stars", "quotes", "wide", "one-")):
            continue
        try:
            text = naive_read(folder / case.name)
        except (OSError, ValueError, SyntaxError, KeyError, BadZipFile):
            text = None
        good = text is None if case.refused else text is not None and case.holds in text
        if not good or (text is not None and any(mark in text for mark in case.lacks)):
            caught.add(case.name)
    assert {
        "external.xml",
        "external.docx",
        "utf16.txt",
        "marked.txt",
        "tags.txt",
        "hidden.html",
        "picture.pdf",
    } <= caught
    assert GOOD in naive_read(folder / "good.md")


def test_a_hostile_text_does_not_change_the_good_one(outcome: dict[str, ReadResult | SourceError]) -> None:
    good = outcome["good.md"]
    assert isinstance(good, ReadResult)
    assert good.documents[0].title == "Lights"
    assert good.documents[0].text == f"Lights\n\n{GOOD}"
