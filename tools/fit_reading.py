"""Fit the numbers of the bundled reader's profile: `python -m tools.fit_reading --data DIR [--work DIR] [--write]`.

Only articles that the reader was not trained on are used (every fiftieth of `qa-train`): one pool of all their
paragraphs, some twenty languages, is asked their questions; a second pool lacks every third article, whose questions
must be refused then. Questions with one thing exchanged (`tools.training.near_misses`) judge beside them. XQuAD
and ClapNQ, on which the product is measured, are not looked at. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import math
import os
import pickle
import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.data import Text
from benchmarks.pools import Bench
from rag.evaluation.metrics import roc_auc
from rag.question.cleaning import clean_question
from rag.reading import Reader, load_reader
from rag.reading.best import confidence_of, order_score, read_some, said
from rag.reading.profile import ReadingProfile, profile_of
from rag.retrieval.confidence import logit
from rag.retrieval.retrieve import retrieve
from rag.types import ScoredPassage
from tools.training.corpus import Corpus, Question, read_corpus
from tools.training.near_misses import near_misses

PROFILE = Path(__file__).resolve().parent.parent / "rag" / "reading" / "profiles" / "bundled.toml"
WORTH = (0.0, 10.0, 20.0, 30.0, 40.0, 60.0, 80.0)
PART, THIRD = 50, 3
_WHAT_IS_READ = ("most", "sure", "ahead", "at_last", "unsure", "behind", "worth")
MISSES = 120
INVERSE_PENALTY = 1.0
# Both outcomes weigh alike in the fit, and reader and retrieval have one weight: with weights of their own the fit
# finds retrieval's evidence worthless beside near misses, since they are asked of the very passage that their pattern
# was made from, and questions about articles that are gone are then answered. Two numbers are not fitted: `enough` was
# chosen among 0 to 8 and none (at 2 and 3 no more questions of XQuAD and ClapNQ are refused than without it, and more
# near misses are; 2 refused plain questions about clauses), `apart` where as many false refusals as wrong answers come
# from a pool of XQuAD's six languages.


@dataclass(frozen=True)
class Asked:
    """A question, what was found and read for it, and the paragraphs that answer it (none: it must be refused)."""

    language: str
    passages: tuple[ScoredPassage, ...]
    evidence: float
    right: frozenset[str]
    kind: str


def main() -> None:
    """Ask, fit, print, write."""
    parser = argparse.ArgumentParser("python -m tools.fit_reading", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("RAG_BENCH_DATA"), help="folder of the data")
    parser.add_argument("--work", type=Path, help="keep vectors and what was read in this folder")
    parser.add_argument("--most", type=int, default=1_000, help="questions of each pool")
    parser.add_argument("--write", action="store_true", help=f"write {PROFILE.name}")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data by --data or RAG_BENCH_DATA")
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        asked = _kept(work / "asked.pickle", options.data, work, options.most)
    _order(asked, profile_of("bundled"))
    profile = _confidence(asked, profile_of("bundled"))
    if options.write:
        PROFILE.write_text(written(profile), encoding="utf-8")
        print(f"written: {PROFILE}")


def _kept(path: Path, data: Path, work: Path, most: int) -> list[Asked]:
    """Return what was asked, from the working folder where it is: only this tool writes and reads that file."""
    if path.exists():
        found: list[Asked] = pickle.loads(path.read_bytes())
        return found
    asked = list(_ask(data, work, most))
    path.write_bytes(pickle.dumps(asked))
    return asked


def _ask(data: Path, work: Path, most: int) -> Iterator[Asked]:
    corpus = read_corpus(data)
    held = _held_back(corpus)
    questions = [question for question in corpus.questions if question.paragraph in held]
    random.Random(1).shuffle(questions)
    misses = near_misses(Corpus(corpus.paragraphs, questions), MISSES)
    reader = load_reader("bundled")
    assert reader is not None
    texts = {place: _text(corpus, place) for place in sorted(held)}
    bench = Bench(data, work)
    bench.embedder.embed_queries([question.text for question in [*questions, *misses]])
    yield from _over(bench, reader, corpus, list(texts.values()), [*questions[:most], *misses])
    gone = set(sorted({corpus.paragraphs[place].article for place in held})[::THIRD])
    left = [text for place, text in texts.items() if corpus.paragraphs[place].article not in gone]
    yield from _over(bench, reader, corpus, left, [q for q in questions[-most:] if q.answered])


def _held_back(corpus: Corpus) -> set[int]:
    """Return the paragraphs of the articles that judge; the split is that of `tools.training.arrays`."""
    articles = np.unique([p.article for p in corpus.paragraphs], return_inverse=True)[1]
    asked = sorted(set(articles[[q.paragraph for q in corpus.questions]].tolist()))
    random.Random(0).shuffle(asked)
    held = set(asked[: max(1, len(asked) // PART)])
    return {place for place, article in enumerate(articles.tolist()) if article in held}


def _text(corpus: Corpus, place: int) -> Text:
    paragraph = corpus.paragraphs[place]
    return Text(str(place), paragraph.language, paragraph.title, paragraph.text)


def _over(
    bench: Bench, reader: Reader, corpus: Corpus, texts: Sequence[Text], questions: Iterable[Question]
) -> Iterator[Asked]:
    """Ask the questions of a pool of texts; parallel paragraphs answer as well."""
    here = {text.name for text in texts}
    started, profile = time.monotonic(), replace(profile_of("bundled"), sure=math.inf)  # the second is always read
    with bench.pool(texts) as pool:
        for number, question in enumerate(questions, start=1):
            cleaned = clean_question(question.text)
            found = retrieve(pool.index, cleaned, profile.at_last)
            if found.evidence is None:
                continue
            evidence = logit(found.evidence, found.profile.confidence)
            hits = tuple(read_some(reader, cleaned, found.passages, profile, evidence, found.language))
            kind = question.source if question.source == "made-miss" else "asked"
            yield Asked(
                found.language,
                hits,
                evidence,
                _right(corpus, question) & here,
                kind,
            )
            if not number % 100:
                print(f"{number} asked, {time.monotonic() - started:.0f} s", flush=True)


def _right(corpus: Corpus, question: Question) -> frozenset[str]:
    if not question.answered:
        return frozenset()
    parallel = corpus.parallels[corpus.paragraphs[question.paragraph].parallel]
    return frozenset(f"{corpus.paragraphs[place].language}:{place}" for place in parallel)


def _order(asked: Sequence[Asked], profile: ReadingProfile) -> None:
    """Print which worth of the retrieval's score puts how many right passages first; within 20 to 40 it is flat."""
    for side in ("within", "across"):
        some = [one for one in asked if one.right and _across(one) == (side == "across")]
        shares = {worth: _first(some, replace(profile, worth=worth)) for worth in WORTH}
        ranking = ", ".join(f"{worth:.0f}: {100 * share:.1f}" for worth, share in shares.items())
        print(f"order {side} a language ({len(some)} questions), hit@1 by worth of a score: {ranking}")


