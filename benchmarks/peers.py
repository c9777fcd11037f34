"""Tables 13 and 14: the product in the terms of other people's papers, beside what they published.

Each paragraph of XQuAD is in the pool in all languages that the data holds (`peers`), or each of its sentences
(`lareqa`). With LAReQA's own files that is XQuAD-R in eleven languages; without them it is XQuAD in the six that the
data has, where fewer translations of each text are easier to find (`benchmarks.parallel`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.parallel import Parallel, parallel
from benchmarks.pools import Bench, Pool
from benchmarks.preference import OUTCOMES, lang_ndcg, outcome, prefers_own, recall, target_languages_recall
from benchmarks.retrieval import all_of
from benchmarks.tables import show
from benchmarks.variants import VARIANTS, Ranker
from rag.evaluation.metrics import average_precision, mean, ndcg

__all__ = ["PUBLISHED", "lareqa", "peers"]

_DEEP = 100
_COMPARED = {label: VARIANTS[label] for label in VARIANTS if "RRF" not in label}

PUBLISHED: Sequence[tuple[str, str, str, str]] = (
    ("SHIFT, arXiv:2606.18801", "multilingual-e5-large; with SHIFT", "nDCG@20, mean of four sets", "63.3; 73.7"),
    ("SHIFT, arXiv:2606.18801", "multilingual-e5-large; with SHIFT", "TLR@20, mean of four sets", "54.0; 69.4"),
    ("SHIFT, arXiv:2606.18801", "multilingual-e5-large; with SHIFT", "nDCG@20, XQuAD", "85.5; 94.4"),
    ("MLAIRE, arXiv:2605.07249", "multilingual-e5-large", "nDCG; LPR, MLQA", "96.2; 99.9"),
    ("MLAIRE, arXiv:2605.07249", "Qwen3-Embedding-8B", "nDCG; LPR, MLQA", "68.6; 53.0"),
    ("MLAIRE, arXiv:2605.07249", "BM25", "nDCG; LPR, MLQA", "27.9; 93.7"),
    ("LAReQA, arXiv:2004.05484", "mBERT, trained X-X-mono", "mAP, XQuAD-R, 11 languages", "52"),
    ("LAReQA, arXiv:2004.05484", "mBERT, trained X-Y", "mAP, XQuAD-R, 11 languages", "66"),
    ("LAReQA, arXiv:2004.05484", "mBERT, trained En-En", "mAP, XQuAD-R, 11 languages", "29"),
    ("LAReQA, arXiv:2004.05484", "mBERT, trained X-X", "mAP, XQuAD-R, 11 languages", "23"),
)
"""Paper, system, measure, figure. LAReQA's are read in its repository, the others as later texts cite the papers."""


def peers(bench: Bench) -> None:
    """Rank all translations of all paragraphs, and measure recall, order and the preference for a language."""
    data = parallel(bench)
    rows, kinds = [], []
    with bench.pool([text for some in data.corpus.values() for text in some]) as pool:
        for label, ranker in _COMPARED.items():
            row, found = _measured(pool, ranker, data)
            rows.append([label, *row])
            kinds.append([label, *(found[name] / max(1, found.total()) for name in OUTCOMES)])
    header = ["ranking", "mAP", "nDCG@20", "recall@20", "TLR@20", "LPR", "Lang-nDCG@10"]
    show(f"xquad in {len(data.languages)} languages, all translations in the pool", header, rows, _note(bench))
    show("the first text", ["ranking", *OUTCOMES], kinds)
    _show_published()


def lareqa(bench: Bench) -> None:
    """Rank all sentences of all languages; relevant is the one that holds the answer, in each language."""
    data = parallel(bench)
    rows: list[list[object]] = []
    with bench.pool(list(data.pieces)) as pool:
        for label, ranker in _COMPARED.items():
            values: dict[str, list[float]] = defaultdict(list)
            for question in all_of(data.asked):
                if gold := data.answers.get(question.id):
                    values[question.language].append(average_precision(ranker(pool, question.text, _DEEP), gold))
            each = [mean(values[code]) for code in data.languages]
            rows.append([label, mean([v for some in values.values() for v in some]), *each])
    cut = f"{len(data.pieces)} sentences, {data.cut_by}, in {len(data.languages)} languages"
    note = f"{cut}; mAP over the first {_DEEP}. {_note(bench)}"
    show("LAReQA's task: sentences that answer, in any language", ["ranking", "mAP", *data.languages], rows, note)
    _show_published()


def _measured(pool: Pool, ranker: Ranker, data: Parallel) -> tuple[list[float | None], Counter[str]]:
    """Return the columns of the first table, and how often which outcome was."""
    columns: list[list[float | None]] = [[] for _ in range(6)]
    kinds: Counter[str] = Counter()
    for question in all_of(data.asked):
        code, found = question.language, ranker(pool, question.text, _DEEP)
        gold = {f"{other}:{one}" for other in data.languages for one in question.relevant}
        own = prefers_own(found, gold, code)
        values = (
            average_precision(found, gold),
            ndcg(found, gold, 20),
            recall(found, gold, 20),
            target_languages_recall(found, gold, code),
            None if own is None else float(own),
            lang_ndcg(found, gold, code),
        )
        for column, value in zip(columns, values, strict=True):
            column.append(value)
        kinds[outcome(found, gold, code)] += 1
    return [mean([value for value in column if value is not None]) for column in columns], kinds


def _note(bench: Bench) -> str:
    return f"{bench.most or 'All'} questions a language."


def _show_published() -> None:
    show("published", ["paper", "system", "measure", "figure"], PUBLISHED)
