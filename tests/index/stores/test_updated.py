"""A small change to a large index: the files of the generation before are taken over, what changed lies beside them."""

from __future__ import annotations

import errno
import json
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import index
from index.building import aligning
from index.disk import files, verifying
from index.disk.manifest import read_manifest
from index.opening.listing import list_documents
from index.stores.base import Filter
from index.stores.embedded import store, updated, updating
from index.stores.embedded.vectors import passage_vectors as vectors
from tests.harness.index_helpers import build

pytestmark = pytest.mark.usefixtures("read_in_this_process")
WORDS = ["harbour", "violin", "lantern", "meadow", "copper", "glacier", "orchard", "saddle", "thimble", "walnut"]
QUESTIONS = ("the harbour and the violin", "copper", "walnut thimble saddle", "glacier orchard", "nothing of the kind")
FILTERS = (None, Filter(folder="texts/b"), Filter(languages=("en",)), Filter(documents=("texts/a/03.txt",)))


def text_of(number: int, seed: int) -> str:
    dice = random.Random(1000 * number + seed)
    sentences = (
        " ".join(dice.choices(WORDS, k=dice.randint(5, 14))).capitalize() + "." for _ in range(dice.randint(3, 20))
    )
    return f"Note {number}\n\n" + " ".join(sentences)


def write(corpus: Path, name: str, number: int, seed: int = 0) -> None:
    path = corpus / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(number, seed))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for number in range(16):
        write(tmp_path / "texts", f"{'ab'[number % 2]}/{number:02}.txt", number)
    return tmp_path / "texts"


@pytest.fixture(params=["all looked at", "inverted"])
def small_limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take any index for a large one, and any part of it for a small one."""
    monkeypatch.setattr(updating, "LEAST", 1)
    monkeypatch.setattr(updating, "_SHARE", 0.9)
    if request.param == "inverted":
        monkeypatch.setattr(vectors, "FLAT_LIMIT", 10)
    yield


def current(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text().split()[0]


def is_in_two_parts(folder: Path) -> bool:
    return read_manifest(current(folder)).base is not None


def seen(folder: Path) -> dict[str, Any]:
    """Everything that a reader sees, keys told by the passages they stand for."""
    with index.open(folder) as opened:
        found = _seen(opened, opened.store)
    found["listing"] = list_documents(folder).documents
    return found


def _seen(opened: index.Index, store: Any) -> dict[str, Any]:
    names = list(store.document_ids())
    ids = {key: passage.id for name in names for key, passage in _of(store, name)}
    found: dict[str, Any] = {
        "documents": [store.document(name) for name in names],
        "headers": store.headers(names),
        "count": (len(store), opened.manifest.documents, opened.manifest.passages, opened.manifest.sentences),
        "languages": (store.languages(), dict(opened.manifest.languages)),
        "passages": {ids[key]: passage for name in names for key, passage in _of(store, name)},
        "vectors": {ids[key]: row.tolist() for key, row in zip(ids, store.vectors(list(ids)), strict=True)},
        "sentences": {
            ids[key]: (spans, rows.tolist()) for key, (spans, rows) in zip(ids, store.sentences(list(ids)), strict=True)
        },
    }
    for question in QUESTIONS:
        vector, _ = opened.embed_query(question)
        for number, where in enumerate(FILTERS):
            words = store.keyword(question, 12, where)
            hits = store.dense(vector, 12, where)
            found[f"{question} {number}"] = (
                [(ids[hit.key], hit.score) for hit in words.hits],
                words.ceiling,
                sorted((round(hit.score, 5), ids[hit.key]) for hit in hits),
                store.languages(where),
            )
    return found


def _of(store: Any, name: str) -> list[tuple[int, Any]]:
    keys = store.keys(name)
    return list(zip(keys, store.passages(keys), strict=True))


def change(corpus: Path, step: int) -> None:
    """Change a text, add one, remove one, bring one back, rename one; at first only remove one."""
    if not step:
        (corpus / "b/15.txt").unlink()
        return
    write(corpus, f"a/{2 * step:02}.txt", 2 * step, seed=step + 1)
    write(corpus, f"b/new{step}.txt", 100 + step)
    (corpus / f"b/{2 * step + 1:02}.txt").unlink()
    if step > 1:
        write(corpus, f"b/{2 * step - 1:02}.txt", 2 * step - 1)
        (corpus / f"b/new{step - 1}.txt").rename(corpus / f"a/moved{step}.txt")
        (corpus / f"a/{2 * step - 2:02}.txt").unlink()


@pytest.mark.usefixtures("small_limits")
def test_updates_give_what_one_piece_gives(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, whole = tmp_path / "index", tmp_path / "whole"
    for each in (folder, whole):
        build(each, corpus)
    for step in range(3):
        change(corpus, step)
        build(folder, corpus)
        assert is_in_two_parts(folder)
        with monkeypatch.context() as patch:
            patch.setattr(updating, "LEAST", 10**9)
            build(whole, corpus)
        assert not is_in_two_parts(whole)
        assert seen(folder) == seen(whole), step
        assert index.verify(folder) == ()
        names = {path.relative_to(current(folder)).as_posix() for path in current(folder).rglob("*") if path.is_file()}
        assert names - set(read_manifest(current(folder)).files) <= {"manifest.json", "in-use", "verified.json"}


@pytest.fixture
def two_parts(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of which a part was taken over; `whole` beside it had the same changes, and lies in one piece."""
    for each in ("index", "whole"):
        build(tmp_path / each, corpus)
    change(corpus, 1)
    build(tmp_path / "whole", corpus)
    monkeypatch.setattr(updating, "LEAST", 1)
    monkeypatch.setattr(updating, "_SHARE", 0.9)
    build(tmp_path / "index", corpus)
    assert is_in_two_parts(tmp_path / "index")
    return tmp_path / "index"


