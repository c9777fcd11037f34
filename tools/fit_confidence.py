"""Fit the weights of the confidence: `python tools/fit_confidence.py --data DIR --work DIR [--write]`; prints them.

Questions of XQuAD (Artetxe, Ruder & Yogatama 2020, https://aclanthology.org/2020.acl-main.421) are asked in pools of
one language and of all, from which every fourth article is gone: by turns each of them but those that the published
table of refusals leaves out. What counts only within a language is then fitted again, with near misses among the
questions and all other weights as they are: across languages nothing is at hand that tells a near miss. Run it twice
when the features change: the weights choose which passage's are taken. `--write` puts them into the profile of the
bundled embedder; the threshold is chosen by hand from the table that is printed. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.cut_texts import cut_texts
from benchmarks.data import LANGUAGES, Asked, Text, questions
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.retrieval import all_of, xquad
from index.embedders import load
from index.embedders.profile import profile_of
from index.types import FloatArray
from rag.evaluation.metrics import roc_auc
from rag.retrieval.confidence import Evidence
from rag.retrieval.retrieve import retrieve
from tools.profile_text import with_numbers

PROFILE = Path(__file__).resolve().parent.parent / "index" / "embedders" / "profiles" / "bundled.toml"

NAMES = (
    "similarity",
    "same language",
    "coverage",
    "best_coverage",
    "shared numbers",
    "missing numbers",
    "background",
    "attenuation",
    "contrast",
)
WITHIN = slice(1, 4)  # those of them that count only within a language
DRAWS = (10, 11, 12)  # pools of all languages; the published tables take others
HELD_BACK = 0  # the published table leaves out the articles whose number divided by 4 leaves this
INVERSE_PENALTY = 100.0
NEAR = 0.1  # weight of a question of the pools of near misses
WEIGHTS = profile_of(load().fingerprint).confidence  # as they stand; some are set, not fitted
STEPS = 30  # of Newton's method, which needs about six

Row = tuple[Evidence, str, int, bool]
"""Evidence, language of the question, number of its article, whether the article is there."""


def main() -> None:
    """Ask, fit on all, report on languages and articles that were left out."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder of the benchmark data")
    options.add_argument("--work", type=Path, required=True, help="keep vectors in this folder from run to run")
    options.add_argument("--questions", type=int, default=300, help="questions a language in each pool")
    options.add_argument("--write", action="store_true", help=f"write the weights into {PROFILE.name}")
    chosen = options.parse_args()
    bench = Bench(chosen.data, chosen.work, chosen.questions)
    across, inside = list(pools_of_all(bench)), list(pools_of_one(bench))
    every = across + inside
    weight = np.repeat([len(inside) / len(across), 1.0], [len(across), len(inside)])
    report("pools of all", across, inside)
    model = fitted(every, weight)
    weights = np.array([model.intercept_[0], *model.coef_[0]])
    near = list(pools_of_near_misses(bench))
    weights[1:][WITHIN] = within(weights, inside + near, np.repeat([1.0, NEAR], [len(inside), len(near)]))
    fresh = dict(zip(("bias", *NAMES), weights.tolist(), strict=True))
    for name, value in fresh.items():
        print(f"{name:16}{value:8.2f}")
    if chosen.write:
        keys = {name.replace(" ", "_"): value for name, value in fresh.items()}
        PROFILE.write_text(with_numbers(PROFILE.read_text("utf-8"), "confidence", keys), "utf-8")
    odds = features(every) @ weights[1:] + weights[0]
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


def pools_of_near_misses(bench: Bench) -> Iterator[Row]:
    """Ask in pools of the question's language where a passage is about the subject of all, and does not answer some."""
    corpus, asked = xquad(bench)
    for seed, code in enumerate(LANGUAGES):
        kept, answered = cut_texts(corpus[code], questions(bench.data / "xquad" / code), seed)
        with bench.pool(kept) as pool:
            for question in asked[code]:
                if evidence := retrieve(pool.index, question.text).evidence:
                    yield evidence, code, article(next(iter(question.relevant))), answered[question.id]


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
    """Return what is weighed, shape (rows, features), as `rag.retrieval.confidence` weighs it."""
    return np.array(
        [
            (
                one.similarity,
                float(one.same_language),
                one.same_language * one.coverage,
                one.same_language * (WEIGHTS.typical_best_coverage if one.best_coverage is None else one.best_coverage),
                min(WEIGHTS.most_numbers, one.shared_numbers),
                min(WEIGHTS.most_numbers, one.missing_numbers),
                WEIGHTS.typical_background if one.background is None else one.background,
                min(WEIGHTS.attenuation_to, max(WEIGHTS.attenuation_from, one.attenuation)),
                WEIGHTS.typical_contrast if one.contrast is None else one.contrast,
            )
            for one, *_ in rows
        ],
        np.float32,
    )


def fitted(rows: list[Row], weight: FloatArray) -> LogisticRegression:
    """Return the model; both outcomes count alike."""
    model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=5000)
    return model.fit(features(rows), [there for *_, there in rows], sample_weight=weight)


def within(weights: FloatArray, rows: list[Row], weight: FloatArray) -> FloatArray:
    """Return the weights of what counts only within a language, all others given; both outcomes count alike.

    Logistic regression with an offset, by Newton's method.

    Args:
        weights: of all features, the bias first.
        rows: questions in pools of their language.
        weight: of each row.
    """
    every, there = features(rows), np.array([row[3] for row in rows])
    own = every[:, WITHIN]
    offset = every @ weights[1:] + weights[0] - own @ weights[1:][WITHIN]
    weight = weight * np.where(there, 1 / weight[there].sum(), 1 / weight[~there].sum())
    found = weights[1:][WITHIN]
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(own @ found + offset)))
        slope = own.T @ (weight * (there - chance))
        found = found + np.linalg.solve((own * (weight * chance * (1 - chance))[:, None]).T @ own, slope)
    return found.astype(np.float32)


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
    print(f"{name}, other languages and articles: area {area:.4f}", errors(across, odds, WEIGHTS.threshold), flush=True)


def errors(rows: list[Row], odds: FloatArray, threshold: float) -> str:
    """Return the shares of false refusals and of wrong answers."""
    there, low = np.array([row[3] for row in rows]), odds < np.log(threshold / (1 - threshold))
    return f"false refusals {100 * low[there].mean():5.1f} %  wrong answers {100 * (~low)[~there].mean():5.1f} %"


if __name__ == "__main__":
    main()
