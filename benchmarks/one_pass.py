"""Does one pass of a trained encoder hold the ranking of two: `python -m benchmarks.one_pass --layers FILE …`.

Every row builds real indexes over XQuAD and asks them by the product's own retrieval and reader. Language vectors are
estimated for each set of weights from the same few sentences of NTREX-128. What only refusals need (neutral sentences,
kinds of answer) is not: it moves no figure here.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.answers import Gold, _folded
from benchmarks.data import LANGUAGES, Asked, Text, questions, texts, thinned
from benchmarks.kept import Kept
from benchmarks.late import Cost, Encoding, Variant
from benchmarks.one_pass_encoder import TrainedLayers
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.tables import show
from index import embedders
from index.building.passages.preparing import Prepared, prepare
from index.config import ChunkingConfig
from index.embedders.alignment import vectors as alignment
from index.embedders.alignment.language_table import LanguageTable, bundled_table, read_table
from index.embedders.bundled.packed import bundled_model_path, read_packed
from index.embedders.bundled.tokens.unigram import Unigram
from rag.evaluation.metrics import mean
from rag.reading.best import read_best
from rag.reading.loading import load_reader
from rag.reading.profile import profile_of
from rag.reading.quotes.choosing import pick_sentences
from rag.reading.types import Reader, Reading
from rag.retrieval.retrieve import retrieve
from rag.types import ScoredPassage
from tools import language_vectors

NTREX = {"eng": "en", "arb": "ar", "deu": "de", "spa": "es", "rus": "ru", "zho-CN": "zh"}
READ = 3  # passages that the reader reads
COLUMNS = ("hit@1", "hit@5", "read hit@1", "first quote")


@dataclass
class KeptReader:
    """The reader with a memory: variants find mostly the same passages."""

    inner: Reader
    _seen: dict[tuple[str, str], Reading] = field(default_factory=dict)

    @property
    def spec(self) -> str:
        """See `rag.reading.Reader.spec`."""
        return self.inner.spec

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        """See `rag.reading.Reader.read`."""
        keys = [(question, f"{hit.passage.document_id} {hit.passage.id}") for hit in passages]
        new = [place for place, key in enumerate(keys) if key not in self._seen]
        found = self.inner.read(question, [passages[place] for place in new])
        self._seen.update((keys[place], reading) for place, reading in zip(new, found, strict=True))
        return [self._seen[key] for key in keys]


@dataclass
class Setting:
    """What all variants share."""

    data: Path
    corpus: dict[str, list[Text]]
    asked: dict[str, list[Asked]]
    gold: Gold
    read: int
    reader: KeptReader
    prepared: dict[str, Prepared] = field(default_factory=dict)

    def documents(self, some: Sequence[Text]) -> list[Prepared]:
        """Return the texts as a build reads and cuts them, which a cheap build tells."""
        new = [text for text in some if text.name not in self.prepared]
        count = embedders.load().count_tokens
        if new:
            with tempfile.TemporaryDirectory() as folder:
                bench = Bench(self.data, Path(folder))
                bench.embedder = embedders.load("hashing")
                with bench.pool(new) as pool:
                    for name in pool.texts:
                        self.prepared[name] = prepare(pool.index.store.document(name), count, ChunkingConfig())
        return [self.prepared[text.name] for text in some]


Outcomes = dict[str, list[float]]
Row = tuple[Variant | Kept, LanguageTable]


@contextmanager
def known(table: LanguageTable) -> Iterator[None]:
    """Let a build take these language vectors for whichever model it uses."""
    with patch.object(alignment, "bundled_table", lambda _: table):
        yield


def estimated(encoding: Encoding, data: Path, most: int) -> LanguageTable:
    """Return language vectors of the six languages from so many sentences each, by the project's own tool."""
    vectors: dict[str, dict[str, list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]]] = {}
    for side in ("query", "passage"):
        vectors[side] = {}
        for name, code in NTREX.items():
            lines = (data / "ntrex" / f"{name}.txt").read_text(encoding="utf-8").split("\n")[:most]
            vectors[side][code] = [encoding.apart([f"{side}: {line.strip()}" for line in lines])]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "languages.npz"
        language_vectors.write(out, encoding.name, vectors)
        table = read_table(out, encoding.name)
    assert table is not None
    return table


