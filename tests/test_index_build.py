"""Building: what is read, what is embedded, what is told; and that an update equals a fresh index."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from crash_harness import read_here
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index.embedders.hashing import HashingEmbedder
from index.errors import ConfigError, EmbedderError, IndexDamagedError, SourceError
from index.ledger import Ledger, SourceRecord
from index.plan import make_plan
from index.sources.types import SourceFile

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.building.read_many", read_here)


class CountingEmbedder(HashingEmbedder):
    """Remembers every text that it embeds."""

    def __init__(self, fingerprint: str = "") -> None:
        self.texts: list[str] = []
        if fingerprint:
            self.fingerprint = fingerprint

    def embed_passages(self, texts: Any, *, progress: Any = None) -> Any:
        self.texts += texts
        return super().embed_passages(texts, progress=progress)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    (folder / "sub").mkdir(parents=True)
    for name in ("one", "two", "three", "sub/four"):
        (folder / f"{name}.txt").write_text(f"The {name} text tells of {name}. " * 5 + f"\n\nMore of {name}. " * 60)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(folder: Path, *paths: Path, **options: Any) -> index.BuildReport:
    return index.build(paths or None, index_dir=folder, **{"embedder": "hashing", **options})


def everything(folder: Path) -> list[object]:
    """What an index holds, without its numbers."""
    with index.open(folder) as opened:
        store, found = opened.store, list[object]()
        for name in store.document_ids():
            keys = store.keys(name)
            sentences = [[(s, v.round(5).tolist()) for s, v in [store.sentences(key)]] for key in keys]
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
        "index.building.read_many",
        lambda files, options: pytest.fail(f"read {list(files)}") if list(files) else iter(()),
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
def test_an_update_equals_a_fresh_index(step: int, texts: Path, folder: Path, tmp_path: Path) -> None:
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
def test_any_row_of_updates_equals_a_fresh_index(rounds: list[dict[str, str | None]], tmp_path_factory: Any) -> None:
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


def test_one_bad_file_never_ends_the_run(texts: Path, folder: Path) -> None:
    (texts / "binary.bin").write_bytes(bytes(range(256)) * 20)
    (texts / "empty.txt").write_text("")
    (texts / ".hidden.txt").write_text("hidden")
    (texts / "link.txt").symlink_to("/etc/passwd")
    report = build(folder, texts)
    assert len(report.added) == 4
    assert {source for source, _ in report.skipped} == {
        "texts/binary.bin", "texts/empty.txt", "texts/.hidden.txt", "texts/link.txt"
    }  # fmt: skip
    assert all(reason for _, reason in report.skipped)
    assert build(folder).generation == 1  # what was skipped is not looked into again


def test_a_file_that_can_no_longer_be_read_keeps_its_text(
    texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, texts)
    (texts / "one.txt").write_text("New words that nobody can read.")

    def failing(files: Any, options: Any) -> Any:
        for file in files:
            yield file, SourceError(file.source, "is locked by another program")

    with monkeypatch.context() as patch:
        patch.setattr("index.building.read_many", failing)
        report = build(folder)
        ((source, reason),) = report.failed
        assert source == "texts/one.txt"
        assert "locked" in reason
        assert build(folder).generation == report.generation  # failing again in the same way is no news
    state = index.status(folder)
    assert state.documents == 4
    assert state.stale
    assert any("texts/one.txt" in problem for problem, _ in state.problems)
    assert build(folder).changed == ("texts/one.txt",)
    assert not index.status(folder).problems


def test_a_root_that_is_gone_keeps_its_texts(texts: Path, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "more.txt").write_text("More to read elsewhere.")
    build(folder, texts, other)
    texts.rename(tmp_path / "unplugged")
    report = build(folder)
    assert len(report.failed) == 4
    assert report.removed == ()
    assert index.status(folder).documents == 5
    (tmp_path / "unplugged").rename(texts)
    assert build(folder).failed == ()
    assert not index.status(folder).problems


def test_a_path_that_does_not_exist_is_named_and_changes_nothing(texts: Path, folder: Path) -> None:
    build(folder, texts)
    with pytest.raises(SourceError, match="nowhere"):
        build(folder, texts / "nowhere")
    assert index.status(folder).documents == 4


def test_an_empty_folder_is_named_and_changes_nothing(texts: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="nothing that could be indexed"):
        build(folder, tmp_path / "empty")
    build(folder, texts)
    with pytest.raises(SourceError, match="stays as it was"):
        build(folder, tmp_path / "empty")
    assert index.status(folder).documents == 4


def test_another_embedder_or_chunking_is_said_and_embeds_again(texts: Path, folder: Path) -> None:
    first = build(folder, texts)
    same = build(folder, chunking=index.ChunkingConfig(max_tokens=32))
    assert same.passages > first.passages
    assert any("32 tokens" in reason for reason in same.reasons)
    assert same.unchanged == first.added
    other = build(folder, embedder=CountingEmbedder("another/model"))
    assert other.passages == same.passages  # the chunking is remembered
    assert other.embedded > first.embedded / 2
    assert any("embedder" in reason for reason in other.reasons)
    assert build(folder, embedder=CountingEmbedder("another/model")).embedded == 0


def test_a_rebuild_does_everything_again(texts: Path, folder: Path) -> None:
    first = build(folder, texts)
    again = build(folder, rebuild=True)
    assert again.embedded == first.embedded
    assert again.unchanged == first.added
    assert again.reasons
    assert again.generation == 2


def test_patterns_are_remembered(texts: Path, folder: Path) -> None:
    build(folder, texts, exclude=["sub/"])
    (texts / "five.txt").write_text("A fifth text.")
    (texts / "sub" / "six.txt").write_text("A sixth text.")
    assert build(folder).added == ("texts/five.txt",)


def test_an_interrupted_build_goes_on_where_it_was(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.preparing._PIECE", 4)

    class Dying(CountingEmbedder):
        def embed_passages(self, texts: Any, *, progress: Any = None) -> Any:
            if len(self.texts) >= 12:
                raise KeyboardInterrupt
            return super().embed_passages(texts, progress=progress)

    dying, after = Dying(), CountingEmbedder()
    with pytest.raises(KeyboardInterrupt):
        build(folder, texts, embedder=dying)
    assert not list(folder.glob("gen-*"))
    build(folder, texts, embedder=after)
    assert not set(dying.texts) & set(after.texts)


def test_documents_of_one_id_are_both_kept(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "texts"
    place.mkdir()
    for name in ("a", "b"):
        (place / f"{name}.md").write_text(f"---\nid: same\ntitle: {name}\n---\nText of {name}.")
    report = build(folder, place)
    assert any("same" in warning for warning in report.warnings)
    with index.open(folder) as opened:
        assert sorted(opened.store.document(name).title for name in opened.store.document_ids()) == ["a", "b"]
    (place / "a.md").write_text("---\nid: same\ntitle: a2\n---\nNew text of a.")
    build(folder)
    with index.open(folder) as opened:
        assert sorted(opened.store.document(name).title for name in opened.store.document_ids()) == ["a2", "b"]


def test_progress_tells_every_stage(texts: Path, folder: Path) -> None:
    told: list[index.Progress] = []
    build(folder, texts, progress=told.append)
    assert list(dict.fromkeys(step.stage for step in told)) == ["reading", "embedding", "writing", "switching"]
    assert all(0 <= step.done <= step.total for step in told)
    assert {step.source for step in told if step.stage == "reading"} - {""} == {
        "texts/one.txt", "texts/two.txt", "texts/three.txt", "texts/sub/four.txt"
    }  # fmt: skip


def test_wrong_settings_are_refused_before_anything_happens(texts: Path, folder: Path) -> None:
    with pytest.raises(EmbedderError, match="no-such"):
        build(folder, texts, embedder="no-such")
    with pytest.raises(ConfigError):
        index.ChunkingConfig(max_tokens=1)
    assert not list(folder.glob("gen-*"))


def test_an_index_within_its_own_sources_is_not_indexed(texts: Path) -> None:
    report = build(texts / "index", texts)
    assert len(report.added) == 4
    assert [reason for _, reason in report.skipped] == ["the index itself"]
    assert build(texts / "index").generation == 1


def test_a_damaged_index_never_turns_into_the_samples(texts: Path, folder: Path) -> None:
    build(folder, texts)
    (folder / "CURRENT").write_bytes(b"nonsense")
    with pytest.raises(IndexDamagedError, match="name the paths"):
        build(folder)
    report = build(folder, texts)
    assert report.embedded == 0
    assert report.reasons


def test_a_damaged_generation_is_built_again_from_its_sources(texts: Path, folder: Path) -> None:
    build(folder, texts)
    (folder / "gen-000001" / "passages.faiss").write_bytes(b"nonsense")
    report = build(folder)
    assert len(report.added) == 4
    assert report.embedded == 0
    assert any("passages.faiss" in reason for reason in report.reasons)


def test_without_paths_the_samples_are_indexed(folder: Path, seeds: Path) -> None:
    report = build(folder)
    assert len(report.added) >= 5
    assert index.sources_of(folder) == (str(seeds),)


@pytest.mark.skipif(os.name != "posix", reason="LANG, HOME and umask are POSIX")
def test_odd_surroundings(tmp_path: Path) -> None:
    """No locale, a home that can't be written to, a tight umask, spaces and every script in the paths."""
    place = tmp_path / "my texts ümlaut 資料 عربي"
    place.mkdir()
    (place / "日本 語.txt").write_text("東京は日本の首都です。人口は多い。", "utf-8")
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    code = (
        "import os, sys, index; os.umask(0o077); target = sys.argv[1];"
        "r = index.build([sys.argv[2]], index_dir=target, embedder='hashing');"
        "o = index.open(target); found = len(o.store.keyword('東京', 1).hits);"
        "sys.stdout.buffer.write(f'{r.added[0]} {found}'.encode())"
    )
    environment = {"LANG": "C", "LC_ALL": "C", "HOME": str(home), "PATH": os.environ["PATH"], "TZ": "Asia/Kathmandu"}
    target = place / "index ключ"
    done = subprocess.run(
        [sys.executable, "-c", code, target, place],
        capture_output=True,
        env=environment,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == f"{place.name}/日本 語.txt 1"


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
