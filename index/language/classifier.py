"""Which language a text is in, by its runs of bytes: py3langid's naive Bayes over features of 1 to 5 bytes.

Lui and Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool". The wheel is pure Python and carries
its tables packed (LZMA, no pickle). To unpack them takes longer than to answer a question, so that they are kept in the
cache folder, and mapped from there; where nothing can be written they are unpacked each time. Only
`index.language.identification` asks here, and a test compares what it tells with what the package itself does.
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
from typing import Any

from index.caching import kept
from index.config import cache_dir, forget_parts
from index.errors import ConfigError

__all__ = ["shares"]

_ARRAYS = ("ptc", "pc", "nextmove", "nextmove_row", "out_feat")
_CLASSES = "classes.json"


@dataclass(frozen=True, slots=True)
class _Tables:
    """A deterministic automaton over bytes, whose states may stand for a feature, and the weights of the features.

    Attributes:
        moves: the next state, 256 of them a row; this and the next two as views, which are quicker to index.
        rows: row of each state, times 256.
        features: feature of each state, -1 for none.
        weights: log-probability of each feature in each class, (features, classes) of float16.
        prior: log-probability of each class.
        classes: code of each; one may have several, for its scripts.
    """

    moves: Any
    rows: Any
    features: Any
    weights: Any
    prior: Any
    classes: tuple[str, ...]


@kept(256, longest=1000)
def shares(text: str) -> Mapping[str, float]:
    """Return the probability of each language by its code in the model, the likeliest first; empty where nothing tells.

    They are flattened for longer texts (by the root of their length), as features of one text aren't independent.
    """
    import numpy as np

    tables = _tables()
    written = (text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")
    seen = _features(tables, written)
    if not seen:
        return {}
    counts = np.fromiter(seen.values(), np.float32, len(seen))
    scores = np.log1p(counts) @ tables.weights[np.fromiter(seen, np.intp, len(seen))] + tables.prior
    scores = np.exp((scores - scores.max()) / math.sqrt(len(written)))
    sums: dict[str, float] = {}
    for code, score in zip(tables.classes, (scores / scores.sum()).tolist(), strict=True):
        sums[code] = sums.get(code, 0.0) + score
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def _features(tables: _Tables, written: bytes) -> dict[int, int]:
    """Return how often each feature stands in a text."""
    moves, rows, features = tables.moves, tables.rows, tables.features
    seen: dict[int, int] = {}
    state = 0
    for byte in written:
        state = moves[rows[state] + byte]
        feature = features[state]
        if feature >= 0:
            seen[feature] = seen.get(feature, 0) + 1
    return seen


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
        raise ConfigError("py3langid is not installed, so languages can't be told", "run: pip install py3langid")
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
    moves, rows, features = (memoryview(arrays[name]) for name in ("nextmove", "nextmove_row", "out_feat"))
    return _Tables(moves, rows, features, arrays["ptc"], arrays["pc"], tuple(classes))


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
