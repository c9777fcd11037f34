"""Passages that a question is close to and that don't answer it: hard negatives by the carried encoder.

The mean of each language is taken off the vectors first, as the product does, so that negatives come in all languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tools.training.arrays import BEGIN, END, Ints, Questions
from tools.training.encoder import HIDDEN, LAYERS, Encoder, device, padded, pooled

__all__ = ["hard_negatives", "kept_negatives"]

_KEPT, _SEEN = 24, 64  # negatives of a question; nearest passages among which they are looked for
_DOUBT = 100  # passages at which a language's own mean counts half
_LONGEST, _LONGEST_QUESTION = 256, 60
_BATCH = {"cuda": 512, "cpu": 16}


def hard_negatives(bundle: Path, questions: Questions) -> Ints:
    """Return paragraphs, nearest first, shape (questions, 24); -1 where there are no more.

    No paragraph that is parallel to the right one, nor one that holds the answer's tokens, in whichever language the
    answer is known.
    """
    encoder = Encoder(bundle, LAYERS).to(device()).eval()
    titled = [np.concatenate(pair) for pair in zip(questions.title, questions.body, strict=True)]
    passages = _embedded(encoder, titled, questions.prefix_passage, _LONGEST)
    asked = _embedded(encoder, questions.question, questions.prefix_query, _LONGEST_QUESTION)
    passages = _centred(passages, questions.passage_language).to(device())
    asked = _centred(asked, questions.question_language).to(device())
    found = np.full((len(asked), _KEPT), -1, np.int32)
    allowed = _Allowed(questions)
    for start in range(0, len(asked), 2048):
        nearest = (asked[start : start + 2048] @ passages.T).topk(min(_SEEN, len(passages)), 1).indices.cpu().numpy()
        for number, row in enumerate(nearest, start):
            kept = [place for place in row if allowed(number, int(place))][:_KEPT]
            found[number, : len(kept)] = kept
    return found


def _embedded(encoder: Encoder, rows: Sequence[Ints], prefix: Sequence[int], longest: int) -> Tensor:
    where, batch = device(), _BATCH[device().type]
    vectors = torch.zeros(len(rows), HIDDEN)
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    with torch.no_grad():
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            ids, mask = padded([[BEGIN, *prefix, *rows[place][:longest], END] for place in some])
            mask = mask.to(where)
            vectors[some] = pooled(encoder.states(ids.to(where), mask), mask).cpu()
    return vectors


def _centred(vectors: Tensor, languages: Ints) -> Tensor:
    """Take the mean of each language off, drawn to the mean of all where a language has few texts."""
    everywhere = vectors.mean(0)
    for language in sorted(set(languages.tolist())):
        own = torch.from_numpy(languages == language)
        trust = int(own.sum()) / (int(own.sum()) + _DOUBT)
        vectors[own] -= trust * vectors[own].mean(0) + (1 - trust) * everywhere
    return functional.normalize(vectors, dim=1)


class _Allowed:
    """Tells whether a paragraph may stand as a negative of a question."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._bytes = [_bytes(body) for body in questions.body]
        self._parallel: dict[int, dict[int, int]] = {}
        pairs = zip(questions.parallel.tolist(), questions.passage_language.tolist(), strict=True)
        for place, (parallel, language) in enumerate(pairs):
            self._parallel.setdefault(parallel, {})[language] = place

    def __call__(self, number: int, place: int) -> bool:
        asked, right = self._questions, int(self._questions.paragraph[number])
        if asked.parallel[place] == asked.parallel[right]:
            return False
        first, last = asked.span[number]
        if first < 0:
            return True
        answer = _bytes(asked.body[right][first : last + 1])
        language = int(asked.passage_language[right])
        translated = self._parallel[int(asked.parallel[place])].get(language, place)
        return answer not in self._bytes[place] and answer not in self._bytes[translated]


def _bytes(tokens: Ints) -> bytes:
    return tokens.astype("<u4").tobytes()


def kept_negatives(bundle: Path, questions: Questions, file: Path | None = None) -> Ints:
    """Return the hard negatives, read from a file where they were kept, else found and kept there.

    Args:
        bundle: folder of the bundle.
        questions: of the bundle.
        file: where they are kept; `None` takes `negatives.npy` in the bundle.
    """
    path = file or bundle / "negatives.npy"
    if not path.exists():
        rest = path.with_suffix(".part.npy")
        np.save(rest, hard_negatives(bundle, questions))
        rest.replace(path)
    found: Ints = np.load(path, allow_pickle=False)
    if len(found) != len(questions):
        raise SystemExit(f"{path} is of another bundle: {len(found)} rows for {len(questions)} questions; delete it")
    return found
