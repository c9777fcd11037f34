"""Another model, another dimension, files of another index, with every checksum right: refused, never searched."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import RagError
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.embedded.vectors.twelve_bits import Rows, pieces_of, write_rows
from tests.harness.index_helpers import answers, build, make_texts
from tests.index.building.test_versions import rewrite_manifest

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    build(tmp_path / "index", make_texts(tmp_path / "texts"))
    return tmp_path / "index"


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads(next(folder.glob("gen-*/manifest.json")).read_bytes()))


def replaced(folder: Path, name: str, data: bytes) -> None:
    """Put another file in a generation's place, and stamp it as the program itself would."""
    next(folder.glob(f"gen-*/{name}")).write_bytes(data)
    files = manifest(folder)["files"]
    assert name in files
    entry = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    assert set(entry) == set(files[name])
    rewrite_manifest(folder, files={**files, name: entry})


def vectors(folder: Path, dimension: int, count: int) -> dict[str, bytes]:
    """The files of other vectors, by name."""
    rows, shifts = np.random.default_rng(1).normal(size=(count, dimension)), Shifts.none(dimension)
    slab = Slab(rows.astype(np.float32), np.zeros(count, np.uint8))
    folder.mkdir()
    write_rows(folder / "passages.faiss", pieces_of([slab], shifts), count, shifts)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(folder: Path) -> None:
    """Ask as a reader does."""
    with pytest.raises(RagError) as caught:
        answers(folder)
    assert "; " in str(caught.value)  # says what to do


@pytest.mark.parametrize(
    "changed", [{"dimension": 12}, {"fingerprint": "another/model"}, {"spec": "sentence-transformers:another"}]
)
def test_an_index_of_another_model_is_refused(changed: dict[str, object], whole: Path) -> None:
    rewrite_manifest(whole, embedder={**manifest(whole)["embedder"], **changed})
    refused(whole)


@pytest.mark.parametrize(("dimension", "more"), [(64, 0), (7, 0), (None, 3), (None, -1)])
@pytest.mark.parametrize("some", ["all", "the values", "what is subtracted"])
def test_vectors_of_another_index_are_refused(
    dimension: int | None, more: int, some: str, whole: Path, tmp_path: Path
) -> None:
    own = Rows(next(whole.glob("gen-*")) / "passages.faiss")
    others = vectors(tmp_path / "others", dimension or own.dimension, len(own) + more)
    names = {
        "all": sorted(others),
        "the values": ["passages_values.npy"],
        "what is subtracted": ["passages_shifts.npz"],
    }
    if dimension is None and some == "what is subtracted":
        pytest.skip("it says nothing of how many vectors there are")
    for name in names[some]:
        replaced(whole, name, others[name])
    refused(whole)


def test_the_same_files_stamped_anew_are_read(whole: Path) -> None:
    sound = answers(whole)
    replaced(whole, "passages_values.npy", next(whole.glob("gen-*/passages_values.npy")).read_bytes())
    assert answers(whole) == sound
