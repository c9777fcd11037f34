"""Join what a training wrote into one file, or average several runs.

`python -m tools.training.average OUT.safetensors WEIGHT:FILE_OR_FOLDER …`

The mean of the weights of several fine-tunings of one model is often better than each (Wortsman et al. 2022,
https://arxiv.org/abs/2203.05482), and half-way between the carried and the trained encoder is better on languages that
the data lacks. `carried` in the place of a file stands for the carried encoder's layers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from index.embedders.bundled.packed import PackedModel, bundled_model_path, read_packed
from index.types import FloatArray
from tools.training.arrays import load

__all__ = ["averaged", "carried_layers", "half_precision", "in_full", "main", "read_weights"]


def read_weights(path: Path) -> dict[str, FloatArray]:
    """Read a safetensors file, or the folder that a training wrote, in float32."""
    if path.is_dir():
        files = sorted(path.glob("weights-*.npz"))
        if not files:
            raise SystemExit(f"{path} holds no weights-*.npz of a training")
        return {name: value.astype(np.float32) for file in files for name, value in load(file).items()}
    return in_full(load_file(path))


def in_full(tensors: Mapping[str, NDArray[Any]]) -> dict[str, FloatArray]:
    """Return tensors in float32; matrices that a shipped file keeps as whole numbers get their scales back."""
    found = {}
    for name, value in tensors.items():
        scales = tensors.get(f"{name}.scale")
        if scales is not None:
            found[name] = value.astype(np.float32) * scales.astype(np.float32).reshape(-1, *[1] * (value.ndim - 1))
        elif name.removesuffix(".scale") == name or name.removesuffix(".scale") not in tensors:
            found[name] = value.astype(np.float32)
    return found


def carried_layers(model: PackedModel, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return the carried encoder's tensors under their public names (`layers.N.qkv.weight` and so on)."""
    found = {}
    for name in names:
        _, number, part, kind = name.split(".")
        letter = "w" if kind == "weight" else "b"
        columns = model.sizes.feed_forward if part == "fo" else model.sizes.hidden
        parts = [f"l{number}.{one}.{letter}" for one in ("qkv" if part == "qkv" else (part,))]
        matrix = letter == "w" and not part.endswith("ln")
        rows = [model.matrix(one, columns) if matrix else model.vector(one) for one in parts]
        found[name] = np.concatenate(rows)
    return found


def averaged(runs: Sequence[tuple[float, Mapping[str, FloatArray]]]) -> dict[str, FloatArray]:
    """Return the weighted mean of several runs' tensors; all must have the same names."""
    total = sum(weight for weight, _ in runs)
    names = set(runs[0][1])
    if any(set(tensors) != names for _, tensors in runs):
        raise SystemExit("these runs trained different tensors; they can't be averaged")
    return {
        name: np.asarray(sum(weight / total * tensors[name] for weight, tensors in runs), np.float32)
        for name in sorted(names)
    }


def half_precision(tensors: Mapping[str, FloatArray]) -> dict[str, NDArray[np.float16]]:
    """Return the tensors in float16, as they are kept."""
    return {name: value.astype(np.float16) for name, value in tensors.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Average and write."""
    parser = argparse.ArgumentParser("python -m tools.training.average", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", nargs="+", help="WEIGHT:FILE_OR_FOLDER or WEIGHT:carried")
    options = parser.parse_args(arguments)
    given = [run.partition(":") for run in options.runs]
    runs = [(float(weight), read_weights(Path(path))) for weight, _, path in given if path != "carried"]
    if not runs:
        raise SystemExit("name at least one trained file")
    for weight, _, path in given:
        if path == "carried":
            model = read_packed(bundled_model_path())
            runs.append((float(weight), carried_layers(model, sorted(runs[0][1]))))
    mean = half_precision(averaged(runs))
    parts = json.dumps([f"{weight}:{Path(path).name}" for weight, _, path in given])  # no paths of a machine
    save_file(mean, options.out, metadata={"averaged": parts})
    print(f"{len(mean)} tensors, {options.out.stat().st_size / 1e6:.1f} MB in {options.out}")


if __name__ == "__main__":
    main()
