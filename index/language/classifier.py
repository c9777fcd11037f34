"""Which language a text is in, by its runs of bytes: py3langid's naive Bayes over features of 2 to 6 bytes.

Lui and Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool". The wheel is pure Python and carries
its tables packed (LZMA, no pickle). To unpack them takes longer than to answer a question, so that they are kept in the
cache folder, and mapped from there; where nothing can be written they are unpacked each time. Only
`index.language.identification` asks here, and a test compares its results with what the package itself does.
"""

from __future__ import annotations

import io
import json
import lzma
import math
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.caching import kept
from index.config import cache_dir, forget_parts
from index.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["classes", "shares"]

_ARRAYS = ("ptc", "pc", "nextmove", "nextmove_row", "out_feat")
_CLASSES = "classes.json"
_LONGEST_FEATURE = 6  # bytes


@dataclass(frozen=True, slots=True)
class _Tables:
    """A deterministic automaton over bytes, whose states may stand for a feature, and the weights of the features.

    Attributes:
        moves: the next state, 256 of them a row.
        rows: row of each state, times 256.
        features: feature of each state, -1 for none.
        weights: log-probability of each feature in each class, (features, classes) of float16.
        prior: log-probability of each class.
        classes: code of each; one may have several, for its scripts.
    """

    moves: NDArray[np.unsignedinteger]
    rows: NDArray[np.uint32]
    features: NDArray[np.int32]
    weights: NDArray[np.float16]
    prior: NDArray[np.float32]
    classes: tuple[str, ...]


def classes() -> tuple[str, ...]:
    """Return the codes of the languages in the model."""
    return tuple(dict.fromkeys(_tables().classes))


@kept(256, longest=1000)
def shares(text: str) -> Mapping[str, float]:
    """Return the probability of each language by its code in the model, the likeliest first; empty where none fits.

    They are flattened for longer texts (by the root of their length), as features of one text aren't independent.
    """
    import numpy as np

    tables = _tables()
    written = (text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")
    seen, counts = _features(tables, written)
    if not len(seen):
        return {}
    scores = np.log1p(counts) @ _widened(tables.weights.take(seen, axis=0)) + tables.prior
    scores = np.exp((scores - scores.max()) / math.sqrt(len(written)))
    sums: dict[str, float] = {}
    for code, score in zip(tables.classes, (scores / scores.sum()).tolist(), strict=True):
        sums[code] = sums.get(code, 0.0) + score
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def _features(tables: _Tables, written: bytes) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the features that stand in a text, and how often.

    Which state the automaton is in depends on the last six bytes, the longest feature. So it goes from its first
    state over the six bytes that end at each place, over all places at once.
    """
    import numpy as np

    text = np.frombuffer(written, np.uint8)
    states = np.zeros(len(text), np.uint32)
    for back in range(min(_LONGEST_FEATURE, len(text)) - 1, -1, -1):
        states[back:] = tables.moves.take(tables.rows.take(states[back:]) + text[: len(text) - back])
    found = tables.features.take(states)
    seen, counts = np.unique(found[found >= 0], return_counts=True)
    return seen, counts.astype(np.float32)


def _widened(halves: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return numbers of 16 bits as ones of 32, by their bits: NumPy takes three times as long for it.

    Moved to where a float has its own, they say the number times 2 ** -112.
    """
    import numpy as np

    bits = halves.view(np.uint16).astype(np.uint32)
    moved = ((bits & np.uint32(0x8000)) << np.uint32(16)) | ((bits & np.uint32(0x7FFF)) << np.uint32(13))
    return moved.view(np.float32) * np.float32(2.0**112)


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    packed = _packed()
    state = packed.stat()
    folder = cache_dir() / "languages" / f"py3langid-{state.st_size}-{state.st_mtime_ns}"
    try:
        return _mapped(folder)
    except (OSError, ValueError):  # not kept yet, or not whole
        arrays, classes = _unpacked(packed)
    _keep(folder, arrays, classes)
    try:
        return _mapped(folder)
    except (OSError, ValueError):  # nothing can be written there
        return _of(arrays, classes)


def _packed() -> Path:
    """Return the package's model."""
    from importlib.util import find_spec

    spec = find_spec("py3langid")
    if spec is None or spec.origin is None:
        raise ConfigError("py3langid is not installed, so languages can't be known", "run: pip install py3langid")
    return Path(spec.origin).parent / "data" / "model.npz.xz"


def _unpacked(packed: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the arrays of a model as they are used, and its classes."""
    import numpy as np

    with np.load(io.BytesIO(lzma.decompress(packed.read_bytes())), allow_pickle=False) as data:
        arrays = {name: data[name] for name in _ARRAYS}
        classes = [str(code) for code in data["classes"]]
    arrays["nextmove_row"] = arrays["nextmove_row"].astype(np.uint32) << 8
    return arrays, classes


def _of(arrays: Mapping[str, Any], classes: list[str]) -> _Tables:
    import numpy as np

    names = ("nextmove", "nextmove_row", "out_feat", "ptc", "pc")
    moves, rows, features, weights, prior = (np.asarray(arrays[name]) for name in names)  # quicker than mapped ones
    return _Tables(moves, rows, features, weights, prior, tuple(classes))


def _mapped(folder: Path) -> _Tables:
    import numpy as np

    classes = json.loads((folder / _CLASSES).read_text("utf-8"))
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
    if arrays["ptc"].shape != (arrays["out_feat"].max() + 1, len(classes)):
        raise ValueError("the tables don't fit each other")
    return _of(arrays, classes)


def _keep(folder: Path, arrays: Mapping[str, Any], classes: list[str]) -> None:
    """Write the tables beside their place and rename the folder, so that no other process reads half of them."""
    import numpy as np

    unfinished = ""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget_parts(folder.parent)
        unfinished = tempfile.mkdtemp(dir=folder.parent, suffix=".part")
        for name, array in arrays.items():
            np.save(Path(unfinished) / f"{name}.npy", array, allow_pickle=False)
        (Path(unfinished) / _CLASSES).write_text(json.dumps(classes), "utf-8")
        for old in folder.parent.glob("py3langid-*"):  # of another version, or damaged
            shutil.rmtree(old, ignore_errors=True)
        Path(unfinished).replace(folder)  # fails where another process was quicker
    except OSError:
        if unfinished:
            shutil.rmtree(unfinished, ignore_errors=True)
