"""Make the neutral sentences that a question is held against: `python tools/neutral_sentences.py --data DIR`.

Each is the mean of one sentence of NTREX-128 (Federmann, Kocmi & Xin 2022, https://aclanthology.org/2022.sumeval-1.4)
in several languages, each vector without its language, in 8 bits.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path

import numpy as np

from index.embedders import load
from index.embedders.base import unit_rows
from index.types import FloatArray

OUT = Path(__file__).resolve().parent.parent / "rag" / "retrieval" / "neutral_sentences.npz"
FILES = ("eng", "arb", "deu", "spa", "rus", "zho-CN", "hin", "tur")


def main() -> None:
    """Embed the translations, average them, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with ntrex/*.txt, one sentence a line")
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--keep", type=Path, help="folder with kept vectors of `tools/language_vectors.py`")
    chosen = options.parse_args()
    embedder = load()
    total: FloatArray | float = 0.0
    for name in FILES:
        kept = chosen.keep / f"passage-{name}.npy" if chosen.keep else None
        if kept and kept.is_file():
            rows = np.load(kept, allow_pickle=False).astype(np.float32)
        else:
            lines = (chosen.data / "ntrex" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
            rows = embedder.embed_passages([line.strip() for line in lines if line.strip()])
        total = total + unit_rows(rows - rows.mean(axis=0))
        print(name, rows.shape, flush=True)
    mean = unit_rows(np.asarray(total, dtype=np.float32))
    provenance = {
        "fingerprint": embedder.fingerprint,
        "data": "NTREX-128, the first sentences of each file, mean over " + ", ".join(FILES),
        "data_licence": "CC BY-SA 4.0 (the sentences; only mean vectors are kept here)",
        "made_by": "tools/neutral_sentences.py",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }
    np.savez_compressed(
        chosen.out,
        vectors=np.rint(mean * (127 / np.abs(mean).max())).astype(np.int8),
        provenance=np.array(json.dumps(provenance, sort_keys=True)),
    )


if __name__ == "__main__":
    main()