def asked_of(pool: Pool, asked: Sequence[Asked], setting: Setting, outcomes: Outcomes, read: set[str]) -> None:
    """Ask a pool, and note what came out for each question; those in `read` are read, too."""
    language = {text.id: text.language for text in pool.texts.values()}
    for question in asked:
        (gold,) = question.relevant
        if gold not in language:
            continue
        found = retrieve(pool.index, question.text, 10)
        names = list(dict.fromkeys(hit.passage.document_id.partition(":")[2] for hit in found.passages))
        outcomes["hit@1"].append(float(names[:1] == [gold]))
        outcomes["hit@5"].append(float(gold in names[:5]))
        if question.id not in read:
            continue
        profile = profile_of(setting.reader.spec)
        best = read_best(setting.reader, question.text, found.passages[:READ], profile)
        outcomes["read hit@1"].append(float(_right(best[0], gold)))
        (pick,) = pick_sentences(best, 1, question.text, found.language)
        hit = best[pick.number - 1]
        words = setting.gold[question.id, language[gold]]
        held = any(_folded(word) in _folded(pick.text) for word in words)
        outcomes["first quote"].append(float(held and _right(hit, gold)))


def _right(hit: ScoredPassage, gold: str) -> bool:
    return hit.passage.document_id.partition(":")[2] == gold


def measured(
    variant: Variant | Kept, table: LanguageTable, pool: list[Text], codes: Sequence[str], s: Setting
) -> Outcomes:
    """Build a pool with a variant and ask it in these languages."""
    outcomes: Outcomes = defaultdict(list)
    if isinstance(variant, Variant):
        variant.know(s.documents(pool))
    with tempfile.TemporaryDirectory() as folder, known(table):
        bench = Bench(s.data, Path(folder))
        bench.embedder = variant
        with bench.pool(pool) as opened:
            for code in codes:
                variant.embed_queries([one.text for one in s.asked[code]])
                asked_of(opened, s.asked[code], s, outcomes, {one.id for one in thinned(s.asked[code], s.read)})
    return outcomes


def compared(title: str, variants: dict[str, Row], pools: Sequence[str], s: Setting) -> None:
    """Print a table: each variant over the pools, and how far it is from the first row, question by question."""
    rows: list[list[object]] = []
    first: Outcomes = {}
    for name, (variant, table) in variants.items():
        outcomes: Outcomes = defaultdict(list)
        for pool in pools:
            draw = pool.isdecimal()
            some = mixed(s.corpus, int(pool)) if draw else s.corpus[pool]
            for column, values in measured(variant, table, some, LANGUAGES if draw else (pool,), s).items():
                outcomes[column] += values
        first = first or outcomes
        rows.append([name, *(_beside(outcomes[column], first[column]) for column in COLUMNS)])
        print(*rows[-1], flush=True)
    counts = ", ".join(f"{column} {len(first[column])}" for column in COLUMNS)
    note = f"Questions: {counts}. In brackets: points to the first row ± the standard error of that difference."
    show(title, ["", *COLUMNS], rows, note)


def _beside(values: Sequence[float], first: Sequence[float]) -> str:
    """Return a mean in per cent and, paired by question, its distance to another one."""
    share = mean(list(values))
    if share is None:
        return "-"
    apart = 100 * (np.asarray(values) - np.asarray(first))
    return f"{100 * share:.1f} ({apart.mean():+.1f} ± {apart.std() / math.sqrt(len(apart)):.1f})"


