"""Power cuts and full disks: a disk that forgets what was not synced, or takes nothing more."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from index.disk import files
from index.errors import RagError, StoreError
from index.stores.embedded import updating
from tests.harness.index_helpers import answers, build, corpus_of
from tests.harness.partly_slow import partly_slow
from tests.harness.power_disk import Disk, restore

MEMORY = Path(
    "/dev/shm"
)  # hundreds of small folders, each made and removed: not on a disk where there is another place
posix = pytest.mark.skipif(os.name != "posix", reason="needs fork, SIGKILL and flock")
pytestmark = pytest.mark.usefixtures("read_in_this_process")


def survivors(disk: Disk, place: Path) -> list[tuple[str, str]]:
    """Return (step, what the index answers) for each different state of the disk."""
    found: list[tuple[str, str]] = []
    seen = set[bytes]()
    for step, state in disk.states:
        shown = {name: content for name, content in state.items() if not name.startswith("embeddings.sqlite")}
        mark = hashlib.sha256(repr(sorted(shown.items())).encode()).digest()
        if mark in seen:
            continue
        seen.add(mark)
        if "CURRENT" not in shown:  # nothing to open: as wrong as what can't be opened, and told without trying
            found.append((step, "no CURRENT"))
            continue
        target = place / f"cut{len(seen)}"
        restore(shown, target)
        try:
            found.append((step, corpus_of(target)))
        except (RagError, ValueError) as error:
            found.append((step, f"{type(error).__name__}: {error}"))
        shutil.rmtree(target)
    return found


def cut(
    folder: Path, corpora: dict[str, Path], tmp_path: Path, mutation: Mutation | None = None, before: str = "A"
) -> list[str]:
    """Return what is wrong after power cuts at all steps of a build, in every order that the barriers allow."""
    for name in before:
        build(folder, corpora[name])
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(folder, patch)
        if mutation is not None:
            mutation(patch, folder)
        build(folder, corpora["B"])
        disk.states += [("at the end", state) for state in disk.possible(40)]
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as place:
        found = survivors(disk, Path(place))
    assert len(found) > 30
    wrong = [f"{step}: {answer}" for step, answer in found if answer not in "AB"]
    lost = [f"{step}: {answer} after the build was done" for step, answer in found if step == "at the end" != answer]
    return wrong + [each for each in lost if ": B" not in each]


@posix
def test_a_power_cut_at_any_step_leaves_the_old_or_the_new(
    folder: Path, corpora: dict[str, Path], tmp_path: Path
) -> None:
    assert cut(folder, corpora, tmp_path) == []


Mutation: TypeAlias = Callable[[pytest.MonkeyPatch, Path], None]


def _without_content(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(files, "fsync_file", lambda path: None)


def _without_names_of_a_generation(patch: pytest.MonkeyPatch, folder: Path) -> None:
    real = files.fsync_dir
    patch.setattr(files, "fsync_dir", lambda path: real(path) if path == folder else None)


def _without_the_name_of_a_generation(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Leave out the sync between the renaming and the switch."""
    real = files.fsync_dir

    def synced(path: Path) -> None:
        if path != folder or _switched(folder):
            real(path)

    patch.setattr(files, "fsync_dir", synced)


def _without_the_last_name(patch: pytest.MonkeyPatch, folder: Path) -> None:
    real = files.fsync_dir
    patch.setattr(files, "fsync_dir", lambda path: None if path == folder and _switched(folder) else real(path))


def _switch_without_content(patch: pytest.MonkeyPatch, folder: Path) -> None:
    real = files.fsync_file
    patch.setattr(files, "fsync_file", lambda path: None if path.name.startswith("CURRENT") else real(path))


def _switch_in_place(patch: pytest.MonkeyPatch, folder: Path) -> None:
    def in_place(path: Path, data: bytes) -> None:
        files.write_file(path, data)
        files.fsync_dir(path.parent)

    patch.setattr(files, "write_atomic", in_place)


def _switch_before_the_name(patch: pytest.MonkeyPatch, folder: Path) -> None:
    waiting: list[tuple[Path, Path]] = []
    rename, replace = files.rename, files.replace

    def switched(source: Path, target: Path) -> None:
        replace(source, target)
        while target.name == "CURRENT" and waiting:
            rename(*waiting.pop())

    patch.setattr(files, "rename", lambda source, target: waiting.append((source, target)))
    patch.setattr(files, "replace", switched)


