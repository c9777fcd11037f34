"""Updating: only what changed is read and embedded, and the result equals a fresh index."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index.building.inputs.changes import make_plan
from index.disk.ledger import Ledger, SourceRecord
from index.sources.types import SourceFile
from tests.harness.crash_harness import read_here
from tests.harness.index_helpers import CountingEmbedder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.building.build.read_many", read_here)


def build(folder: Path, *paths: Path, **options: Any) -> index.BuildReport:
    return index.build(paths or None, index_dir=folder, **{"embedder": "hashing", **options})


def everything(folder: Path) -> list[object]:
    """What an index holds, without its numbers."""
    with index.open(folder) as opened:
        store, found = opened.store, list[object]()
        for name in store.document_ids():
            keys = store.keys(name)
            sentences = [[(s, v.round(5).tolist()) for s, v in store.sentences([key])] for key in keys]
            found.append((store.document(name), store.passages(keys), store.vectors(keys).tolist(), sentences))
        found += [store.keyword(word, 3).ceiling for word in ("one", "two", "text")]
        return [*found, opened.alignment.digest]


def test_a_first_build_adds_all_and_a_second_does_nothing(texts: Path, folder: Path) -> None:
    report = build(folder, texts)
    assert report.added == ("texts/one.txt", "texts/sub/four.txt", "texts/three.txt", "texts/two.txt")
    assert report.embedded == report.passages > 4
    assert report.generation == 1
    again = build(folder)
    assert again.unchanged == report.added
    assert (again.generation, again.embedded, again.passages) == (1, 0, report.passages)
    assert (again.added, again.changed, again.removed, again.renamed) == ((), (), (), ())


def test_only_changed_passages_are_embedded(texts: Path, folder: Path) -> None:
    build(folder, texts)
    path = texts / "one.txt"
    path.write_text(path.read_text() + "\n\nAn end that was not there before. " * 40)
    embedder = CountingEmbedder()
    report = build(folder, embedder=embedder)
    assert report.changed == ("texts/one.txt",)
    assert 0 < report.embedded < report.passages / 2
    assert all("end that was not there" in text or "one" in text for text in embedder.texts)


def test_a_file_that_was_only_touched_is_not_read(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(folder, texts)
    os.utime(texts / "one.txt", (1, 1))
    monkeypatch.setattr(
        "index.building.build.read_many",
        lambda files, **_: pytest.fail(f"read {list(files)}") if list(files) else iter(()),
    )
    assert build(folder).generation == 1


def test_renamed_and_moved_files_cost_no_embedding(texts: Path, folder: Path) -> None:
    build(folder, texts)
    (texts / "one.txt").rename(texts / "renamed.txt")
    (texts / "two.txt").rename(texts / "sub" / "two.txt")
    report = build(folder)
    assert report.renamed == ("texts/renamed.txt", "texts/sub/two.txt")
    assert (report.embedded, report.added, report.removed) == (0, (), ())
    with index.open(folder) as opened:
        sources = [opened.store.document(name).source for name in opened.store.document_ids()]
    assert sources == ["texts/renamed.txt", "texts/sub/four.txt", "texts/sub/two.txt", "texts/three.txt"]


def test_a_whole_folder_may_move(texts: Path, folder: Path, tmp_path: Path) -> None:
    build(folder, texts)
    texts.rename(tmp_path / "elsewhere")
    report = build(folder, tmp_path / "elsewhere")
    assert (len(report.renamed), report.embedded, report.removed) == (4, 0, ())


def test_files_that_are_gone_leave(texts: Path, folder: Path) -> None:
    build(folder, texts)
    (texts / "one.txt").unlink()
    assert build(folder).removed == ("texts/one.txt",)
    with index.open(folder) as opened:
        assert not any(
            "tells of one." in passage.text
            for passage in opened.store.passages([hit.key for hit in opened.store.keyword("one", 50).hits])
        )


def test_the_index_holds_what_the_paths_name(texts: Path, folder: Path) -> None:
    build(folder, texts)
    report = build(folder, texts / "sub")
    assert len(report.removed) + len(report.renamed) == 4
    assert index.sources_of(folder) == (str(texts / "sub"),)
    assert build(folder, texts).embedded == 0  # what comes back was kept


@pytest.mark.parametrize("step", range(6))
def test_an_update_equals_a_fresh_index(
    step: int, texts: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 0.0)
    build(folder, texts)
    changes = [
        lambda: (texts / "one.txt").write_text("Something else entirely."),
        (texts / "two.txt").unlink,
        lambda: (texts / "new.md").write_text("# New\n\nA new text in Markdown.\n"),
        lambda: (texts / "arabic.txt").write_text("هذه مقالة قصيرة عن الصناعة الحربية في مصر والعراق. " * 8, "utf-8"),
        lambda: [path.unlink() for path in (texts / "one.txt", texts / "sub" / "four.txt")],
        lambda: (texts / "three.txt").write_text("The three text tells of three. " * 5),
    ]
    for change in changes[: step + 1]:
        if step < 4 or change is changes[step]:
            change()
    build(folder)
    build(tmp_path / "fresh", texts)
    assert everything(folder) == everything(tmp_path / "fresh")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.dictionaries(
            st.sampled_from("abcd"), st.one_of(st.none(), st.text("xyz ,.\n", min_size=3, max_size=80)), min_size=1
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_row_of_updates_equals_a_fresh_index(
    rounds: list[dict[str, str | None]], tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 0.0)
    place = tmp_path_factory.mktemp("updates")
    (place / "texts").mkdir()
    (place / "texts" / "always.txt").write_text("This text is always there.")
    for changes in rounds:
        for name, text in changes.items():
            path = place / "texts" / f"{name}.md"
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(f"---\ntitle: {name}\n---\nIt begins. {text}")
        build(place / "index", place / "texts")
    build(place / "fresh", place / "texts")
    assert everything(place / "index") == everything(place / "fresh")


def _file(source: str, **fields: Any) -> SourceFile:
    values = {"path": Path("/r") / source, "size": 5, "mtime_ns": 100, "root": Path("/r"), **fields}
    return SourceFile(source=source, **values)


def _record(source: str, digest: str, **fields: Any) -> SourceRecord:
    values = {"path": f"/r/{source}", "size": 5, "mtime_ns": 100, "documents": (source,), **fields}
    return SourceRecord(source=source, digest=digest, **values)


def test_the_plan_tells_files_apart() -> None:
    failed = _record("failed", "6", documents=(), state="failed")
    known = [("same", "1"), ("touched", "2"), ("edited", "3"), ("old", "4"), ("gone", "5")]
    ledger = Ledger((*(_record(*each) for each in known), failed), (), 10**12)
    found = [_file("same"), _file("touched", mtime_ns=7), _file("edited", size=9), _file("new name"), _file("fresh"),
             _file("failed")]  # fmt: skip
    digests = {"touched": "2", "edited": "33", "new name": "4", "fresh": "9", "failed": "6"}
    plan = make_plan(found, ledger, lambda path: digests[path.name], all_anew=False)
    assert [(task.file.source, task.renamed) for task in plan.tasks] == [
        ("edited", False), ("failed", False), ("fresh", False), ("new name", True)
    ]  # fmt: skip
    assert [record.source for record in plan.unchanged] == ["same", "touched"]
    assert [record.source for record in plan.removed] == ["gone"]


def test_a_file_that_changed_while_it_was_indexed_is_hashed() -> None:
    ledger = Ledger((_record("racy", "1", mtime_ns=10**12),), (), 10**12 + 5)
    plan = make_plan([_file("racy", mtime_ns=10**12)], ledger, lambda path: "2", all_anew=False)
    assert [task.file.source for task in plan.tasks] == ["racy"]
