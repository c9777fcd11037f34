"""The tree of a vocabulary finds what a dictionary of its pieces would, and nothing depends on its file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from index.embedders.bundled.packed import PackedModel, bundled_model_path, read_packed
from index.embedders.bundled.tokens import vocabulary
from index.embedders.bundled.tokens.unigram import Unigram
from index.embedders.bundled.tokens.vocabulary import NONE, Tree, tree_of

LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
PIECES = st.lists(st.text(LETTERS | st.sampled_from("ab▁"), min_size=1, max_size=5), unique=True, min_size=1)


def found(tree: Tree, text: str) -> Iterator[tuple[str, int]]:
    """Yield the pieces that a text begins with, and their numbers."""
    node = 0
    for end, letter in enumerate(text, start=1):
        node = tree.child(node, ord(letter))
        if node == NONE:
            return
        if tree.piece(node) != NONE:
            yield text[:end], tree.piece(node)


@settings(max_examples=25)
@given(PIECES, st.text(LETTERS, max_size=5), st.integers(0, 2))
@example(["a", "ab", "b", "\U0010ffff"], "ab\U0010ffff", 0)
@example(["abc"], "abd", 0)
@example(["<s>", "</s>", "<", "<s"], "<s>", 2)
def test_it_finds_what_a_dictionary_would(pieces: list[str], text: str, specials: int) -> None:
    assume(len(pieces) > specials)
    tree = Tree(vocabulary._arrays(pieces, specials))
    known = {piece: number for number, piece in enumerate(pieces) if number >= specials}
    for asked in (text, *pieces, *(piece + text for piece in pieces)):
        beginnings = (asked[:end] for end in range(1, len(asked) + 1))
        assert list(found(tree, asked)) == [(begun, known[begun]) for begun in beginnings if begun in known]


@pytest.fixture(scope="module")
def packed() -> PackedModel:
    return read_packed(bundled_model_path())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def of_another_shape(path: Path) -> None:
    """Sound, but not what this version writes."""
    path.write_bytes(hashlib.sha256(b"x" * 200).digest().ljust(64, b"\0") + b"x" * 200)


@pytest.mark.parametrize("damage", [flip, of_another_shape, Path.unlink, lambda path: path.write_bytes(b"")])
def test_its_file_is_read_again_and_made_again(
    damage: Callable[[Path], object], packed: PackedModel, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []

    def arrays(pieces: list[str], specials: int) -> np.ndarray:
        built.append(len(pieces))
        return original(pieces[:1000], specials)

    original = vocabulary._arrays
    monkeypatch.setattr(vocabulary, "_arrays", arrays)
    text = packed.pieces[900]
    expected = list(found(tree_of(packed, 4), text))
    assert list(found(tree_of(packed, 4), text)) == expected and (text, 900) in expected
    assert len(built) == 1, "the second start builds nothing"
    (path,) = (cache / "vocabularies").iterdir()
    damage(path)
    assert list(found(tree_of(packed, 4), text)) == expected
    assert len(built) == 2
    tree_of(packed, 3)
    assert len(built) == 3, "of other pieces"


def test_a_start_makes_no_text_of_the_pieces(cache: Path) -> None:
    Unigram(read_packed(bundled_model_path()))
    model = read_packed(bundled_model_path())
    assert Unigram(model).ids("Who heads the AOI?")
    assert "pieces" not in vars(model)
