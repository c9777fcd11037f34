"""What is asked: picked documents and collections narrow a question, and nothing that can't be read widens it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import index
from index.errors import ConfigError
from index.opening.listing import list_documents
from index.stores.collections import Collection
from index.stores.keeping import change_collections
from rag import AnswerConfig, Assistant
from rag.errors import QuestionError
from tests.harness.ui_browser import BOX, browser, come  # noqa: F401 - fixtures
from tests.harness.ui_server import chat_site
from ui.http.sign_in.login import hash_password, read_users
from ui.service.asking.asking import ChatService
from ui.service.asking.scope import picked_from
from ui.service.library.library import Library, Rights
from ui.view.cards import TurnCard

WHO = "Who built the lighthouse?"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scope")
    (folder / "texts").mkdir()
    for name in ("east", "west", "north"):
        text = f"The {name} lighthouse was built by {name.title()}man in 1910."
        (folder / "texts" / f"{name}.txt").write_text(text, "utf-8")
    index.build([folder / "texts"], index_dir=folder / "i", embedder="hashing")
    change_collections(folder / "i", lambda kept: kept.put(Collection("Warm ones", (), ("texts/west.txt",))))
    return folder / "i"


@pytest.fixture(scope="module")
def ids(place: Path) -> dict[str, str]:
    return {one.source.rpartition("/")[2].removesuffix(".txt"): one.id for one in list_documents(place).documents}


def asked(place: Path, scope: str) -> TurnCard:
    service = ChatService(Assistant(place, config=AnswerConfig(reader="none")), "extractive")

    async def last() -> TurnCard:
        return [turn async for turn in service.ask(WHO, (), "run", scope=scope)][-1]

    return asyncio.run(last())


def sources(turn: TurnCard) -> set[str]:
    return {one.document_id for one in (*turn.sources, *turn.passages)}


def test_a_question_is_asked_of_all_that_was_picked(place: Path, ids: dict[str, str]) -> None:
    assert sources(asked(place, "")) == set(ids.values())
    assert sources(asked(place, json.dumps({"documents": [ids["east"]]}))) == {ids["east"]}
    assert sources(asked(place, json.dumps({"collections": ["warm ones"]}))) == {ids["west"]}
    both = {"documents": [ids["east"], "gone"], "collections": ["Warm ones", "gone"]}
    assert sources(asked(place, json.dumps(both))) == {ids["east"], ids["west"]}


@pytest.mark.parametrize(
    "scope", ["x", "[]", "7", "null", '{"documents": 7}', '{"documents": [7]}', '{"collections": "all"}', "{" * 9]
)
def test_what_can_not_be_read_asks_nothing(place: Path, scope: str) -> None:
    with pytest.raises(QuestionError):
        picked_from(scope)
    turn = asked(place, scope)
    assert (turn.state, sources(turn)) == ("failed", set())


def test_what_is_gone_is_not_replaced_by_everything(place: Path) -> None:
    gone = asked(place, '{"collections": ["gone"]}')
    assert gone.state == "failed" and "collection" in gone.text
    assert sources(asked(place, '{"documents": ["gone"]}')) == set()


def test_groups_stand_behind_the_hash(tmp_path: Path) -> None:
    path, hashed = tmp_path / "users", hash_password("x")
    path.write_text(f"ann:{hashed}:staff, board\nben:{hashed}\n", "utf-8")
    users = read_users(path)
    assert users.groups == {"ann": frozenset({"staff", "board"}), "ben": frozenset()}
    assert users.check("ann", "x")
    for wrong in (f"ann:{hashed}:a:b", f"ann:{hashed}\nann:{hashed}:staff", "ann:staff"):
        path.write_text(wrong, "utf-8")
        with pytest.raises(ConfigError, match="line"):
            read_users(path)


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_shows_what_is_asked_and_lets_it_go(come, place: Path, ids: dict[str, str]) -> None:  # noqa: F811
    config = AnswerConfig(reader="none")
    with chat_site(Assistant(place, config=config), library=Library(place, Rights(local=True))) as site:
        visitor = come(site.url)
        page = visitor.page
        page.click('[data-do="library"]')
        page.click(f'[data-tick="{ids["east"]}"]')
        page.click("#bq-picked .bq-primary")
        assert page.text_content("#bq-scope .bq-scope-names") == "east"
        visitor.ask(WHO)
        assert "Westman" not in visitor.text("#bq-live") and "Eastman" in visitor.text("#bq-live")
        page.click('#bq-scope [data-do="scope-lift"]')
        assert page.is_hidden("#bq-scope")
        page.fill(BOX, "")
        page.type(BOX, f"{WHO} @warm")
        page.wait_for_selector("#bq-at [aria-selected=true]")
        page.keyboard.press("Enter")
        assert page.text_content("#bq-scope .bq-scope-names") == "Warm ones"
        assert page.input_value(BOX).strip() == WHO
        page.keyboard.press("Enter")
        page.wait_for_function(
            "document.querySelector('#bq-live .bq-turn[data-record]')?.textContent.includes('Westman')"
        )
        assert "Eastman" not in visitor.text("#bq-live")
        page.reload()
        page.wait_for_selector("html[data-ready=true]")
        assert page.text_content("#bq-scope .bq-scope-names") == "Warm ones"  # it still holds, and is shown
