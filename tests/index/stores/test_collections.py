"""Collections: what a person may see because of them, how they last, and what an index shows of itself then."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import ConfigError, StoreError
from index.locations import location_of
from index.opening.collections import KeptCollections
from index.opening.scoped import ScopedStore
from index.stores.base import Filter
from index.stores.collections import SEES_ALL, Collection, Collections, Viewer, checked_name
from index.stores.keeping import FILE, change_collections, read_collections
from index.stores.memory import MemoryStore
from index.stores.sets import DocumentSet
from index.testing.store_contract import DIMENSION, document, put, unit
from tests.harness.postgres_server import fresh_schema

ANN, BEN, NOBODY = Viewer("ann", frozenset({"staff"})), Viewer("ben"), Viewer()
HR = Collection("Salaries", ("pay",), ("hr",), "group:staff", closed=True)


def sees(some: Collections, viewer: Viewer, document_id: str, source: str) -> bool:
    seen = some.seen(viewer)
    return seen is None or seen.holds(document_id, source)


@pytest.mark.parametrize(
    ("viewer", "document_id", "source", "expected"),
    [
        (ANN, "pay", "x/pay.txt", True),
        (BEN, "pay", "x/pay.txt", False),
        (NOBODY, "pay", "x/pay.txt", False),
        (BEN, "new", "hr/new.txt", False),  # put into the folder after the collection was made
        (BEN, "new", "hrx/new.txt", True),
        (ANN, "new", "hr/new.txt", True),
        (BEN, "diary", "hr/diary.txt", True),  # in two closed ones, of which one is his
        (ANN, "diary", "hr/diary.txt", True),
        (NOBODY, "diary", "hr/diary.txt", False),
        (BEN, "both", "y/both.txt", True),
        (ANN, "both", "y/both.txt", False),
        (SEES_ALL, "pay", "x/pay.txt", True),
    ],
)
def test_a_closed_collection_keeps_its_documents_from_others(
    viewer: Viewer, document_id: str, source: str, expected: bool
) -> None:
    own = Collection("Mine", ("diary", "both"), (), "user:ben", closed=True)
    open_one = Collection("Favourites", ("pay", "free"), (), "user:ben")
    assert sees(Collections((HR, own, open_one)), viewer, document_id, source) is expected


def test_who_signed_in_under_no_name_owns_nothing_of_a_person() -> None:
    assert not NOBODY.owns("user:")
    assert not NOBODY.owns("group:")
    assert not Viewer("staff").owns("group:staff")
    assert not Viewer("", frozenset({"ann"})).owns("user:ann")


def test_where_the_rest_is_closed_only_what_was_given_is_seen() -> None:
    some = Collections((HR, Collection("Open", ("free",)), Collection("Grab", ("pay",), (), "user:ben")), True)
    assert sees(some, BEN, "free", "free.txt")
    assert not sees(some, BEN, "other", "other.txt")
    assert not sees(some, BEN, "pay", "pay.txt")  # a collection of his own opens nothing
    assert sees(some, ANN, "pay", "pay.txt")


def test_collections_are_known_to_whom_they_belong() -> None:
    some = Collections((HR, Collection("Salaries", ("free",), (), "user:ben")))
    assert some.named(["SALARIES"], BEN) == DocumentSet(frozenset({"free"}))
    assert some.named(["salaries"], ANN) == HR.held
    with pytest.raises(ConfigError) as error:
        some.named(["salaries"], NOBODY)
    assert "there is none yet" in str(error.value)


@pytest.mark.parametrize("name", ["", " ", "@x", "a/b", "a,b", "x\u202ey", "x" * 61, "a\0b", "\ud800"])
def test_what_can_not_be_a_name(name: str) -> None:
    with pytest.raises(ConfigError):
        checked_name(name)
    assert checked_name("  تقارير   ٢٠٢٤ ") == "تقارير ٢٠٢٤"


@pytest.mark.parametrize("engine", ["folder", "postgres"])
def test_collections_last(tmp_path: Path, engine: str) -> None:
    place: Any = tmp_path / "index" if engine == "folder" else fresh_schema()
    if engine == "postgres":
        from index.stores.postgres.writing.making import PostgresStoreWriter

        assert read_collections(place) == Collections()
        with pytest.raises(StoreError, match="no index yet"):
            change_collections(place, lambda some: some.put(HR))
        PostgresStoreWriter(location_of(place), DIMENSION).finish()
    assert change_collections(place, lambda some: some.put(HR)) == Collections((HR,))
    change_collections(place, lambda some: some.put(Collection("Ü", ("ü",), ("ü/日",))))
    kept = KeptCollections(location_of(place)).now()
    assert kept == read_collections(place)
    assert {one.name for one in kept.each} == {"Salaries", "Ü"}
    if engine == "folder" and os.name == "posix":
        assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "index" / FILE).stat().st_mode) == 0o600
        assert sorted(path.name for path in (tmp_path / "index").iterdir()) == [FILE, f"{FILE}.lock"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"format": 2, "others_closed": false, "collections": []}',
        b'{"format": 1, "others_closed": 0, "collections": []}',
        b'{"format": 1, "others_closed": false, "collections": [{"name": "x"}]}',
        HR.name.encode(),
        Collections((HR,)).to_json().replace(b"group:staff", b"staff"),
        Collections((HR,)).to_json().replace(b'"closed": true', b'"closed": "no"'),
        Collections((HR,)).to_json().replace(b'"closed"', b'"shut"'),
    ],
)
def test_what_can_not_be_read_is_told_and_lets_nobody_see(tmp_path: Path, content: bytes) -> None:
    kept = KeptCollections(tmp_path)
    change_collections(tmp_path, lambda some: some.put(HR))
    assert kept.now().each
    (tmp_path / FILE).write_bytes(content)
    for _ in range(2):  # nor does what was read before count
        with pytest.raises(StoreError, match="nothing is shown") as error:
            kept.now()
        assert "\n" not in str(error.value)


@pytest.fixture
def scoped() -> ScopedStore:
    whole = MemoryStore(DIMENSION)
    put(whole, document("open", "the quick brown fox"), seed=1)
    put(whole, document("secret", "the canary sings in the mine", language="de", source="hr/s.txt"), seed=2)
    return ScopedStore(whole, DocumentSet(outside=DocumentSet(places=frozenset({"hr"}))))


def test_a_scoped_store_holds_nothing_else(scoped: ScopedStore) -> None:
    hidden = scoped.whole.keys("secret")
    assert list(scoped.document_ids()) == ["open"]
    assert scoped.languages() == {"en": len(scoped)} == {"en": len(scoped.whole.keys("open"))}
    assert scoped.languages(Filter(languages=("de",))) == {}
    assert scoped.keys("secret") == []
    assert scoped.keyword("canary sings", 9).hits == ()
    assert {hit.key for hit in scoped.dense(unit(1)[0], 99)} == set(scoped.keys("open"))
    for ask in (scoped.passages, scoped.vectors, scoped.sentences):
        with pytest.raises(StoreError):
            ask(hidden)
    for ask in (scoped.document, lambda name: scoped.headers([name])):
        seen = []
        for name in ("secret", "nobody"):
            with pytest.raises(StoreError) as error:
                ask(name)
            seen.append(str(error.value).replace(name, "NAME"))
        assert seen[0] == seen[1]  # nobody learns which ids there are


def test_a_scoped_store_narrows_and_never_widens(scoped: ScopedStore) -> None:
    for where in (Filter(documents=("secret",)), Filter(folder="hr"), Filter(among=(DocumentSet({"secret"}),))):
        assert scoped.dense(unit(1)[0], 9, where) == []
        assert scoped.keyword("canary the", 9, where).hits == ()


def test_filters_name_collections(tmp_path: Path) -> None:
    from rag import Assistant

    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"The {name} lighthouse was built by {name.title()} in 1910.", "utf-8")
    index.build([tmp_path / "one.txt", tmp_path / "two.txt"], index_dir=tmp_path / "i", embedder="hashing")
    assistant = Assistant(tmp_path / "i")
    (one,) = (
        hit.passage.document_id for hit in assistant.retrieve("built", where=Filter(metadata=(("source", "one"),)))
    )
    change_collections(tmp_path / "i", lambda some: some.put(Collection("First", (one,))))
    found = assistant.retrieve("Who built the lighthouse?", where=Filter(collections=("first",)))
    assert {hit.passage.document_id for hit in found} == {one}
    with pytest.raises(ConfigError, match="there is First"):
        assistant.retrieve("Who?", where=Filter(collections=("third",)))
    only = Assistant(tmp_path / "i", where=Filter(collections=("First",)))
    assert {hit.passage.document_id for hit in only.retrieve("lighthouse")} == {one}
    assert only.library().documents == 1
