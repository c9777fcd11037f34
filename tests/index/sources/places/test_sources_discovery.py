"""Discovery: what is found, and that whatever is left out is named once with its reason."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from index.errors import SourceError, SourceSkippedError
from index.language.hygiene import printable
from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.types import Discovery

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def names(found: Discovery) -> list[str]:
    return [file.source for file in found.files]


def reasons(found: Discovery) -> dict[str, str]:
    assert len({error.source for error in found.skipped}) == len(found.skipped)
    return {error.source: error.reason for error in found.skipped}


def touch(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_sorted_and_named_from_the_root(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b/c.txt"):
        touch(tmp_path / "docs" / name)
    found = discover([tmp_path / "docs"])
    assert names(found) == ["docs/a/b/c.txt", "docs/a/z.md", "docs/b.txt"]
    assert found.skipped == ()
    file = found.files[0]
    assert file.path == tmp_path / "docs" / "a" / "b" / "c.txt"
    assert (file.size, file.root) == (4, tmp_path / "docs")
    assert file.mtime_ns == file.path.stat().st_mtime_ns


def test_a_single_file_is_named_by_its_folder(tmp_path: Path) -> None:
    assert names(discover([touch(tmp_path / "docs" / "a.txt")])) == ["docs/a.txt"]


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        discover([tmp_path / "nowhere"])


def test_an_empty_folder_gives_no_files(tmp_path: Path) -> None:
    assert discover([tmp_path]).files == ()


def test_folders_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "docs" / "x.txt")
    touch(tmp_path / "b" / "docs" / "x.txt")
    assert names(discover([tmp_path / "a" / "docs", tmp_path / "b" / "docs"])) == ["a/docs/x.txt", "b/docs/x.txt"]


def test_a_file_given_twice_is_found_once(tmp_path: Path) -> None:
    touch(tmp_path / "docs" / "x.txt")
    assert len(discover([tmp_path / "docs", tmp_path / "docs" / "x.txt"]).files) == 1


def test_hidden_ignored_excluded_and_large_ones_are_named(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    for name in (".git/config", ".hidden.txt", "drafts/a.txt", "notes.tmp", "keep.tmp", "old/x.txt", "x.txt"):
        touch(root / name)
    touch(root / "large.txt", "x" * 100)
    touch(root / ".ragignore", "drafts/\n*.tmp\n!keep.tmp\n")
    found = discover([root], exclude=["old/"], max_bytes=50)
    assert names(found) == ["docs/keep.tmp", "docs/x.txt"]
    skipped = reasons(found)
    assert set(skipped) == {f"docs/{n}" for n in (".git", ".hidden.txt", "drafts", "notes.tmp", "old", "large.txt")}
    assert skipped["docs/.git"] == "hidden"
    assert ".ragignore" in skipped["docs/drafts"]
    assert "pattern" in skipped["docs/old"]
    assert "100" in skipped["docs/large.txt"]


def test_a_nested_ignore_file_rules_its_own_folder(tmp_path: Path) -> None:
    for name in ("a/x.txt", "a/y.txt", "x.txt"):
        touch(tmp_path / "docs" / name)
    touch(tmp_path / "docs" / "a" / ".ragignore", "x.txt\n")
    assert names(discover([tmp_path / "docs"])) == ["docs/a/y.txt", "docs/x.txt"]


def test_only_included_patterns_are_kept(tmp_path: Path) -> None:
    for name in ("a.md", "b.txt", "sub/c.md"):
        touch(tmp_path / "docs" / name)
    found = discover([tmp_path / "docs"], include=["*.md"])
    assert names(found) == ["docs/a.md", "docs/sub/c.md"]
    assert list(reasons(found)) == ["docs/b.txt"]


@posix_only
def test_links_pipes_and_sockets_are_named_and_never_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "docs"
    touch(root / "real.txt")
    touch(tmp_path / "outside" / "secret.txt")
    (root / "loop").symlink_to(root)
    (root / "circle").symlink_to(root / "circle")
    (root / "broken").symlink_to(tmp_path / "gone")
    (root / "escape").symlink_to(tmp_path / "outside")
    (root / "escape.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (root / "inside.txt").symlink_to(root / "real.txt")
    os.mkfifo(root / "pipe.txt")
    monkeypatch.chdir(root)
    server = socket.socket(socket.AF_UNIX)
    server.bind("sock")
    found = discover([root])
    server.close()
    assert names(found) == ["docs/real.txt"]
    skipped = reasons(found)
    assert len(skipped) == 8
    assert "leaves the folder" in skipped["docs/escape"]
    assert "leaves the folder" in skipped["docs/escape.txt"]
    assert "nowhere" in skipped["docs/broken"]
    assert "pipe" in skipped["docs/pipe.txt"]
    assert "socket" in skipped["docs/sock"]


@posix_only
def test_a_pipe_given_by_name_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "pipe" in reasons(discover([tmp_path / "pipe.txt"]))[f"{tmp_path.name}/pipe.txt"]


@posix_only
def test_a_file_that_became_a_link_or_a_pipe_after_the_walk_is_not_followed(tmp_path: Path) -> None:
    secret = touch(tmp_path / "secret.txt", "secret")
    first, second = touch(tmp_path / "docs" / "a.txt"), touch(tmp_path / "docs" / "b.txt")
    found = discover([tmp_path / "docs"])
    first.unlink()
    first.symlink_to(secret)
    second.unlink()
    os.mkfifo(second)
    for file in found.files:
        with pytest.raises(SourceError):
            read(file)


@posix_only
def test_a_folder_that_became_a_link_after_the_walk_is_not_followed(tmp_path: Path) -> None:
    inside, outside = touch(tmp_path / "docs" / "sub" / "a.txt"), touch(tmp_path / "outside" / "a.txt", "secret")
    (file,) = discover([tmp_path / "docs"]).files
    inside.unlink()
    inside.parent.rmdir()
    inside.parent.symlink_to(outside.parent)
    assert file.path.read_text() == "secret"  # what a reader without a look back would give
    with pytest.raises(SourceError, match="leaves the folder"):
        read(file)


@posix_only
def test_devices_are_named_and_never_read(tmp_path: Path) -> None:
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    assert "device" in reasons(discover([Path("/dev/zero")]))["dev/zero"]
    assert "device" in next(iter(reasons(discover([tmp_path / "zero.txt"])).values()))
    assert "leaves the folder" in reasons(discover([tmp_path]))[f"{tmp_path.name}/zero.txt"]


@posix_only
def test_an_ignore_file_that_is_a_pipe_or_a_link_is_not_opened(tmp_path: Path) -> None:
    touch(tmp_path / "docs" / "a.txt")
    os.mkfifo(tmp_path / "docs" / ".ragignore")
    assert names(discover([tmp_path / "docs"])) == ["docs/a.txt"]
    (tmp_path / "docs" / ".ragignore").unlink()
    (tmp_path / "docs" / ".ragignore").symlink_to(touch(tmp_path / "rules", "*.txt"))
    assert names(discover([tmp_path / "docs"])) == ["docs/a.txt"]


@posix_only
def test_names_as_payload_are_shown_escaped_and_skipped(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    touch(root / "good name – ქართული.txt")
    for name in (b"line\nbreak.txt", b"esc\x1b[31m.txt", b"bad\xff.txt", "rlo\u202etxt.exe".encode()):
        (os.fsencode(root) and open(os.path.join(os.fsencode(root), name), "wb")).close()  # noqa: PTH118, PTH123, SIM115
    found = discover([root])
    assert names(found) == ["docs/good name – ქართული.txt"]
    shown = list(reasons(found))
    assert len(shown) == 4
    for name in shown:
        assert name.isprintable()
        name.encode("utf-8")
    assert any("\\n" in name for name in shown)
    assert any("\\xff" in name for name in shown)
    assert any("\\u202e" in name for name in shown)


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    locked = tmp_path / "docs" / "locked"
    touch(locked / "x.txt")
    locked.chmod(0)
    try:
        assert "can't be read" in reasons(discover([tmp_path / "docs"]))["docs/locked"]
    finally:
        locked.chmod(0o700)


def test_a_deep_tree_ends(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    for _ in range(150):
        folder = folder / "d"
    touch(folder / "x.txt")
    assert len(discover([tmp_path / "docs"]).files) == 1


def test_printable_keeps_what_is_harmless() -> None:
    assert printable("می‌خواهم – 日本語.txt") == "می‌خواهم – 日本語.txt"
    assert printable("a\nb") == "a\\nb"


def test_skipping_is_an_error_with_source_and_reason(tmp_path: Path) -> None:
    touch(tmp_path / "docs" / ".x")
    error = discover([tmp_path / "docs"]).skipped[0]
    assert isinstance(error, SourceSkippedError)
    assert str(error) == "docs/.x: hidden"
