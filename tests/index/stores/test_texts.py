"""Texts lie once, compressed, and come back to the letter; those of earlier versions are read beside them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import IndexDamagedError, StoreError
from index.stores.embedded import texts
from index.stores.embedded.records import Records
from index.stores.embedded.texts import StoredText, packed_text
from index.types import Document, Passage

LETTERS = st.text(st.sampled_from("ab \n\r\0é文𝄞"), max_size=30)


@given(LETTERS, st.data())
def test_every_cut_of_a_text_comes_back(text: str, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_BLOCK", 4)
        stored = StoredText(packed_text(text))
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        assert stored.cut(start, end) == text[start:end]
        assert stored.whole() == text
        assert StoredText(text).cut(start, end) == text[start:end]


def test_a_cut_reads_the_blocks_that_hold_it() -> None:
    stored = StoredText(packed_text("".join(map(str, range(20_000)))))
    stored.cut(9000, 9500)
    assert set(stored._read) == {2}


def _put(records: Records, name: str, text: str) -> None:
    document = Document(name, name, f"{name}.txt", "en", text)
    cuts = [(0, len(text) // 2), (len(text) // 3, len(text)), (5, 5)]
    passages = [Passage(f"{name}:{n}", name, a, b, text[a:b], "en", "") for n, (a, b) in enumerate(cuts)]
    records.put(document, passages, [bytes(16)] * 3)


def _seen(path: Path) -> tuple[object, ...]:
    records = Records(path)
    names = list(records.document_ids())
    found = [records.passages(records.keys(name)) for name in names]
    documents = [records.document(name) for name in names]
    for document, passages in zip(documents, found, strict=True):
        assert all(document.text[each.start : each.end] == each.text for each in passages)
    seen = found, documents, list(records.texts())
    records.close()
    return seen


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    records = Records(tmp_path / "documents.sqlite", writable=True)
    for name in ("one", "two", "three"):
        _put(records, name, f"What the {name} 文𝄞 tells. " * 500)
    _put(records, "none", "")
    records.finish()
    return tmp_path / "documents.sqlite"


def test_rows_of_earlier_versions_are_read_beside_those_of_this_one(stored: Path) -> None:
    before, size = _seen(stored), stored.stat().st_size
    with closing(sqlite3.connect(stored)) as connection:
        for key, text in connection.execute("SELECT key, text FROM documents WHERE id <> 'two'").fetchall():
            connection.execute("UPDATE documents SET text = ? WHERE key = ?", (StoredText(text).whole(), key))
            result = (
                "UPDATE passages SET text = substr((SELECT text FROM documents d WHERE d.key = document), start + 1, "
            )
            connection.execute(f'{result}"end" - start) WHERE document = ?', (key,))
        connection.commit()
    assert _seen(stored) == before
    assert stored.stat().st_size > 2 * size, "the texts are not stored in fewer bytes than they have"


@pytest.mark.parametrize("blob", [b"", b"\1\0\0\0\xff\0\0\0abc", b"\2\0\0\0", b"\1\0\0\0\3\0\0\0abc"])
def test_a_text_that_can_not_be_read_is_named(blob: bytes, stored: Path) -> None:
    with closing(sqlite3.connect(stored)) as connection:
        connection.execute("UPDATE documents SET text = ?", (blob,))
        connection.commit()
    records = Records(stored)
    for work in (lambda: records.document("one"), lambda: records.passages([1]), lambda: list(records.texts())):
        with pytest.raises(IndexDamagedError, match=r"documents\.sqlite.*--rebuild"):
            work()


def test_half_a_character_is_refused_and_the_former_text_stays(tmp_path: Path) -> None:
    records = Records(tmp_path / "documents.sqlite", writable=True)
    _put(records, "one", "What was there.")
    with pytest.raises(StoreError, match=r"one\.txt: holds half a character"):
        _put(records, "one", "half \ud800")
    assert records.document("one").text == "What was there."
