"""Table 9: whether the answer stands in the quotes of the backend without a model."""

from __future__ import annotations

import unicodedata

from benchmarks.data import LANGUAGES, thinned
from benchmarks.pools import Bench
from benchmarks.retrieval import xquad
from benchmarks.tables import show
from rag.evaluation.metrics import mean
from rag.types import Citation

_MOST = 300


def quotes(bench: Bench) -> None:
    """Ask within each language; a gold answer counts only in a quote from the right paragraph."""
    corpus, asked = xquad(bench)
    rows: list[list[object]] = []
    sums: list[list[float]] = []
    for code in LANGUAGES:
        measured: list[list[float]] = []
        with bench.pool(corpus[code]) as pool:
            for question in thinned(asked[code], bench.most or _MOST):
                answer = pool.assistant.answer(question.text)
                held = [_holds(each, question.answers, question.relevant) for each in answer.citations]
                length = sum(len(each.quote) for each in answer.citations[:1])
                measured.append([float(any(held[:1])), float(any(held)), float(answer.refused), float(length)])
        sums += measured
        rows.append([code, *_means(measured)])
    rows.append(["all", *_means(sums)])
    note = f"{_MOST} questions a language; a refusal is a miss in the first two columns."
    show("xquad: gold answer in the quotes", ["", "first quote", "any quote", "refused", "length"], rows, note)


def _means(measured: list[list[float]]) -> list[object]:
    first, anywhere, refused, length = (mean(list(column)) for column in zip(*measured, strict=True))
    return [first, anywhere, refused, f"{length:.0f}"]


def _holds(citation: Citation, answers: tuple[str, ...], relevant: frozenset[str]) -> bool:
    right = citation.document_id.partition(":")[2] in relevant
    return right and any(_folded(gold) in _folded(citation.quote) for gold in answers)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