def _across(one: Asked) -> bool:
    return not any(name.startswith(f"{one.language}:") for name in one.right)


def _first(some: Sequence[Asked], profile: ReadingProfile) -> float:
    return float(np.mean([_best(one, profile).passage.document_id in one.right for one in some])) if some else 0.0


def _best(one: Asked, profile: ReadingProfile) -> ScoredPassage:
    return max(one.passages, key=lambda hit: order_score(hit, profile))


def _confidence(asked: Sequence[Asked], profile: ReadingProfile) -> ReadingProfile:
    """Fit the confidence: a logistic function of what reader and retrieval say, each counting alike."""
    hits = [_best(one, profile) for one in asked]
    pairs = list(zip(hits, asked, strict=True))
    enough = profile.confidence.enough
    odds = np.array([said(hit, one.language, profile) + min(one.evidence, enough) for hit, one in pairs])
    answered = np.array([bool(one.right) for one in asked])
    model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=1_000)
    model.fit(odds[:, None], answered)
    weight, bias = float(model.coef_[0, 0]), float(model.intercept_[0])
    print(f"confidence: bias {bias:.3f}, answers and evidence {weight:.3f}")
    profile = replace(profile, confidence=replace(profile.confidence, bias=bias, answers=weight, evidence=weight))
    shares = np.array([confidence_of(hit, one.evidence, one.language, profile) for hit, one in pairs])
    _print(asked, shares, profile.confidence.threshold)
    return profile


def _print(asked: Sequence[Asked], shares: NDArray[np.floating[Any]], threshold: float) -> None:
    yes = shares[[bool(one.right) for one in asked]]
    print(f"threshold {threshold:.3f}: false refusals {100 * np.mean(yes < threshold):.1f} %")
    for kind in ("asked", "made-miss"):
        no = shares[[not one.right and one.kind == kind for one in asked]]
        auc = 100 * (roc_auc(yes.tolist(), no.tolist()) or 0.0)
        print(f"  unanswerable, {kind} ({len(no)}): AUC {auc:.1f}, answered {100 * np.mean(no >= threshold):.1f} %")


def written(profile: ReadingProfile) -> str:
    """Return a profile as TOML."""
    lines = [
        "# Numbers fitted to the bundled reader and embedder by `python -m tools.fit_reading`; see docs/models.md.",
        *(
            f"{name} = {getattr(profile, name)}"
            for name in ("most", "sure", "ahead", "at_last", "unsure", "behind", "worth")
        ),
    ]
    for name in ("quotes", "confidence", "words", "rows"):
        table = getattr(profile, name)
        lines += ["", f"[{name}]", *(f"{field} = {round(getattr(table, field), 4)}" for field in table.__slots__)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
