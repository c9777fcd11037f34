"""Make the weights that tell questions about the library from others: `python -m tools.library_questions --data DIR`.

Trained on the questions in `library_questions.toml`, and on questions about the world from the training data, which
must never be taken for one. Prints how well it tells the kinds in languages that it was not trained on, and how many of
XQuAD's questions (Artetxe, Ruder & Yogatama 2020, https://aclanthology.org/2020.acl-main.421; not trained on) it would
take wrongly. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from index.embedders import load
from index.embedders.base import Embedder
from index.embedders.profile import profile_of
from index.types import FloatArray
from tools.question_kinds import aligned, save

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "rag" / "question" / "kinds" / "library_questions.npz"
OTHER = "other"
EACH = 1_200  # questions about the world taken from a language
INVERSE_PENALTY = 10.0
Strings = NDArray[np.str_]


def main() -> None:
    """Embed, report, fit on all, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with qa-train/ and xquad/")
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    embedder = load()
    vectors, kinds, languages = written(embedder)
    world = of_the_world(embedder, chosen.data)
    unseen = of_xquad(embedder, chosen.data)
    report(vectors, kinds, languages, world, unseen)
    model = fit(vectors, kinds, world)
    save(
        chosen.out,
        model,
        embedder,
        "tools/library_questions.toml; questions of the training data (docs/models.md) as those of the world",
    )


def written(embedder: Embedder) -> tuple[FloatArray, Strings, Strings]:
    """Return vectors, kinds and languages of the questions that were written for this."""
    vectors, kinds, languages = list[FloatArray](), list[str](), list[str]()
    for language, table in tomllib.loads((HERE / "library_questions.toml").read_text(encoding="utf-8")).items():
        for kind, texts in table.items():
            vectors.append(aligned(embedder, texts, language))
            kinds += [kind] * len(texts)
            languages += [language] * len(texts)
    return np.concatenate(vectors), np.array(kinds), np.array(languages)


def of_the_world(embedder: Embedder, data: Path) -> FloatArray:
    """Return the vectors of questions of the training data, as many of each language at most."""
    every: dict[str, list[str]] = defaultdict(list)
    with gzip.open(data / "qa-train" / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            every[row["lang"]].append(row["q"])
    dice = random.Random(0)
    taken = {language: dice.sample(texts, min(EACH, len(texts))) for language, texts in sorted(every.items())}
    return np.concatenate([aligned(embedder, texts, language) for language, texts in taken.items()])


def of_xquad(embedder: Embedder, data: Path) -> FloatArray:
    """Return the vectors of XQuAD's questions in four languages, which measure only."""
    found = []
    for language in ("en", "de", "ar", "zh"):
        lines = (data / "xquad" / language / "queries.jsonl").read_text(encoding="utf-8").splitlines()
        found.append(aligned(embedder, [json.loads(line)["text"] for line in lines], language))
    return np.concatenate(found)


def fit(vectors: FloatArray, kinds: Strings, world: FloatArray) -> LogisticRegression:
    """Return the fitted model."""
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000)
    return model.fit(np.concatenate([vectors, world]), np.concatenate([kinds, np.full(len(world), OTHER)]))


def kinds_of(model: LogisticRegression, vectors: FloatArray) -> Strings:
    """Return the kind of each question as the product takes it: the likeliest, where it is likely enough."""
    shares, names = model.predict_proba(vectors), np.array(model.classes_)
    of_the_library = names != OTHER
    sure = shares[:, of_the_library].sum(axis=1) >= profile_of(load().fingerprint).kinds.library
    return np.where(sure, names[of_the_library][shares[:, of_the_library].argmax(axis=1)], OTHER)


def report(vectors: FloatArray, kinds: Strings, languages: Strings, world: FloatArray, unseen: FloatArray) -> None:
    """Print what is told rightly in languages that were left out, and what is taken wrongly."""
    half = len(world) // 2
    order = np.random.default_rng(0).permutation(len(world))
    for language in sorted(set(languages.tolist())):
        seen = languages != language
        model = fit(vectors[seen], kinds[seen], world[order[:half]])
        found, right = kinds_of(model, vectors[~seen]), kinds[~seen]
        own = right != OTHER
        wrong = (kinds_of(model, world[order[half:]]) != OTHER).mean(), (kinds_of(model, unseen) != OTHER).mean()
        print(
            f"without {language}: of the library {(found[own] != OTHER).mean():.2f}, kind right "
            f"{(found[own] == right[own]).mean():.2f}, others kept {(found[~own] == OTHER).mean():.2f}, "
            f"world taken wrongly {100 * wrong[0]:.2f} %, XQuAD {100 * wrong[1]:.2f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