def _old_generation_gone_first(patch: pytest.MonkeyPatch, folder: Path) -> None:
    rename = files.rename

    def renamed(source: Path, target: Path) -> None:
        files.remove_tree(folder / (folder / "CURRENT").read_text().split()[0])
        rename(source, target)

    patch.setattr(files, "rename", renamed)


def _switched(folder: Path) -> bool:
    return (folder / "CURRENT").read_text().startswith("gen-000002")


MUTATIONS = (
    _without_content,
    _without_names_of_a_generation,
    _without_the_name_of_a_generation,
    _without_the_last_name,
    _switch_without_content,
    _switch_in_place,
    _switch_before_the_name,
    _old_generation_gone_first,
)


@pytest.mark.slow
@posix
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_power_cut_catches_a_writer_that_is_wrong_in_one_thing(
    mutation: Mutation, folder: Path, corpora: dict[str, Path], tmp_path: Path
) -> None:
    assert cut(folder, corpora, tmp_path, mutation) != []


@pytest.mark.parametrize("step", partly_slow(["rename", "replace", "fsync_dir", "_write", "fsync_file"], now=3))
def test_an_error_at_any_write_keeps_the_old_index(
    step: str, folder: Path, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, corpora["A"])
    before, real = answers(folder), getattr(files, step)
    for fail_at in range(60):
        calls = 0

        def failing(*arguments: Any, at: int = fail_at) -> Any:
            nonlocal calls
            calls += 1
            if calls > at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(files, step, failing)
            try:
                build(folder, corpora["B"])
            except StoreError as error:
                assert "No space left" in str(error)
            else:
                break
        if corpus_of(folder) == "B":  # the switch was done, only its last sync failed
            break
        assert answers(folder) == before
        assert len([each for each in folder.iterdir() if each.name.startswith("gen-")]) == 1
    assert fail_at > 0
    build(folder, corpora["B"])
    assert corpus_of(folder) == "B"


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let updates take over the files of the generation before, however small it is and however much changes."""
    monkeypatch.setattr(updating, "LEAST", 1)
    monkeypatch.setattr(updating, "_SHARE", 10)


@posix
@pytest.mark.slow
@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize("before", ["A", "ABA"])
def test_a_power_cut_at_any_step_of_an_update_that_takes_files_over(
    before: str, folder: Path, corpora: dict[str, Path], tmp_path: Path
) -> None:
    assert cut(folder, corpora, tmp_path, before=before) == []
    assert (folder / (folder / "CURRENT").read_text().split()[0] / "since").is_dir()


def _taken_over_by_moving(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(files, "link", files.rename)


def _changed_in_place(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Give what changed before a second name as well, and write into it."""
    patch.setattr(shutil, "copyfile", os.link)


def _without_names_of_what_was_taken_over(patch: pytest.MonkeyPatch, folder: Path) -> None:
    real = files.fsync_dir
    patch.setattr(files, "fsync_dir", lambda path: None if path.parent.name.endswith(".tmp") else real(path))


@posix
@pytest.mark.slow
@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize(
    "mutation",
    [_taken_over_by_moving, _changed_in_place, _without_names_of_what_was_taken_over],
)
def test_the_power_cut_catches_an_update_that_takes_files_over_wrongly(
    mutation: Mutation, folder: Path, corpora: dict[str, Path], tmp_path: Path
) -> None:
    assert cut(folder, corpora, tmp_path, mutation, before="ABA") != []


def _is_root_on_linux() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


@pytest.mark.skipif(not _is_root_on_linux(), reason="needs root on Linux to mount a small file system")
@pytest.mark.slow
def test_a_full_disk_of_any_size_is_a_clear_error(corpora: dict[str, Path], tmp_path: Path) -> None:
    disk, outcomes = tmp_path / "disk", []
    disk.mkdir()
    sizes = range(40, 1240, 60)  # KiB, around what two generations need
    for size in sizes:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk], check=False)
        if mounted.returncode:
            pytest.skip("mounting is not allowed here")
        try:
            outcomes.append(_fill(disk / "index", corpora))
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
    assert {"refused", "updated"} <= set(outcomes)
    assert len(outcomes) == len(sizes)


def _fill(folder: Path, corpora: dict[str, Path]) -> str:
    try:
        build(folder, corpora["A"])
    except StoreError as error:
        assert "space" in str(error)
        return "refused"
    before = answers(folder)
    try:
        build(folder, corpora["B"])
    except StoreError as error:
        assert "space" in str(error)
        assert answers(folder) == before
        assert len([each for each in folder.iterdir() if each.name.startswith("gen-")]) == 1
        return "kept"
    assert corpus_of(folder) == "B"
    return "updated"
