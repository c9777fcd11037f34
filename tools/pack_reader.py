"""Makes the reader weights that the project ships: `python tools/pack_reader.py IN.safetensors OUT.safetensors`.

The matrices of the layers become whole numbers (int8) with a scale for each row; vectors and heads stay float16. What
the input's metadata tell is kept, the digest of the input is added, and the digest of the output lies beside it. The
same input always gives the same file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


_DTYPES = {"int8": "I8", "float16": "F16", "float32": "F32"}

Tensors = dict[str, NDArray[np.generic]]


def main() -> None:
    """Pack one file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="float16 or float32 tensors, as the training writes them")
    parser.add_argument("target", type=Path, help="what is shipped: rag/reading/reader.safetensors")
    parser.add_argument("--note", action="append", default=[], metavar="KEY=TEXT", help="said of its origin as well")
    options = parser.parse_args()
    notes = dict(note.split("=", 1) for note in options.note)
    digest = pack(options.source, options.target, notes)
    before, after = options.source.stat().st_size, options.target.stat().st_size
    print(f"{options.target}: {after / 1e6:.1f} MB (from {before / 1e6:.1f}), SHA-256 {digest}")


def pack(source: Path, target: Path, notes: dict[str, str]) -> str:
    """Write the packed file and its digest; return the digest."""
    from index.disk.files import write_atomic
    from rag.reading.model.weights import DIGEST_SUFFIX

    tensors, made = _read(source)
    # A file that was packed before keeps the digest of what it was made from.
    made = {
        "packed from": f"sha256:{_digest(source.read_bytes())}",
        **made,
        "packed by": "tools/pack_reader.py",
        **notes,
    }
    data = as_bytes(packed(tensors), made)
    write_atomic(target, data)
    write_atomic(target.with_name(target.name + DIGEST_SUFFIX), f"{_digest(data)}  {target.name}\n".encode())
    return _digest(data)


def packed(tensors: Tensors) -> Tensors:
    """Return the tensors as they are shipped; what is packed already stays as it is."""
    from index.embedders.bundled.graphs.graph import in_whole_numbers

    result: Tensors = {}
    for name, values in sorted(tensors.items()):
        if name.startswith("layers.") and values.ndim == 2 and values.dtype != np.int8:
            rounded = in_whole_numbers(values.astype(np.float32))
            result[name], result[f"{name}.scale"] = rounded.rows, rounded.scales
        elif name.endswith(".scale") and name.removesuffix(".scale") in tensors:
            result[name] = values
        else:
            result[name] = values if values.dtype == np.int8 else values.astype(np.float16)
    return result


def as_bytes(tensors: Tensors, made: dict[str, str]) -> bytes:
    """Return a file in the format safetensors, its parts in an order that depends on nothing but their names.

    The library writes what is told beside the tensors in an order of its own, another one each time.
    """
    header: dict[str, object] = {"__metadata__": dict(sorted(made.items()))}
    parts: list[bytes] = []
    at = 0
    for name in sorted(tensors, key=lambda name: (-tensors[name].itemsize, name)):  # so that each begins aligned
        values = np.ascontiguousarray(tensors[name])
        data = values.astype(values.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": _DTYPES[values.dtype.name],
            "shape": values.shape,
            "data_offsets": [at, at + len(data)],
        }
        parts.append(data)
        at += len(data)
    encoded = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    return struct.pack("<Q", len(encoded)) + encoded + b"".join(parts)


def _read(source: Path) -> tuple[Tensors, dict[str, str]]:
    from safetensors import safe_open

    file: Any = safe_open(source, "np")
    names: list[str] = list(file.keys())
    return {name: file.get_tensor(name) for name in names}, dict(file.metadata() or {})


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
