"""Building: what is read, what is embedded, what is told; and that an update equals a fresh index."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import ConfigError, EmbedderError, IndexDamagedError, SourceError
from tests.harness.index_helpers import CountingEmbedder

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.usefixtures("read_in_this_process")


def build(folder: Path, *paths: Path, **options: Any) -> index.BuildReport:
    return index.build(paths or None, index_dir=folder, **{"embedder": "hashing", **options})


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

    def failing(files: Any, **_: Any) -> Any:
        for file in files:
            yield file, SourceError(file.source, "is locked by another program")

    with monkeypatch.context() as patch:
        patch.setattr("index.building.build.read_many", failing)
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
    monkeypatch.setattr("index.building.passages.preparing._PIECE", 4)

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
    seen: list[index.Progress] = []
    build(folder, texts, progress=seen.append)
    assert list(dict.fromkeys(step.stage for step in seen)) == ["reading", "embedding", "writing", "switching"]
    assert all(0 <= step.done <= step.total for step in seen)
    assert {step.source for step in seen if step.stage == "reading"} - {""} == {
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
    (folder / "gen-000001" / "keywords" / "gaps.bin").write_bytes(b"nonsense")
    report = build(folder)
    assert len(report.added) == 4
    assert report.embedded == 0  # other files than those of the vectors
    assert any("gaps.bin" in reason for reason in report.reasons)


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