@pytest.mark.parametrize("why", ["too much changed", "another alignment"])
def test_both_parts_become_one_again(
    why: str, two_parts: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(corpus, 2)
    if why == "too much changed":
        monkeypatch.setattr(updating, "_SHARE", 0.01)
    else:
        monkeypatch.setattr(aligning, "TOLERANCE", -1.0)
    build(two_parts, corpus)
    assert not is_in_two_parts(two_parts)
    monkeypatch.setattr(updating, "LEAST", 10**9)
    build(tmp_path / "whole", corpus)
    assert {**seen(two_parts), "listing": ()} == {**seen(tmp_path / "whole"), "listing": ()}


def test_a_file_that_turns_out_large_is_no_small_change(two_parts: Path, corpus: Path) -> None:
    (corpus / "a/00.txt").write_text("\n\n".join(text_of(number, 9) for number in range(60)))
    build(two_parts, corpus)
    assert not is_in_two_parts(two_parts)
    assert not list(two_parts.glob("*.tmp"))


def test_what_did_not_change_is_the_same_file_and_is_not_read_again(
    corpus: Path, two_parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "ALWAYS", 0)  # every file is a large one
    change(corpus, 2)
    build(two_parts, corpus)
    base = ("passages_values.npy", "documents.sqlite", "keywords/gaps.bin", "sentences/sentences.npy")
    inodes = [(current(two_parts) / name).stat().st_ino for name in base]
    change(corpus, 3)
    hashed, real = list[str](), files.sha256_file
    monkeypatch.setattr(files, "sha256_file", lambda path: (hashed.append(str(path)), real(path))[1])
    build(two_parts, corpus)
    assert [(current(two_parts) / name).stat().st_ino for name in base] == inodes
    assert len(list(two_parts.glob("gen-*"))) == 1
    taken_over = [name for name in hashed if any(name.endswith(f"0{each}") for each in base)]
    assert not taken_over
    hashed.clear()
    index.open(two_parts).close()
    assert not hashed


def test_of_a_changed_file_only_the_documents_that_changed_are_written(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"row{number}", "title": f"Row {number}", "text": text_of(number, 3)} for number in range(9)]
    path, folder = corpus / "rows.jsonl", tmp_path / "index"

    def keys() -> dict[str, list[int]]:
        with index.open(folder) as opened:
            return {name: opened.store.keys(name) for name in opened.store.document_ids()}

    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    build(folder, corpus)
    before = keys()
    monkeypatch.setattr(updating, "LEAST", 1)
    monkeypatch.setattr(updating, "_SHARE", 0.9)
    rows[4] |= {"text": text_of(4, 77)}
    rows[5] |= {"title": "Row five"}
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows[:8], {**rows[8], "id": "new"}]))
    build(folder, corpus)
    after = keys()
    assert {name for name in after if after[name] != before.get(name)} == {"row4", "row5", "new"}
    assert set(before) - set(after) == {"row8"}
    assert read_manifest(current(folder)).passages == sum(map(len, after.values()))
    build(tmp_path / "fresh", corpus)
    with index.open(folder) as one, index.open(tmp_path / "fresh") as other:
        names = list(one.store.document_ids())
        assert names == list(other.store.document_ids())
        assert [one.store.document(name) for name in names] == [other.store.document(name) for name in names]


