"""An index made by other rules is never read wrongly, and the next build writes again what it must, saying why."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import index
from index.building import versions
from index.building.versions import alignment_version
from index.embedders.alignment import vectors as alignment
from index.embedders.profile import profile_of
from index.errors import IndexIncompatibleError
from tests.harness.crash_harness import read_here
from tests.harness.former_layouts import as_layout_five
from tests.harness.index_helpers import answers, build, make_texts


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.building.build.read_many", read_here)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "index", make_texts(tmp_path / "texts"))
    return tmp_path / "index"


def update(folder: Path) -> index.BuildReport:
    return index.build(index_dir=folder)


def rewrite_manifest(folder: Path, **fields: Any) -> None:
    """Make the newest generation look as if an other version of the program had made it."""
    path = folder / (folder / "CURRENT").read_text().split()[0] / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **fields}))
    (folder / "CURRENT").write_text(f"{path.parent.name} {sha256(path.read_bytes()).hexdigest()}\n")


def test_another_form_of_the_alignment_is_refused_and_written_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert update(folder).generation == 1
    monkeypatch.setattr(alignment, "_FORMAT", alignment._FORMAT + 1)
    with pytest.raises(IndexIncompatibleError, match="alignment has another form; run `rag index`"):
        index.open(folder)
    ((problem, fix),) = index.status(folder).problems
    assert "another version" in problem
    assert "rag index" in fix
    report = update(folder)
    assert (report.generation, report.embedded, len(report.unchanged)) == (2, 0, 4)
    assert any("aligned again" in reason for reason in report.reasons)
    assert index.open(folder).generation == 2
    assert not index.status(folder).problems
    assert update(folder).generation == 2


def test_other_numbers_of_the_alignment_are_fitted_again_and_can_be_read_until_then(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = index.open(folder).manifest
    fingerprint, digest = manifest.embedder.fingerprint, index.open(folder).alignment.digest
    before, known = alignment_version(fingerprint), profile_of(fingerprint)
    other = replace(known, alignment=replace(known.alignment, n0=1.0, n0_unlisted=1.0))
    for module in (alignment, versions):
        monkeypatch.setattr(module, "profile_of", lambda _: other)
    assert alignment_version(fingerprint) != before
    index.open(folder).close()
    report = update(folder)
    assert (report.generation, report.embedded) == (2, 0)
    assert any("aligned again" in reason for reason in report.reasons)
    assert index.open(folder).manifest.alignment_version == alignment_version(fingerprint)
    assert isinstance(digest, str)


def test_other_terms_are_refused_and_written_again(folder: Path) -> None:
    sound = answers(folder)
    rewrite_manifest(folder, keywords_version="0")
    with pytest.raises(IndexIncompatibleError, match="keywords were made by another version"):
        index.open(folder)
    assert index.status(folder).problems
    report = update(folder)
    assert (report.generation, report.embedded) == (2, 0)
    assert any("keywords written again" in reason for reason in report.reasons)
    assert answers(folder) == sound


def test_other_rules_of_cutting_can_be_read_and_are_cut_again(folder: Path) -> None:
    sound = answers(folder)
    rewrite_manifest(folder, chunking_version="0")
    assert answers(folder) == sound
    report = update(folder)
    assert (report.generation, report.embedded) == (2, 0)  # the passages came out the same
    assert any("cut again" in reason for reason in report.reasons)
    assert answers(folder) == sound


def test_an_index_of_an_older_format_is_brought_up_to_date(folder: Path) -> None:
    sound = answers(folder)
    as_layout_five(folder)
    rewrite_manifest(folder, format=0, further="a field that nobody knows any more")
    with pytest.raises(IndexIncompatibleError, match="format 0"):
        index.open(folder)
    report = update(folder)  # its sources are still known
    assert (report.embedded, len(report.added)) == (0, 4)
    assert any("format 0" in reason for reason in report.reasons)
    assert answers(folder) == sound


def test_an_index_from_before_versions_were_noted_is_read_and_noted(folder: Path) -> None:
    sound = answers(folder)
    rewrite_manifest(folder, alignment_version="")
    assert answers(folder) == sound
    assert update(folder).generation == 2
    assert update(folder).generation == 2
