"""What is new: since the day that a question names, by the dates that documents state and by their files."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

import index
from index.types import Document
from rag.answering.catalogue import changed_on
from rag.overview.answers import answer_about_library
from rag.overview.asked.since import since_when
from rag.overview.cited_lines import Page, listed
from rag.question.kinds import library_questions as asked
from rag.testing.memory_index import MemoryStore

SATURDAY = dt.date(2026, 11, 28)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What is new since Monday?"),
        ("de", "Was ist seit Montag neu?"),
        ("fr", "Quoi de neuf depuis lundi ?"),
        ("es", "¿Qué hay de nuevo desde el lunes?"),
        ("ru", "Что нового с понедельника?"),
        ("ar", "ما الجديد منذ يوم الاثنين؟"),
        ("fa", "از دوشنبه چه چیزی جدید است؟"),
        ("he", "מה חדש מאז יום שני?"),
        ("tr", "Pazartesiden beri yeni ne var?"),
        ("zh", "星期一以来有什么新内容？"),
    ],
)
def test_a_day_of_the_week_is_the_last_one(language: str, question: str) -> None:
    assert since_when(question, language, SATURDAY) == dt.date(2026, 11, 23)
    assert since_when(question, language, dt.date(2026, 11, 23)) == dt.date(2026, 11, 16)


@pytest.mark.parametrize(
    ("language", "question", "days"),
    [
        ("en", "Which files were added today?", 0),
        ("de", "Was kam gestern dazu?", 1),
        ("ru", "Что появилось на прошлой неделе?", 7),
        ("tr", "Bu hafta ne eklendi?", 7),
        ("zh", "本月新增了哪些文档？", 31),
        ("fr", "Quels documents ont été ajoutés cette année ?", 366),
    ],
)
def test_a_word_for_a_time_goes_back_so_many_days(language: str, question: str, days: int) -> None:
    assert since_when(question, language, SATURDAY) == SATURDAY - dt.timedelta(days)


def test_a_date_without_a_year_has_been_already_and_no_date_is_none() -> None:
    assert since_when("What is new since 3 March?", "en", SATURDAY) == dt.date(2026, 3, 3)
    assert since_when("What is new since 24 December?", "en", SATURDAY) == dt.date(2025, 12, 24)
    assert since_when("What is new?", "en", SATURDAY) is None


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    for name, date in (("old", "2019-06"), ("late", "2031-02-03"), ("plain", "")):
        made.add(Document(name, name.title(), f"{name}.md", "en", f"This is {name}.", {"date": date} if date else {}))
    return made


def test_only_what_is_new_since_then_is_listed_by_its_date_or_its_file(store: MemoryStore) -> None:
    found = answer_about_library(
        asked.NEWEST, "What is new since 2030?", "en", store, changed=lambda name: {"plain": "2032-01-01"}.get(name, "")
    )
    assert found is not None
    assert found.text.split("\n") == [
        "New since January 1, 2030:",
        "- Plain (January 1, 2032) [1]",
        "- Late (February 3, 2031) [2]",
    ]


def test_where_nothing_is_new_it_says_so_and_shows_the_newest(store: MemoryStore) -> None:
    found = answer_about_library(asked.NEWEST, "Was ist neu seit 2040?", "de", store)
    assert found is not None
    first, *rest = found.text.split("\n")
    assert first.startswith("Seit 1. Januar 2040 ist nichts neu")
    assert rest[0] == "- Late (3. Februar 2031) [1]"


def test_a_file_is_as_new_as_its_last_change(tmp_path: Path) -> None:
    for name, day in (("a", dt.datetime(2020, 5, 6, 12)), ("b", dt.datetime(2031, 5, 6, 12))):
        (tmp_path / f"{name}.txt").write_text(f"Text {name} says something.")
        os.utime(tmp_path / f"{name}.txt", (day.timestamp(),) * 2)
    index.build([tmp_path], index_dir=tmp_path / "index", embedder="hashing")
    with index.open(tmp_path / "index") as opened:
        names = {opened.store.document(name).source[-5:]: name for name in opened.store.document_ids()}
        assert [changed_on(opened, names[one]) for one in ("a.txt", "b.txt")] == ["2020-05-06", "2031-05-06"]


@pytest.mark.parametrize(
    ("iso", "language", "written"),
    [
        ("2020-12", "en", "December 2020"),
        ("2021", "de", "2021"),
        ("2020-12-09T10:00", "de", "9. Dezember 2020"),
        ("2020-02-31", "en", "2020-02-31"),
        ("20201209", "en", "20201209"),
        ("soon", "en", "soon"),
    ],
)
def test_dates_are_written_as_the_asker_does(iso: str, language: str, written: str, store: MemoryStore) -> None:
    assert Page(store, language).date(iso) == written


@pytest.mark.parametrize(
    ("names", "written"),
    [(["a", "b"], "a, b"), (["مصر", "العراق"], "مصر، العراق"), (["埃及", "伊拉克"], "埃及、伊拉克")],
)
def test_names_are_parted_by_the_sign_of_their_script(names: list[str], written: str) -> None:
    assert listed(names) == written


@pytest.mark.parametrize(
    ("kind", "question"), [(asked.DOCUMENTS, "What documents do I have?"), (asked.NEWEST, "What is new since 2020?")]
)
def test_records_without_titles_of_their_own_stand_in_one_line(kind: str, question: str) -> None:
    made = [("prices #1", "a/prices.csv#1"), ("prices #2", "a/prices.csv#2"), ("prices #10", "a/prices.csv#10")]
    made += [("A storm", "news.jsonl#1"), ("A calm", "news.jsonl#2"), ("Plan #4", "plan.md")]
    store = MemoryStore()
    for n, (title, source) in enumerate(made):
        store.add(Document(f"k{n}", title, source, "en", f"Text {n} says something.", {"date": "2025-01-02"}))
    found = answer_about_library(kind, question, "en", store)
    assert found is not None
    lines = [line.partition(" (January")[0].partition(" [")[0] for line in found.text.split("\n")]
    assert sorted(line for line in lines if line.startswith("- ")) == (
        ["- A calm", "- A storm", "- Plan #4", "- prices.csv (3)"]
    )