def costs(model: Encoding, setting: Setting, most: int = 60) -> None:
    """Print what the same passages cost in one pass and in two, one after the other."""
    some = [setting.corpus[code][place] for code in LANGUAGES for place in range(most // len(LANGUAGES))]
    rows: list[list[object]] = []
    base = Cost()
    for name, kind in (("two passes", "apart"), ("one pass", "late"), ("passage vectors only", "none")):
        fresh = Encoding(model.name, model.model, model.weights, model.unigram)
        fresh.apart(["query: warm"])
        variant = Variant(fresh, kind)
        variant.know(setting.documents(some))
        base = variant.cost if kind == "apart" else base
        cost = variant.cost
        tokens, seconds = cost.tokens / base.tokens, cost.seconds / base.seconds
        rows.append([name, cost.tokens, f"{tokens:.2f}", f"{cost.seconds:.1f}", f"{seconds:.2f}"])
    show(f"embedding {len(some)} passages", ["", "tokens", "ratio", "CPU seconds", "ratio"], rows)


def _variants(encodings: Sequence[Encoding], chosen: argparse.Namespace, work: Path) -> dict[str, Row]:
    """Return each variant with the language vectors that it is built with."""
    kept = Kept("bundled", work / "benchmark-vectors.sqlite")
    shipped = bundled_table(kept.fingerprint)
    assert shipped is not None
    few = _only(shipped, LANGUAGES)
    found: dict[str, Row] = {"carried, apart (today)": (kept, shipped), "carried, apart": (kept, few)}
    for place, one in enumerate(encodings[1:]):
        table = estimated(one, chosen.data, chosen.sentences)
        found[f"{one.name}, one pass"] = (Variant(one, "late"), table)
        if place == 0:
            found[f"{one.name}, no sentence vectors"] = (Variant(one, "none"), table)
            last = Variant(one, "apart"), table
    found["carried, one pass"] = (Variant(encodings[0], "late"), few)
    return found | ({f"{encodings[1].name}, apart": last} if encodings[1:] else {})


def _only(table: LanguageTable, languages: Sequence[str]) -> LanguageTable:
    """Return the rows of these languages alone, as a table estimated for them alone has."""
    rows = [table.row_of[language] for language in languages]
    arrays = table.queries[rows], table.passages[rows], table.agreement[np.ix_(rows, rows)]
    few = LanguageTable(tuple(languages), *arrays, table.weights[rows], table.bias[rows], frozenset(languages))
    return few.with_stand_ins()


def _setting(data: Path, most: int, read: int) -> Setting:
    asked = {code: thinned(questions(data / "xquad" / code), most) for code in LANGUAGES}
    every = {code: questions(data / "xquad" / code) for code in LANGUAGES}
    gold = {(one.id, code): one.answers for code in LANGUAGES for one in every[code]}
    corpus = {code: texts(data / "xquad" / code) for code in LANGUAGES}
    reader = load_reader()
    assert reader is not None
    return Setting(data, corpus, asked, gold, read, KeptReader(reader))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m benchmarks.one_pass", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("RAG_BENCH_DATA", "")))
    parser.add_argument("--layers", type=Path, nargs="*", default=[], help="files of trained layers")
    parser.add_argument("--draws", nargs="*", default=["0", "1"], help="mixed pools, by their draw")
    parser.add_argument("--within", nargs="*", default=list(LANGUAGES), help="pools of one language")
    parser.add_argument("--questions", type=int, default=100, help="a language and pool")
    parser.add_argument("--read", type=int, default=40, help="of these, so many are read as well")
    parser.add_argument("--sentences", type=int, default=80, help="that each language vector is the mean of")
    parser.add_argument("--costs", type=int, default=1, help="0: do not measure what embedding costs")
    parser.add_argument("--work", type=Path, help="keep the carried encoder's vectors in this folder from run to run")
    chosen = parser.parse_args()
    if not (chosen.data / "xquad").is_dir():
        parser.error(f"no benchmark data in {chosen.data}: name it by --data or RAG_BENCH_DATA")
    model = read_packed(bundled_model_path())
    unigram = Unigram(model)
    encodings = [Encoding("carried", model, None, unigram)]
    encodings += [Encoding(path.stem, model, TrainedLayers(model, path), unigram) for path in chosen.layers]
    setting = _setting(chosen.data, chosen.questions, chosen.read)
    if chosen.costs:
        costs(encodings[0], setting)
    with tempfile.TemporaryDirectory() as temporary:
        variants = _variants(encodings, chosen, chosen.work or Path(temporary))
        for title, pools in (("mixed", chosen.draws), ("within", chosen.within)):
            if pools:
                compared(f"xquad {title}, pools {' '.join(pools)}", variants, pools, setting)


if __name__ == "__main__":
    main()
