"""Make the weights that tell what a question asks for: `python -m tools.answer_type --data DIR`.

Trained on the questions of XQuAD (Artetxe, Ruder & Yogatama 2020, https://aclanthology.org/2020.acl-main.421), labelled
by their English wording and answer, and on the questions in `answer_type_questions.txt`, in more languages. Prints how
well it tells the kinds in languages, articles and wordings that it wasn't trained on. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.embedders import load
from index.embedders.base import Embedder
from index.language.numbers.quantities import AMOUNT, DATE, YEAR, held
from index.types import FloatArray
from tools.question_kinds import aligned, save

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "rag" / "question" / "kinds" / "answer_types.npz"
LANGUAGES = ("en", "ar", "de", "es", "ru", "zh")
OTHER, UNCLEAR = "other", "unclear"
KINDS = (AMOUNT, YEAR, DATE, OTHER)  # order of the lines of a language in the file of questions
INVERSE_PENALTY = 3.0
Strings = NDArray[np.str_]
HOW_MANY = re.compile(
    r"how (many|much|old|long|often|far|large|big|tall|high|fast)|(what|which) (percent|number|amount)"
)


def main() -> None:
    """Embed, report, fit on all, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with xquad/LANGUAGE/queries.jsonl")
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    embedder = load()
    written, kinds, languages = questions(embedder)
    vectors, labels, articles = benchmark(embedder, chosen.data)
    report(vectors, labels, articles, (written, kinds, languages))
    model = fit(np.concatenate([*vectors, written]), np.concatenate([*[labels] * len(LANGUAGES), kinds]))
    save(chosen.out, model, embedder, "XQuAD (CC BY-SA 4.0) in " + ", ".join(LANGUAGES) + "; answer_type_questions.txt")


def questions(embedder: Embedder) -> tuple[FloatArray, Strings, Strings]:
    """Return vectors, kinds and languages of the questions that were written for this."""
    lines = (HERE / "answer_type_questions.txt").read_text(encoding="utf-8").split("\n")
    vectors: list[FloatArray] = []
    kinds: list[str] = []
    languages: list[str] = []
    for at in range(0, len(lines) - 4, 5):
        for kind, line in zip(KINDS, lines[at + 1 : at + 5], strict=True):
            texts = line.split("|")
            vectors.append(aligned(embedder, texts, lines[at]))
            kinds += [kind] * len(texts)
            languages += [lines[at]] * len(texts)
    return np.concatenate(vectors), np.array(kinds), np.array(languages)


def benchmark(embedder: Embedder, data: Path) -> tuple[list[FloatArray], Strings, NDArray[np.int_]]:
    """Return the vectors per language, and the kind and the article of each question, without unclear ones."""
    rows = {}
    for language in LANGUAGES:
        lines = (data / "xquad" / language / "queries.jsonl").read_text(encoding="utf-8").splitlines()
        rows[language] = [json.loads(line) for line in lines]
    labels = np.array([kind_of(row["text"], row["answers"][0]) for row in rows["en"]])
    articles = np.array([int(row["relevant"][0].split("-")[1]) for row in rows["en"]])
    kept = labels != UNCLEAR
    vectors = [aligned(embedder, [row["text"] for row in rows[code]], code)[kept] for code in LANGUAGES]
    return vectors, labels[kept], articles[kept]


def kind_of(question: str, answer: str) -> str:
    """Label an English question by its wording and its answer; the ones that differ are unclear."""
    asked, found, words = question.lower(), held(answer, "en"), len(answer.split())
    if re.search(r"(what|which) (year|decade|century)", asked):
        return YEAR
    if re.search(r"\bwhen\b", asked) and found:
        return DATE
    if HOW_MANY.search(asked):
        return AMOUNT if AMOUNT in found else UNCLEAR
    if found & {DATE, YEAR} and words <= 5:
        return DATE if re.search("date|day|period|time|during", asked) else UNCLEAR
    if AMOUNT in found and words <= 4:
        return AMOUNT if re.search(r"\d", answer) else UNCLEAR
    return UNCLEAR if asked.startswith("when") else OTHER


def fit(vectors: FloatArray, kinds: Strings) -> LogisticRegression:
    """Return the fitted model."""
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000)
    model.fit(vectors, kinds)
    return model


def report(
    vectors: list[FloatArray],
    labels: Strings,
    articles: NDArray[np.int_],
    written: tuple[FloatArray, Strings, Strings],
) -> None:
    """Print the area under the ROC curve per kind, on languages and articles, then languages, left out of training."""
    texts, kinds, languages = written
    known = sorted(set(languages.tolist()))
    for half in (0, 1):
        train, seen = [n for n in range(len(LANGUAGES)) if n % 2 == half], np.isin(languages, known[half::2])
        found: dict[int, list[dict[str, float]]] = {n: [] for n in range(len(LANGUAGES)) if n % 2 != half}
        for part in (0, 1):
            inside = articles % 2 == part
            rows = np.concatenate([*[vectors[n][inside] for n in train], texts[seen]])
            model = fit(rows, np.concatenate([*[labels[inside]] * len(train), kinds[seen]]))
            for n, scores in found.items():
                scores.append(areas(model, vectors[n][~inside], labels[~inside]))
        for n, scores in found.items():
            means = {kind: round(float(np.mean([score[kind] for score in scores])), 3) for kind in KINDS}
            show(f"XQuAD {LANGUAGES[n]}: other languages, other articles", means)
        rows = np.concatenate([*[vectors[n] for n in train], texts[seen]])
        model = fit(rows, np.concatenate([*[labels] * len(train), kinds[seen]]))
        show("written questions, " + " ".join(known[1 - half :: 2]), areas(model, texts[~seen], kinds[~seen]))
    model = fit(np.concatenate(vectors), np.concatenate([labels] * len(LANGUAGES)))
    for code in known:
        if code not in LANGUAGES:
            show(f"XQuAD only, asked in {code}", areas(model, texts[languages == code], kinds[languages == code]))


def areas(model: LogisticRegression, vectors: FloatArray, labels: Strings) -> dict[str, float]:
    """Return the area under the ROC curve of each kind against the rest."""
    shares = dict(zip(model.classes_, model.predict_proba(vectors).T, strict=True))
    return {kind: round(float(roc_auc_score(labels == kind, shares[kind])), 3) for kind in KINDS}


def show(name: str, scores: dict[str, float]) -> None:
    """Print one line."""
    print(f"{name:58}" + "  ".join(f"{kind} {score:.3f}" for kind, score in scores.items()), flush=True)


if __name__ == "__main__":
    main()
