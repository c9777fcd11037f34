"""Table 10: what is answered without a language model: the first passage, the first quote, the words that answer.

Asked with and without the reader. A gold answer counts only in a quote from the right paragraph, in whichever language
that is; a refusal is a miss everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.data import LANGUAGES, Asked, thinned
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.retrieval import xquad
from benchmarks.tables import show
from rag import Assistant
from rag.assistant import Live
from rag.config import AnswerConfig
from rag.evaluation.metrics import mean
from rag.types import Answer, Citation

_MOST = 300
_MIXED = 100  # questions a language in each mixed pool
_DRAWS = 2
_READERS = ("none", "bundled")
# A word, or one character of a script that writes without spaces.
_TOKEN = re.compile(r"[぀-ヿ㐀-鿿฀-๿]|[^\W぀-ヿ㐀-鿿฀-๿]+")

Gold = dict[tuple[str, str], tuple[str, ...]]
"""The answers of each (question, language)."""


@dataclass
class Scores:
    """What became of some questions, a value from 0 to 1 each."""

    hit: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    any: list[float] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)
    overlap: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    length: list[float] = field(default_factory=list)

    def take(self, answer: Answer, question: Asked, gold: Gold) -> None:
        """Note one answer."""
        self.hit.append(float(_from(answer.passages[0].passage.document_id, question) if answer.passages else False))
        held = [_holds(one, question, gold) for one in answer.citations]
        self.first.append(float(any(held[:1])))
        self.any.append(float(any(held)))
        exact, overlap = _short(answer, question, gold)
        self.exact.append(exact)
        self.overlap.append(overlap)
        self.refused.append(float(answer.refused))
        self.length += [float(len(one.quote)) for one in answer.citations[:1]]

    def row(self, label: str) -> list[object]:
        """Return the means."""
        shares = [mean(some) for some in (self.hit, self.first, self.any, self.exact, self.overlap, self.refused)]
        return [label, *shares, f"{mean(self.length) or 0:.0f}"]


def answers(bench: Bench) -> None:
    """Measure within each language, and over pools of all of them."""
    corpus, asked = xquad(bench)
    gold = {(one.id, code): one.answers for code in LANGUAGES for one in asked[code]}
    rows: list[list[object]] = []
    for reader in _READERS:
        everywhere = Scores()
        for code in LANGUAGES:
            scores = Scores()
            with bench.pool(corpus[code]) as pool:
                _ask(pool, thinned(asked[code], bench.most or _MOST), reader, gold, [scores, everywhere])
            rows.append(scores.row(f"{code}, reader {reader}"))
        rows.append(everywhere.row(f"within, reader {reader}"))
        across = Scores()
        for draw in range(_DRAWS):
            some = [one for code in LANGUAGES for one in thinned(asked[code], min(bench.most or _MIXED, _MIXED))]
            with bench.pool(mixed(corpus, draw)) as pool:
                _ask(pool, some, reader, gold, [across])
        rows.append(across.row(f"mixed, reader {reader}"))
    header = ["", "hit@1", "first quote", "any quote", "short exact", "short F1", "refused", "length of quote"]
    show("xquad: answers without a language model", header, rows, "A refusal is a miss in all columns but the first.")


def _ask(pool: Pool, asked: Iterable[Asked], reader: str, gold: Gold, scores: Sequence[Scores]) -> None:
    live: Live = pool
    assistant = Assistant(index=live, config=AnswerConfig(reader=reader))
    for question in asked:
        answer = assistant.answer(question.text)
        for one in scores:
            one.take(answer, question, gold)


def _from(document: str, question: Asked) -> bool:
    return document.partition(":")[2] in question.relevant


def _holds(citation: Citation, question: Asked, gold: Gold) -> bool:
    language = citation.document_id.partition(":")[0]
    right = gold.get((question.id, language), ())
    return _from(citation.document_id, question) and any(_folded(one) in _folded(citation.quote) for one in right)


def _short(answer: Answer, question: Asked, gold: Gold) -> tuple[float, float]:
    """Return whether the words that answer are a gold answer, and their best overlap with one (F1 over words)."""
    if answer.short is None or not _from(answer.short.document_id, question):
        return 0.0, 0.0
    said = _TOKEN.findall(_folded(answer.short.quote))
    right = gold.get((question.id, answer.short.document_id.partition(":")[0]), ())
    wanted = [_TOKEN.findall(_folded(one)) for one in right]
    return float(said in wanted), max((_f1(said, one) for one in wanted), default=0.0)


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
