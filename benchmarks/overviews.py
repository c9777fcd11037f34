"""Table 11: how well a few sentences cover a document, and whether questions about the library are told from others.

For XQuAD's articles (their paragraphs joined), sentences that cover the text (`rag.overview.contents.covering`)
against its first ones and random ones, as many of each. Two measures: the share of an article's questions whose
answer stands in a chosen sentence, and how near the nearest chosen sentence is to a question (cosine of aligned
vectors). Every fourth article counts, which takes a minute; all 48 take ten.
"""

from __future__ import annotations

import random
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.data import LANGUAGES, Asked, Text
from benchmarks.pools import Bench
from benchmarks.retrieval import xquad
from benchmarks.tables import show
from index.embedders.alignment.vectors import Alignment
from index.embedders.answer_profiles import TextsProfile
from index.embedders.base import Embedder
from index.embedders.profile import profile_of
from index.language.sentences.splitting import sentences as split
from index.types import FloatArray, Sentence
from rag.evaluation.metrics import mean
from rag.overview.contents.covering import covering
from rag.question.kinds.library_questions import asked_of_library

_MOST = 5
_EVERY = 4  # so many-th article counts
_DRAWS = 20  # of random sentences
_WAYS = ("covering", "first", "random")
_WRITTEN = Path(__file__).with_name("library_questions.toml")


def overviews(bench: Bench) -> None:
    """Cover each article by five sentences."""
    corpus, asked = xquad(bench)
    embedder = bench.embedder
    alignment = Alignment.fit(embedder.fingerprint, np.zeros((0, embedder.dimension), np.float32), [])
    rows: list[list[object]] = []
    profile = profile_of(embedder.fingerprint).texts
    for code in LANGUAGES:
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for article, questions in list(_by_article(asked[code]).items())[::_EVERY]:
            text = "\n\n".join(each.text for each in _paragraphs(corpus[code], article))
            sentences = split(text, code)
            raw = embedder.embed_passages([text[each.start : each.end] for each in sentences])
            vectors = alignment.align_sentences(raw, [code] * len(sentences))
            near = vectors @ _questions(embedder, alignment, questions, code).T
            for name, chosen in _choices(sentences, vectors, text, profile).items():
                for places in chosen:
                    parts = [text[sentences[place].start : sentences[place].end] for place in places]
                    held = np.mean([any(a in part for part in parts for a in one.answers) for one in questions])
                    found[name].append((float(held), float(near[places].max(axis=0).mean())))
        rows.append([code, *(mean([pair[at] for pair in found[name]]) for name in _WAYS for at in (0, 1))])
    rows.append(["all", *(mean([float(str(row[at])) for row in rows]) for at in range(1, 7))])
    header = ["", "covering: held", "near", "first: held", "near", "random: held", "near"]
    show(f"xquad: {_MOST} sentences for an article", header, rows)


def library_questions(bench: Bench) -> None:
    """Ask the held-out questions about the library, and XQuAD's, which are about the world."""
    _, asked = xquad(bench)
    embedder = bench.embedder
    alignment = Alignment.fit(embedder.fingerprint, np.zeros((0, embedder.dimension), np.float32), [])
    rows: list[list[object]] = []
    for language, table in tomllib.loads(_WRITTEN.read_text(encoding="utf-8")).items():
        judged = [
            (kind, _kind_of(embedder, alignment, text, language)) for kind, texts in table.items() for text in texts
        ]
        rows.append([language, mean([float(bool(b)) for _, b in judged]), mean([float(a == b) for a, b in judged])])
    rows.append(["all", *(mean([float(str(row[at])) for row in rows]) for at in (1, 2))])
    show("questions about the library: 60, six a language", ["", "taken for one", "kind right"], rows)
    wrong = {
        code: mean([float(bool(_kind_of(embedder, alignment, each.text, code))) for each in asked[code]])
        for code in LANGUAGES
    }
    show("questions about the world (xquad)", ["", "taken for one"], [[code, share] for code, share in wrong.items()])


def _kind_of(embedder: Embedder, alignment: Alignment, text: str, language: str) -> str:
    return asked_of_library(embedder.fingerprint, alignment.align_query(embedder.embed_query(text), language)[0])


def _by_article(asked: Sequence[Asked]) -> Mapping[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for question in asked:
        found[next(iter(question.relevant)).rsplit("-", 1)[0]].append(question)
    return found


def _paragraphs(corpus: Sequence[Text], article: str) -> list[Text]:
    return [each for each in corpus if each.article == article]


def _questions(embedder: Embedder, alignment: Alignment, asked: Sequence[Asked], code: str) -> FloatArray:
    raw = embedder.embed_queries([each.text for each in asked])
    return np.stack([alignment.align_query(row, code)[0] for row in raw])


def _choices(
    sentences: Sequence[Sentence], vectors: FloatArray, text: str, profile: TextsProfile
) -> dict[str, list[list[int]]]:
    """Return the places of the sentences that each way chooses, several times for the random one."""
    dice, count = random.Random(0), min(_MOST, len(sentences))
    return {
        "covering": [covering(sentences, vectors, _MOST, text, profile=profile)],
        "first": [list(range(count))],
        "random": [dice.sample(range(len(sentences)), count) for _ in range(_DRAWS)],
    }
