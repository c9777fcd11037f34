"""The store keeps the contract that ships with Babelquote; an index at its address is built, asked and described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from babelquote_example.remembered import RememberedStore

import index
from index.engines import engine_of
from index.errors import ConfigError, IndexMissingError, StoreError
from index.locations import Database, location_of
from index.stores.memory import MemoryStore
from index.testing.store_contract import DIMENSION, StoreContract
from rag import AnswerConfig, Assistant


class TestRememberedStore(StoreContract):
    def writer(self, folder: Path) -> Any:
        return MemoryStore(DIMENSION)

    def reader(self, writer: Any) -> Any:
        return RememberedStore.of(writer)


@pytest.fixture
def address(tmp_path: Path) -> str:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "soup.txt").write_text("Cook the lentils gently until they are soft. Add salt.", encoding="utf-8")
    found = f"remembered://{(tmp_path / 'an index').as_posix()}"
    assert len(index.build([texts], index_dir=found, embedder="letters:32").added) == 1
    return found


def test_an_index_at_its_address_is_built_opened_and_asked(address: str) -> None:
    with index.open(address) as opened:
        assert type(opened.store) is RememberedStore
        assert str(opened.folder) == address
    answer = Assistant(address, config=AnswerConfig(min_confidence=0.0, reader="none")).answer(
        "How are lentils cooked?"
    )
    assert answer.citations[0].quote in "Cook the lentils gently until they are soft. Add salt."


def test_readers_follow_its_builds(address: str, tmp_path: Path) -> None:
    live = index.LiveIndex(address)
    try:
        (tmp_path / "texts" / "bread.txt").write_text("Bake the dough for eleven minutes.", encoding="utf-8")
        index.build(index_dir=address)
        with live.reading() as opened:
            assert len(list(opened.store.document_ids())) == 2
    finally:
        live.close()


def test_it_is_described_and_checked(address: str) -> None:
    assert index.status(address).documents == 1
    assert index.verify(address) == ()
    assert len(index.sources_of(address)) == 1
    with pytest.raises(IndexMissingError, match="no index yet"):
        index.open(f"{address} not")


def test_an_address_that_no_package_knows_is_refused() -> None:
    assert isinstance(location_of("remembered:///x"), Database)
    with pytest.raises(ConfigError, match="no engine is installed for an index at forgotten://"):
        location_of("forgotten:///x")
    assert isinstance(location_of("forgotten:x"), Path), "a file may be called so"
    with pytest.raises(StoreError, match="no engine of an index is called 'forgotten'"):
        engine_of(Database("forgotten:///x", "forgotten:///x"))
