"""What a build costs beside loops that only embed: `python -m benchmarks.bulk --data DATA`.

960 texts (paragraphs of XQuAD in four languages) are indexed by `index.build`, everything included: reading, cutting,
sentences, keywords, files. Beside it, each in a process of its own, a loop that cuts the texts into pieces of 200
tokens, embeds them and puts them into a FAISS index: sentence-transformers in float32 and in bfloat16, OpenVINO in
bfloat16 and in 8-bit integers by our encoder. Told are source tokens a second of processor time, start of the model
left out, and what ours is of each. `--workers 1 2` then builds by so many processes, and tells the clock's time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

LANGUAGES = ("en", "de", "ru", "zh")
LOOPS = ("sentence-transformers float32", "sentence-transformers bfloat16", "OpenVINO bfloat16", "OpenVINO int8")
_OURS = "index.build"
_PRECISIONS = {"bfloat16": "bf16", "int8": "int8"}
_PIECE, _BATCH = 200, 32


def texts_of(data: Path) -> list[str]:
    """Return the texts."""
    files = [data / "xquad" / language / "corpus.jsonl" for language in LANGUAGES]
    return [json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()]


def spent() -> float:
    """Return the processor time of this process and its ended children."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


def pieces_of(texts: Sequence[str], count: Callable[[str], int]) -> list[str]:
    """Cut texts at blanks, or at characters where there are none, into pieces of 200 tokens at most."""
    found = list[str]()
    for text in texts:
        words = text.split(" ") if " " in text else list(text)
        joint, piece = " " if " " in text else "", list[str]()
        share = max(1, count(text)) / len(words)
        for word in words:
            piece.append(word)
            if len(piece) * share >= _PIECE:
                found.append(joint.join(piece))
                piece = []
        found.append(joint.join(piece))
    return [f"passage: {piece}" for piece in found if piece]


def embed(kind: str, place: Path) -> Callable[[list[str]], object]:
    """Load a model and return what embeds by it."""
    if kind.startswith("OpenVINO"):
        from index.embedders.bundled.bulk import BulkEncoder

        encoder = BulkEncoder(precision=_PRECISIONS[kind.rpartition(" ")[2]])
        encoder.embed(["passage: warm"])
        return encoder.embed
    from sentence_transformers import SentenceTransformer

    from tools.export_encoder import export_sentence_transformers

    folder = place / "model"
    exported = str(folder if folder.exists() else export_sentence_transformers(folder))
    model = SentenceTransformer(exported, device="cpu", model_kwargs={"dtype": kind.rpartition(" ")[2]})
    model.encode(["passage: warm"])
    return lambda texts: model.encode(texts, batch_size=_BATCH, normalize_embeddings=True)


def loop(kind: str, texts: list[str], place: Path, count: Callable[[str], int]) -> dict[str, float]:
    """Cut, embed and index; return seconds of processor and clock."""
    import faiss

    run = embed(kind, place)
    cpu, clock = spent(), time.perf_counter()
    vectors = np.asarray(run(pieces_of(texts, count)), np.float32)
    found = faiss.IndexFlatIP(vectors.shape[1])
    found.add(vectors)
    faiss.write_index(found, str(place / "loop.faiss"))
    return {"cpu": spent() - cpu, "clock": time.perf_counter() - clock}


def ours(texts: list[str], place: Path, workers: int | None) -> dict[str, float]:
    """Build an index of the texts as files; return seconds of processor and clock."""
    import index
    from index.embedders import load

    embedder = load("bundled")
    embedder.embed_passages(texts[:100])  # enough for the way of many texts to be started
    folder = place / "texts"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:04}.txt").write_text(text, "utf-8")
    cpu, clock = spent(), time.perf_counter()
    index.build([folder], index_dir=place / "index", embedder=embedder, workers=workers)
    return {"cpu": spent() - cpu, "clock": time.perf_counter() - clock}


def one(kind: str, data: Path, place: Path, workers: int | None) -> dict[str, float]:
    """Do it one way, and return what it took."""
    from index.embedders.bundled.embedder import BundledEmbedder

    texts, count = texts_of(data), BundledEmbedder().count_tokens
    tokens = sum(map(count, texts))
    cost = ours(texts, place, workers) if kind == _OURS else loop(kind, texts, place, count)
    return {"tokens": tokens, **cost}


def main() -> None:
    """Do each way in a process of its own, and print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("RAG_BENCH_DATA"), help="folder holding xquad/")
    parser.add_argument("--only", help="do this way, in this process")
    parser.add_argument("--place", type=Path, help="work in this folder")
    parser.add_argument("--workers", type=int, nargs="*", default=[], help="build by so many processes, too")
    options = parser.parse_args()
    if options.data is None or not (options.data / "xquad").is_dir():
        parser.error("name the benchmark data by --data or RAG_BENCH_DATA: a folder holding xquad/")
    if options.only:
        print(json.dumps(one(options.only, options.data, options.place, next(iter(options.workers), None))))
        return
    rates = dict[str, float]()
    for kind, workers in [*((each, None) for each in (_OURS, *LOOPS)), *((_OURS, each) for each in options.workers)]:
        with tempfile.TemporaryDirectory(dir=options.place) as place:
            command = [sys.executable, "-m", "benchmarks.bulk", "--data", options.data, "--only", kind]
            command += ["--place", place, *(["--workers", str(workers)] if workers else [])]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        result = json.loads(done.stdout)
        name = f"{kind}, {workers} workers" if workers else kind
        rates[name] = result["tokens"] / result["cpu"]
        about = {"tokens_a_cpu_second": round(rates[name]), "ours_is": round(rates[_OURS] / rates[name], 2)}
        print(json.dumps({"way": name, **{key: round(result[key], 1) for key in result}, **about}), flush=True)


if __name__ == "__main__":
    main()
