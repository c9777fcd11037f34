"""Fit from which probabilities a reader's verdicts count: `python tools/fit_verdict.py --data DIR`; writes the profile.

Claims of people that the training held back are read beside their passages, each against the sentence that carries it
best, which is what an answer quotes. `supported` is the smallest probability that no more than a given share of the
claims without support reaches, `unsupported` the greatest that no more than a given share of the supported ones stays
under. Run it again whenever the reader's weights change.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rag.reading.types import ClaimReader

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

_PASSED, _LOST = 0.05, 0.02
_BATCH = 200

Scores = NDArray[np.float64]


def main() -> None:
    """Read, fit, write, print how good it is."""
    from index.disk.files import write_atomic
    from rag.checking.verdicts import PROFILE, read_profile
    from rag.reading.model.bundled import BundledReader
    from rag.reading.model.weights import SHIPPED
    from tools.training.corpus import LABELS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with claims-train")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="the reader's weights")
    parser.add_argument("--out", type=Path, default=PROFILE, help="the profile to write")
    parser.add_argument("--most", type=int, default=1_200, help="claims to read")
    parser.add_argument("--across", type=float, help="the number for two languages; else the shipped one")
    parser.add_argument("--passed", type=float, default=_PASSED, help="share of unsupported claims that may pass")
    parser.add_argument("--lost", type=float, default=_LOST, help="share of supported ones that may count as not shown")
    options = parser.parse_args()
    rows = held_claims(options.data)[: options.most]
    scores = best_scores(BundledReader(options.weights, verify=False), [(text, passage) for text, passage, _ in rows])
    true = np.array([label == LABELS["support"] for _, _, label in rows])
    supported, unsupported = thresholds(scores, true, options.passed, options.lost)
    digest = hashlib.sha256(options.weights.read_bytes()).hexdigest()
    shipped = read_profile()
    across = shipped.across if options.across is None else options.across
    numbers = {"supported": supported, "across": across, "unsupported": min(unsupported, across)}
    if shipped.asked is not None:  # chosen among a few on the development half of `benchmarks.lies`
        numbers |= {"asked_answers": shipped.asked.answers, "asked_span": shipped.asked.span}
    write_atomic(options.out, profile_text(numbers, digest, len(rows)).encode())
    print(f"{options.out}: supported from {supported:.3f}, not shown under {unsupported:.3f}; {len(rows)} claims")
    print(f"supported: {np.mean(scores[true] >= supported):.1%} of the true, {np.mean(scores[~true] >= supported):.1%}")
    print(
        f"not shown: {np.mean(scores[true] < unsupported):.1%} of the true, {np.mean(scores[~true] < unsupported):.1%}"
    )


def held_claims(data: Path) -> list[tuple[str, str, int]]:
    """Return claim, passage and label of what no training saw, in a fixed order."""
    from tools.training.arrays import held_back
    from tools.training.corpus import read_claims

    claims = [claim for claim in read_claims(data) if claim.text and claim.passage]
    return [(claims[n].text, claims[n].passage, claims[n].label) for n in held_back(np.arange(len(claims)))]


def best_scores(reader: ClaimReader, pairs: Sequence[tuple[str, str]]) -> Scores:
    """Return how probably each claim is supported by the sentence of its passage that supports it most."""
    from index.language.identification import detect
    from index.language.sentences.answer_sentences import sentence_spans

    cut = [[p[start:end] for start, end in sentence_spans(p, detect(p))] or [p] for _, p in pairs]
    flat = [(claim, sentence) for (claim, _), some in zip(pairs, cut, strict=True) for sentence in some]
    probabilities: list[float] = []
    for start in range(0, len(flat), _BATCH):
        probabilities += [verdict.supported for verdict in reader.judge(flat[start : start + _BATCH])]
    bounds = [0, *accumulate(map(len, cut))]
    return np.array([max(probabilities[start:end]) for start, end in pairwise(bounds)])


def thresholds(scores: Scores, true: NDArray[np.bool_], passed: float, lost: float) -> tuple[float, float]:
    """Return from which probability a claim is supported, and under which it isn't shown, to three decimals.

    Args:
        scores: probability of each claim, shape (n,).
        true: whether it is supported, shape (n,).
        passed: share of the unsupported that may reach the first number.
        lost: share of the supported that may stay under the second.

    Raises:
        ValueError: one of the two kinds is missing.
    """
    if true.all() or not true.any():
        raise ValueError("supported and unsupported claims are needed")
    steps = np.arange(0, 1.001, 0.001)
    over = np.array([np.mean(scores[~true] >= step) for step in steps])
    under = np.array([np.mean(scores[true] < step) for step in steps])
    supported = float(steps[np.argmax(over <= passed)]) if (over <= passed).any() else 1.0
    unsupported = float(steps[np.nonzero(under <= lost)[0][-1]])
    return supported, min(unsupported, supported)


def profile_text(numbers: Mapping[str, float], digest: str, claims: int) -> str:
    """Return the profile as a TOML file that says where its numbers come from."""
    return (
        "# Made by tools/fit_verdict.py; see rag/checking/verdicts.py.\n"
        f'weights = "sha256:{digest}"\n'
        f"claims = {claims}\n" + "".join(f"{name} = {number:.3f}\n" for name, number in numbers.items())
    )


if __name__ == "__main__":
    main()
