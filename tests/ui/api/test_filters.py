"""Filters that nothing can match are refused by name, and the ones that can match go through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.language.lexicon import languages
from index.stores.base import Filter
from index.types import Passage
from rag.output.strings import refusal
from rag.types import Answer, ScoredPassage
from tests.harness.commands import rag
from tests.harness.partly_slow import partly_slow
from tests.ui.cli.test_cli import ARTICLE, assert_one_line_error
from ui.service.asking.filters import _check_dates
from ui.terminal.sheets import answer_lines
from ui.view.cards import turn_of
from ui.view.render import turn_html


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filters")
    (folder / "notes" / "coast").mkdir(parents=True)
    (folder / "notes" / "coast" / "lighthouse.md").write_text(ARTICLE, "utf-8")
    done = rag("index", "notes", cwd=folder, RAG_INDEX=str(folder / "index"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--language", "English"),
        ("--document", "no-such-id"),
        ("--since", "yesterday"),
        ("--until", "2021-13"),
        ("--folder", "nope"),
    ],
)
@pytest.mark.parametrize("command", partly_slow(["search", "ask"]))
def test_what_can_not_match_is_refused_by_name(indexed: Path, command: str, option: str, value: str) -> None:
    done = rag(command, "Who built it?", option, value, cwd=indexed, RAG_INDEX=str(indexed / "index"))
    assert_one_line_error(done, option, value)
    assert done.stdout == ""


def test_what_can_match_goes_through(indexed: Path) -> None:
    chosen = ("--language", "en", "--document", "lighthouse", "--since", "2021", "--until", "2021-05")
    done = rag("search", "Who built the lighthouse?", *chosen, cwd=indexed, RAG_INDEX=str(indexed / "index"))
    assert done.returncode == 0, done.stderr
    assert "Maria Kovach" in done.stdout


def test_a_coarse_bound_holds_the_finer_one() -> None:
    _check_dates(Filter(date_from="2020-05", date_to="2020"))
    _check_dates(Filter(date_from="2020", date_to="2020-05"))
    with pytest.raises(Exception, match="--since 2021-06 is later than --until 2021-05"):
        _check_dates(Filter(date_from="2021-06", date_to="2021-05"))


@pytest.mark.slow
def test_nothing_is_said_to_be_below_when_nothing_is(indexed: Path) -> None:
    done = rag("ask", "Who built the lighthouse?", "--since", "2050", cwd=indexed, RAG_INDEX=str(indexed / "index"))
    assert done.returncode == 0, done.stderr
    assert "below" not in done.stdout
    assert done.stdout.startswith("The sources don't answer this question.\n")
    assert "Without the filter there is an answer." in done.stdout


@pytest.mark.parametrize("language", [code for code, known in languages().items() if "refusal" in known.values])
def test_every_language_has_the_sentence_without_what_follows(language: str) -> None:
    assert refusal(language).startswith(refusal(language, shown=False))
    assert len(refusal(language, shown=False)) < len(refusal(language)) - 8


def test_whoever_prints_a_refusal_prints_what_is_below() -> None:
    passage = Passage("d:0", "d", 0, 12, "The nearest.\nOf all.", "en", "")
    near = (ScoredPassage(passage, "Tower", "tower.md", 0.5, {}),)
    refused = Answer("?", refusal("en"), (), near, True, "en", "extractive", 1)
    assert str(refused).splitlines() == [refusal("en"), "", "- Tower (tower.md): The nearest. Of all."]
    assert [str(each) for each in answer_lines(refused)] == [
        refusal("en"), "", "- Tower (tower.md): The nearest. Of all.",
    ]  # fmt: skip
    page = turn_html(turn_of(refused, "t", 0.1), "en")
    assert "Nearest passages" in page and "The nearest." in page
    alone = replace(refused, text=refusal("en", shown=False), passages=())
    assert str(alone) == refusal("en", shown=False)
    assert "Nearest passages" not in turn_html(turn_of(alone, "t", 0.1), "en")


@pytest.mark.parametrize("language", ["en", "ar", "zh", "xx"])
def test_a_saved_conversation_speaks_of_no_passages_that_it_lacks(language: str) -> None:
    refused = Answer("?", refusal(language), (), (), True, language, "extractive", 1)
    assert turn_of(refused, "t", 0.1).text == refusal(language, shown=False)
