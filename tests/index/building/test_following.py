"""Rights follow a document: under a new name, id or as a copy it stays where it was, before anybody can see it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import index
from index.building import build as building
from index.building.following import follow
from index.disk.ledger import Ledger, SourceRecord
from index.errors import StoreError
from index.opening import collections as opened
from index.opening.listing import list_documents
from index.opening.live import LiveIndex
from index.opening.scoped import ScopedLive
from index.stores.collections import Collection, Collections, Viewer
from index.stores.keeping import FILE, change_collections, read_collections
from tests.harness.postgres_server import fresh_schema

BEN = Viewer("ben")


def file(source: str, digest: str, *documents: str) -> SourceRecord:
    return SourceRecord(source, f"/x/{source}", 1, 1, digest, documents)


def followed(kept: Collection, before: list[SourceRecord], after: list[SourceRecord]) -> tuple[str, ...]:
    sources = {name: record.source for record in before for name in record.documents}
    fresh, warnings = follow(Collections((kept,)), Ledger(tuple(before)), Ledger(tuple(after)), sources.__getitem__)
    (one,) = fresh.each
    assert one.documents[: len(kept.documents)] == kept.documents
    added = one.documents[len(kept.documents) :]
    assert len(warnings) == (len(added) if kept.closed else 0)
    return added


SHUT = Collection("Shut", ("pay",), ("hr",), "group:staff", closed=True)
OPEN = Collection("Open", ("pay",))
PAY = file("pay.txt", "d1", "pay")


@pytest.mark.parametrize(
    ("before", "after", "shut", "open_"),
    [
        pytest.param([PAY], [file("wages.txt", "d1", "wages")], ("wages",), ("wages",), id="renamed"),
        pytest.param([PAY], [file("pay.txt", "d2", "new")], ("new",), ("new",), id="another id in its place"),
        pytest.param([PAY], [PAY, file("copy.txt", "d1", "copy")], ("copy",), (), id="copied"),
        pytest.param([PAY], [PAY, file("else.txt", "d2", "else")], (), (), id="another document"),
        pytest.param([PAY], [file("else.txt", "d2", "else")], (), (), id="removed"),
        pytest.param([], [file("wages.txt", "d1", "wages")], (), (), id="first build"),
        pytest.param([file("pay.txt", "", "pay")], [file("else.txt", "", "else")], (), (), id="of unknown content"),
        pytest.param([file("hr/a.txt", "d3", "a")], [file("b.txt", "d3", "b")], ("b",), (), id="out of a folder"),
        pytest.param([file("a.txt", "d3", "a")], [file("hr/b.txt", "d3", "b")], (), (), id="into a folder"),
        pytest.param([file("hr/a.txt", "d3", "a")], [file("hr/b.txt", "d3", "b")], (), (), id="within a folder"),
        pytest.param(
            [file("m.mbox", "d4", "one", "pay", "three")],
            [file("n.mbox", "d4", "n1", "n2", "n3")],
            ("n2",),
            ("n2",),
            id="one of several in a file",
        ),
        pytest.param(
            [file("m.mbox", "d4", "one", "pay")], [file("m.mbox", "d5", "one", "pay", "new")], (), (), id="one more"
        ),
    ],
)
def test_what_comes_under_a_new_id_belongs_where_it_was(
    before: list[SourceRecord], after: list[SourceRecord], shut: tuple[str, ...], open_: tuple[str, ...]
) -> None:
    assert followed(SHUT, before, after) == shut
    assert followed(OPEN, before, after) == open_


def texts(folder: Path) -> Path:
    (folder / "texts").mkdir()
    for name in ("open", "secret"):
        (folder / "texts" / f"{name}.md").write_text(f"The {name} plan was made by Zorbit.", "utf-8")
    return folder / "texts"


def visible(place: Path | str) -> set[str]:
    live = LiveIndex(place)
    try:
        with ScopedLive(live, lambda: BEN).reading() as seen:
            return {seen.store.document(one).text.split()[1] for one in seen.store.document_ids()}
    finally:
        live.close()


def close(place: Path | str) -> None:
    (secret,) = (one for one in list_documents(place).documents if one.source.endswith("secret.md"))
    shut = Collection("Shut", (secret.id,), (), "group:staff", closed=True)
    change_collections(place, lambda kept: kept.put(shut))


@pytest.mark.parametrize("engine", ["folder", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_a_closed_document_stays_closed_under_another_name(tmp_path: Path, engine: str) -> None:
    place = tmp_path / "i" if engine == "folder" else fresh_schema()
    folder = texts(tmp_path)
    index.build([folder], index_dir=place, embedder="hashing")
    close(place)
    assert visible(place) == {"open"}
    (folder / "secret.md").rename(folder / "renamed.md")
    report = index.build([folder], index_dir=place)
    assert report.renamed and visible(place) == {"open"}
    assert any("renamed.md: is kept from others" in warning for warning in report.warnings)
    shutil.copy(folder / "renamed.md", folder / "copy.md")
    (folder / "renamed.md").write_text("---\nid: another\n---\nThe secret plan was made anew.", "utf-8")
    index.build([folder], index_dir=place)
    assert visible(place) == {"open"} and len(read_collections(place).each[0].documents) == 4


def test_rights_are_there_before_the_document_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that ends between the two shows nothing; one that can't write them doesn't switch."""
    place, folder = tmp_path / "i", texts(tmp_path)
    index.build([folder], index_dir=place, embedder="hashing")
    close(place)
    (folder / "secret.md").rename(folder / "renamed.md")
    seen: list[int] = []

    def look(self: object, *_: object) -> None:
        seen.append(len(read_collections(place).each[0].documents))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(building._Build, "_seal", look)
        with pytest.raises(KeyboardInterrupt):
            index.build([folder], index_dir=place)
    assert seen == [2] and visible(place) == {"open"}
    kept = (place / FILE).read_bytes()
    (place / FILE).write_bytes(kept[:-5])
    before = list_documents(place).generation
    with pytest.raises(StoreError, match="nothing is shown"):
        index.build([folder], index_dir=place)
    assert list_documents(place).generation == before


def test_a_reader_that_began_before_the_switch_sees_nothing_new(tmp_path: Path) -> None:
    """Who may see what is asked for once the generation is open: never old rights over new documents."""
    place, folder = tmp_path / "i", texts(tmp_path)
    index.build([folder], index_dir=place, embedder="hashing")
    close(place)
    live = LiveIndex(place)
    scoped = ScopedLive(live, lambda: BEN)
    reading = scoped.reading()  # asked for before, entered after
    (folder / "secret.md").rename(folder / "renamed.md")
    index.build([folder], index_dir=place)
    with reading as seen:
        assert seen.generation == 2
        assert {seen.store.document(one).source for one in seen.store.document_ids()} == {"texts/open.md"}
    live.close()


def test_what_was_read_for_an_earlier_generation_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a database they are looked at every two seconds, and a switch may come between."""
    read: list[int] = []
    monkeypatch.setattr(opened, "looks_of", lambda _: 0)
    monkeypatch.setattr(opened, "read_collections", lambda _: read.append(1) or Collections())
    kept = opened.KeptCollections(Path("i"))
    for generation, times in ((3, 1), (3, 1), (0, 1), (2, 1), (4, 2), (3, 2), (5, 3)):
        kept.now(generation)
        assert len(read) == times, generation
