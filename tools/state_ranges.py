"""Measure how large the encoder's states grow: `python tools/state_ranges.py --data DIR`.

Products in 8-bit integers (`index.embedders.bundled.eight_bits`) round the states that they read to steps of a range:
the largest absolute value, column by column, over sentences of NTREX-128 (Federmann, Kocmi & Xin 2022,
https://aclanthology.org/2022.sumeval-1.4) in all its languages, as questions and as passages, alone and together, and
over runs of symbols, which excite columns that no sentence does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embedders.bundled.bulk import batches
from index.embedders.bundled.encoder import add_states
from index.embedders.bundled.graphs.graph import GraphBuilder, compile_graph
from index.embedders.bundled.packed import PackedModel, bundled_model_path, read_packed, weights_digest
from index.embedders.bundled.rows import InputRows
from index.embedders.bundled.state_ranges import PRODUCTS
from index.embedders.bundled.tokens.unigram import Unigram
from index.types import FloatArray

if TYPE_CHECKING:
    from openvino import Model, Node

OUT = Path(__file__).resolve().parent.parent / "index" / "embedders" / "bundled" / "state_ranges.npz"
ALONE, TOGETHER = 3, 6  # sentences of each file, one by one and in one text
BATCH_TOKENS = 1024
SYMBOLS = range(0x21, 0x1FB00)
LENGTHS = (1, 1, 1, 8, 8, 30, 30)  # of runs of symbols


def main() -> None:
    """Read the sentences, run the encoder, write the largest values."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with ntrex/*.txt, one sentence a line")
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    path = bundled_model_path()
    files = sorted((chosen.data / "ntrex").glob("*.txt"))
    texts = [text for number, file in enumerate(files) for text in texts_of(file, number)]
    texts += symbols()
    found = largest(read_packed(path), texts)
    write(chosen.out, weights_digest(path), found, len(files), len(texts))
    print(f"{chosen.out}: {len(texts)} texts, {chosen.out.stat().st_size} bytes")


def texts_of(file: Path, number: int) -> Iterator[str]:
    """Yield the texts of one file, other sentences of each."""
    lines = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    start = number * (ALONE + TOGETHER) % (len(lines) - ALONE - TOGETHER)
    for place, line in enumerate(lines[start : start + ALONE]):
        yield ("query: ", "passage: ")[place % 2] + line
    yield "passage: " + " ".join(lines[start + ALONE : start + ALONE + TOGETHER])


def symbols() -> Iterator[str]:
    """Yield texts of punctuation, numbers and other symbols, drawn at random, and of one symbol again and again."""
    dice = np.random.default_rng(0)
    for kind in "PNS":
        drawn = [chr(code) for code in SYMBOLS if unicodedata.category(chr(code))[0] == kind]
        for length in LENGTHS:
            yield "passage: " + " ".join(dice.choice(drawn, length))
            yield "passage: " + dice.choice(drawn) * 12
    for code in range(0x21, 0x40, 3):
        yield "passage: " + chr(code) * 10


def largest(model: PackedModel, texts: list[str]) -> dict[str, FloatArray]:
    """Return the largest absolute value of each column, for each of `PRODUCTS`, shape (layers, columns)."""
    compiled, _ = compile_graph(watched_graph(model))
    request, rows = compiled.create_infer_request(), InputRows(model)
    cut, longest = Unigram(model).ids, model.sizes.positions - 2
    windows = [(place, cut(text)[:longest]) for place, text in enumerate(texts)]
    most: list[FloatArray] = []
    for batch in batches(windows, BATCH_TOKENS):
        out = request.infer(list(rows.padded([[0, *ids, 2] for _, ids in batch])))
        now = [np.array(out[number]) for number in range(len(out))]
        most = [np.maximum(*pair) for pair in zip(most, now, strict=True)] if most else now
    return {name: np.stack(most[place :: len(PRODUCTS)]) for place, name in enumerate(PRODUCTS)}


class Watching(GraphBuilder):
    """Adds the parts of the encoder, and keeps the states that each product reads."""

    def __init__(self, model: PackedModel) -> None:
        super().__init__(model)
        self.read: list[Node] = []

    def dense(self, hidden: Node, name: str) -> Node:
        """See `GraphBuilder.dense`."""
        if name.rpartition(".")[2] in PRODUCTS:
            self.read.append(hidden)
        return super().dense(hidden, name)


def watched_graph(model: PackedModel) -> Model:
    """Return the encoder with the largest values of what its products read as outputs, layer by layer."""
    build = Watching(model)
    import openvino
    import openvino.opset13 as ops

    embedded, mask, _ = add_states(build, model)
    real = ops.unsqueeze(mask, build.axes(2))
    out = [ops.reduce_max(ops.abs(ops.multiply(states, real)), build.axes(0, 1)) for states in build.read]
    return openvino.Model(out, [embedded, mask], "watched")


def write(out: Path, digest: str, found: dict[str, FloatArray], files: int, texts: int) -> None:
    """Write the values in half precision, with where they come from."""
    provenance = {
        "weights": digest,
        "data": f"NTREX-128, {ALONE} sentences alone and {TOGETHER} together of each of {files} files, and runs of "
        f"symbols: {texts} texts",
        "data_licence": "CC BY-SA 4.0 (the sentences; only the encoder's largest values are kept here)",
        "made_by": "tools/state_ranges.py",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }
    halved = {name: rows.astype(np.float16) for name, rows in found.items()}
    np.savez_compressed(out, provenance=np.array(json.dumps(provenance, sort_keys=True)), allow_pickle=False, **halved)


if __name__ == "__main__":
    main()
