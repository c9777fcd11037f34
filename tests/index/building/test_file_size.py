"""The largest file that is read: an option, the environment, or Python's; remembered, and named where it strikes."""

from __future__ import annotations

from pathlib import Path

import pytest

import index
from index.errors import ConfigError
from index.sizes import MAX_FILE_SIZE, parse_size
from index.sources.types import ReadOptions
from tests.harness.commands import rag
from tests.ui.cli.test_cli import assert_one_line_error


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("50MB", 50_000_000),
        ("50 MiB", 52_428_800),
        ("1.5gb", 1_500_000_000),
        ("200k", 200_000),
        ("7", 7),
        ("9 bytes", 9),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text, "x") == size


@pytest.mark.parametrize("text", ["", "0", "-5MB", "MB", "5 apples", "1e3", "٥MB", "0.1", "9" * 400])
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError, match="--max-file-size"):
        parse_size(text, "--max-file-size")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "small.txt").write_text("The pier was built in 1907.", "utf-8")
    (folder / "large.txt").write_text("The harbour of Aral froze in 1954. " * 300, "utf-8")
    return folder


def build(folder: Path, paths: list[Path] | None = None, **options: object) -> index.BuildReport:
    return index.build(paths, index_dir=folder.parent / "idx", embedder="hashing", **options)  # type: ignore[arg-type]


def test_a_limit_is_kept_named_remembered_and_raised(texts: Path) -> None:
    first = build(texts, [texts], max_file_bytes=1_000)
    assert first.added == ("texts/small.txt",)
    ((source, reason),) = first.skipped
    assert source == "texts/large.txt"
    assert "1,000 bytes" in reason and "--max-file-size" in reason and MAX_FILE_SIZE in reason
    assert build(texts).skipped == first.skipped
    raised = build(texts, max_file_bytes=1_000_000)
    assert (raised.added, raised.unchanged, raised.reasons) == (("texts/large.txt",), ("texts/small.txt",), ())
    lowered = build(texts, max_file_bytes=1_000)
    assert (lowered.removed, len(lowered.skipped)) == (("texts/large.txt",), 1)


def test_the_environment_and_python_set_it_too(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build(texts, [texts], read_options=ReadOptions(max_bytes=1_000)).skipped
    monkeypatch.setenv(MAX_FILE_SIZE, "2MB")
    assert not build(texts).skipped
    assert build(texts, max_file_bytes=1_000).skipped
    monkeypatch.setenv(MAX_FILE_SIZE, "many")
    with pytest.raises(ConfigError, match=MAX_FILE_SIZE):
        build(texts)


def test_the_command_line_takes_it(texts: Path) -> None:
    called = ("index", "texts", "--index", "idx", "--embedder", "hashing", "--max-file-size")
    done = rag(*called, "1KB", cwd=texts.parent)
    assert done.returncode == 0 and "--max-file-size" in done.stdout
    wrong = rag(*called, "big", cwd=texts.parent)
    assert wrong.returncode == 2 and "--max-file-size 'big': not a size" in " ".join(wrong.stderr.split())
    assert_one_line_error(rag("index", "--index", "idx", cwd=texts.parent, RAG_MAX_FILE_SIZE="big"), MAX_FILE_SIZE)