def test_what_two_generations_share_counts_once(corpus: Path, two_parts: Path) -> None:
    with index.open(two_parts):  # so that its generation stays
        before = index.status(two_parts).size_bytes
        change(corpus, 2)
        build(two_parts, corpus)
        assert len(list(two_parts.glob("gen-*"))) == 2
        shared = (current(two_parts) / "documents.sqlite").stat().st_size
        assert index.status(two_parts).size_bytes - before < sizes(current(two_parts)) - shared


def sizes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_backup_holds_both_parts(two_parts: Path, tmp_path: Path) -> None:
    index.back_up(tmp_path / "all.tar", two_parts)
    index.restore(tmp_path / "all.tar", tmp_path / "new")
    assert is_in_two_parts(tmp_path / "new")
    assert seen(tmp_path / "new") == seen(two_parts)


def test_files_are_copied_where_the_disk_has_no_links(
    corpus: Path, two_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(files, "link", no_links)
    change(corpus, 2)
    build(two_parts, corpus)
    assert is_in_two_parts(two_parts)
    assert (current(two_parts) / "passages_values.npy").stat().st_nlink == 1
    monkeypatch.setattr(updating, "LEAST", 10**9)
    build(tmp_path / "whole", corpus)
    assert seen(two_parts) == seen(tmp_path / "whole")


def test_a_damaged_large_file_is_found_before_it_is_read_for_a_new_one(
    corpus: Path, two_parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "ALWAYS", 0)
    change(corpus, 2)
    build(two_parts, corpus)
    path = current(two_parts) / "sentences" / "sentences.npy"
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    notes = json.loads((current(two_parts) / "verified.json").read_text())
    notes["sentences/sentences.npy"][3] = path.stat().st_ctime_ns  # as a medium decays that nobody wrote to
    (current(two_parts) / "verified.json").write_text(json.dumps(notes))
    monkeypatch.setattr(updating, "_SHARE", 0.001)
    change(corpus, 3)
    report = build(two_parts, corpus)
    assert any("sentences.npy: its checksum does not hold" in reason for reason in report.reasons)
    assert not is_in_two_parts(two_parts)
    assert index.verify(two_parts) == ()


def _terms_of_what_left_are_counted(patch: pytest.MonkeyPatch) -> None:
    def holders(self: Any, term: int) -> int:
        return sum(each.holders(term) for each in self._parts[:2])

    patch.setattr(updated._Keywords, "_holders", holders)


def _each_part_has_its_own_lengths(patch: pytest.MonkeyPatch) -> None:
    real = updated.norms
    patch.setattr(updated, "norms", lambda lengths, _: real(lengths, float(lengths.mean())))


def _what_left_is_found_by_its_vector(patch: pytest.MonkeyPatch) -> None:
    real = store.open_vectors
    patch.setattr(store, "open_vectors", lambda path, search, _, **form: real(path, search, **form))


def _what_left_is_found_by_its_words(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(updated, "_NEVER", 1.0)


CARELESS = (
    _terms_of_what_left_are_counted,
    _each_part_has_its_own_lengths,
    _what_left_is_found_by_its_vector,
    _what_left_is_found_by_its_words,
)


def test_the_comparison_catches_a_careless_reader(
    corpus: Path, two_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = seen(tmp_path / "whole")
    assert seen(two_parts) == right
    for careless in CARELESS:
        with monkeypatch.context() as patch, suppress(KeyError):  # a passage is found that is not there
            careless(patch)
            assert seen(two_parts) != right, careless.__name__
