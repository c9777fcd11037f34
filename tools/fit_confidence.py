"""Fit the weights of the confidence: `python tools/fit_confidence.py --data DIR --work DIR`; prints them.

Questions of XQuAD (Artetxe, Ruder & Yogatama 2020, https://aclanthology.org/2020.acl-main.421) are asked in pools of
one language and of all, from which every fourth article is gone: by turns each of them but those that the published
table of refusals leaves out. Run it twice when the features change: the weights choose which passage's are taken.
Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.data import LANGUAGES, Asked, Text
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.retrieval import all_of, xquad
from index.types import FloatArray
from rag.confidence import EVENING_RANGE, MOST_NUMBERS, THRESHOLD, Evidence
from rag.metrics import roc_auc
from rag.retrieval import retrieve

NAMES = ("similarity", "same language", "coverage", "shared numbers", "missing numbers", "background", "evening")
DRAWS = (10, 11, 12)  # pools of all languages; the published tables take others
HELD_BACK = 0  # the published table leaves out the articles whose number divided by 4 leaves this
INVERSE_PENALTY = 100.0

Row = tuple[Evidence, str, int, bool]
"""Evidence, language of the question, number of its article, whether the article is there."""


def main() -> None:
    """Ask, fit on all, report on languages and articles that were left out."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder of the benchmark data")
    options.add_argument("--work", type=Path, required=True, help="keep vectors in this folder from run to run")
    options.add_argument("--questions", type=int, default=300, help="questions a language in each pool")
    chosen = options.parse_args()
    bench = Bench(chosen.data, chosen.work, chosen.questions)
    across, inside = list(pools_of_all(bench)), list(pools_of_one(bench))
    every = across + inside
    weight = np.repeat([len(inside) / len(across), 1.0], [len(across), len(inside)])
    report("pools of all", across, inside)
    model = fitted(every, weight)
    for name, value in zip(("bias", *NAMES), (float(model.intercept_[0]), *model.coef_[0]), strict=True):
        print(f"{name:16}{value:8.2f}")
    odds = model.decision_function(features(every))
    for step in range(25, 56, 3):
        print(f"threshold {step / 100:.2f}  " + errors(across, odds[: len(across)], step / 100), end="   within: ")
        print(errors(inside, odds[len(across) :], step / 100), flush=True)


def pools_of_all(bench: Bench) -> Iterator[Row]:
    """Ask in pools with each paragraph in one random language."""
    corpus, asked = xquad(bench)
    for turn, draw in enumerate(DRAWS):
        yield from ask(bench, mixed(corpus, draw), all_of(asked), gone=turn % 3 + 1 + HELD_BACK)


def pools_of_one(bench: Bench) -> Iterator[Row]:
    """Ask in pools of the question's language."""
    corpus, asked = xquad(bench)
    for turn, code in enumerate(LANGUAGES):
        yield from ask(bench, corpus[code], asked[code], gone=turn % 3 + 1 + HELD_BACK)


def ask(bench: Bench, texts: Iterable[Text], asked: Iterable[Asked], gone: int) -> Iterator[Row]:
    """Yield the evidence for each question where articles whose number divided by 4 leaves `gone` aren't there."""
    pool: Pool
    with bench.pool([text for text in texts if article(text.id) % 4 != gone]) as pool:
        for question in asked:
            number = article(next(iter(question.relevant)))
            if evidence := retrieve(pool.index, question.text).evidence:
                yield evidence, question.language, number, number % 4 != gone


def article(name: str) -> int:
    """Return the number of the article that a paragraph is from."""
    return int(name.split("-")[1])


def features(rows: list[Row]) -> FloatArray:
    """Return what is weighed, shape (rows, features), as `rag.confidence` weighs it."""
    return np.array(
        [
            (
                one.similarity,
                float(one.same_language),
                one.same_language * one.coverage,
                min(MOST_NUMBERS, one.shared_numbers),
                min(MOST_NUMBERS, one.missing_numbers),
                one.background,
                min(EVENING_RANGE[1], max(EVENING_RANGE[0], one.evening)),
            )
            for one, *_ in rows
        ],
        np.float32,
    )


def fitted(rows: list[Row], weight: FloatArray) -> LogisticRegression:
    """Return the model; both outcomes count alike."""
    model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=5000)
    return model.fit(features(rows), [there for *_, there in rows], sample_weight=weight)


def report(name: str, across: list[Row], inside: list[Row]) -> None:
    """Print the area under the ROC curve where language and article of a question are strange to the weights."""
    every = across + inside
    odds: FloatArray = np.zeros(len(across), np.float32)
    for code in LANGUAGES:
        for half in (0, 1):
            seen = [row for row in every if row[1] != code and row[2] // 4 % 2 != half]
            places = [n for n, row in enumerate(across) if row[1] == code and row[2] // 4 % 2 == half]
            model = fitted(seen, np.ones(len(seen), np.float32))
            odds[places] = model.decision_function(features([across[n] for n in places]))
    area = roc_auc(*([o for o, row in zip(odds, across, strict=True) if row[3] is there] for there in (True, False)))
    print(f"{name}, other languages and articles: area {area:.4f}  " + errors(across, odds, THRESHOLD), flush=True)


def errors(rows: list[Row], odds: FloatArray, threshold: float) -> str:
    """Return the shares of false refusals and of wrong answers."""
    there, low = np.array([row[3] for row in rows]), odds < np.log(threshold / (1 - threshold))
    return f"false refusals {100 * low[there].mean():5.1f} %  wrong answers {100 * (~low)[~there].mean():5.1f} %"


if __name__ == "__main__":
    main()
