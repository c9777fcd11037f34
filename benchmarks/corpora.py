"""Table 7: corpora that mislead an estimate of language vectors, and languages of which nothing was known before."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from benchmarks.data import LANGUAGES, Asked, Text
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.retrieval import DRAWS, Tally, all_of, xquad
from benchmarks.tables import show
from benchmarks.variants import VARIANTS, Ranker, ours, plain
from index.embedders.alignment import vectors as alignment
from index.embedders.alignment.language_table import LanguageTable, bundled_table
from index.embedders.base import unit_rows
from index.language.codes import UNKNOWN
from index.types import FloatArray

_RARE = {
    "fao": "fo", "mlt": "mt", "cym": "cy", "gle": "ga", "eus": "eu", "glg": "gl", "ltz": "lb", "isl": "is", "kat": "ka",
    "hye": "hy", "khm": "km", "lao": "lo", "mya": "my", "amh": "am", "sin": "si", "tam": "ta", "kan": "kn", "tat": "tt",
    "kir": "ky", "uzb": "uz", "som": "so", "swa": "sw", "hau": "ha", "yor": "yo", "ibo": "ig", "zul": "zu",
    "wol": "wo", "mri": "mi", "smo": "sm", "ton": "to", "fij": "fj", "bod": "bo",
}  # fmt: skip
_LINES = 5


def skewed(bench: Bench) -> None:
    """Each language has one topic: eight articles that are near each other, no article in two languages."""
    corpus, asked = xquad(bench)
    variants = {**VARIANTS, "  table alone, dense": _dense_by(_table_means), "  corpus means alone, dense": _own_means}
    tallies = {label: Tally() for label in variants}
    for draw in range(DRAWS):
        topics = _topics(bench, corpus["en"], draw)
        texts = [corpus[LANGUAGES[topics[text.article]]][place] for place, text in enumerate(corpus["en"])]
        with bench.pool(texts) as pool:
            for label, ranker in variants.items():
                tallies[label].add(pool, ranker, all_of(asked))
    rows = [[label, tally.hit_1(), tally.hit_5()] for label, tally in tallies.items()]
    show(f"skewed corpus: one topic a language, mean of {DRAWS} clusterings", ["ranking", "hit@1", "hit@5"], rows)


def _topics(bench: Bench, english: list[Text], draw: int) -> dict[str, int]:
    """Cluster the articles into six topics of the same size (k-means with full clusters closed)."""
    vectors = bench.embedder.embed_passages([f"{text.title}\n{text.text}" for text in english])
    articles = sorted({text.article for text in english})
    rows = np.stack([vectors[[t.article == a for t in english]].mean(axis=0) for a in articles])
    rows = unit_rows(rows - rows.mean(axis=0))
    centres = rows[np.random.default_rng(draw).choice(len(rows), len(LANGUAGES), replace=False)]
    label = np.zeros(len(rows), int)
    for _ in range(15):
        label = _full_clusters(rows @ centres.T)
        centres = unit_rows(np.stack([rows[label == topic].mean(axis=0) for topic in range(len(LANGUAGES))]))
    return dict(zip(articles, label.tolist(), strict=True))


def _full_clusters(similarity: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.int_]]:
    room = [len(similarity) // similarity.shape[1]] * similarity.shape[1]
    label = np.full(len(similarity), -1)
    for cell in np.argsort(-similarity, axis=None):
        row, topic = divmod(int(cell), similarity.shape[1])
        if label[row] < 0 and room[topic]:
            label[row] = topic
            room[topic] -= 1
    return label


Means = Callable[[Pool], tuple[dict[str, FloatArray], dict[str, FloatArray]]]


def _dense_by(means: Means) -> Ranker:
    """Rank by vectors less the language vectors that `means` gives for questions and passages."""
    kept: dict[int, tuple[dict[str, FloatArray], list[str], FloatArray]] = {}

    def rank(pool: Pool, question: str, k: int) -> list[str]:
        if id(pool) not in kept:
            kept.clear()
            of_questions, of_passages = means(pool)
            names, vectors = pool.raw
            moved = unit_rows(vectors - np.stack([of_passages[pool.texts[name].language] for name in names]))
            kept[id(pool)] = of_questions, names, moved
        of_questions, names, moved = kept[id(pool)]
        _, language = pool.index.embed_query(question)
        vector = pool.embedder.embed_query(question) - of_questions.get(language, of_questions["en"])
        return list(dict.fromkeys(names[row] for row in np.argsort(-(moved @ unit_rows(vector[None])[0]))))[:k]

    return rank


def _table(pool: Pool) -> LanguageTable:
    table = bundled_table(pool.embedder.fingerprint)
    assert table is not None, "the language vectors do not fit the bundled model"
    return table


def _table_means(pool: Pool) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    table = _table(pool)
    rows = table.row_of
    return {code: table.queries[rows[code]] for code in rows}, {code: table.passages[rows[code]] for code in rows}


def _corpus_means(pool: Pool) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Means of the corpus without any shrinkage: what a topic does to them is all in them."""
    names, vectors = pool.raw
    table, found = _table(pool), np.array([pool.texts[name].language for name in names])
    own = {code: vectors[found == code].mean(axis=0) for code in LANGUAGES}
    rows = [table.row_of[code] for code in LANGUAGES]
    shift = {code: own[code] - table.passages[row] for code, row in zip(LANGUAGES, rows, strict=True)}
    return {code: table.queries[table.row_of[code]] + shift[code] for code in LANGUAGES}, own


_own_means = _dense_by(_corpus_means)


def rare(bench: Bench) -> None:
    """One passage a language: paragraphs among English ones, and sentences of NTREX in languages of few readers."""
    corpus, asked = xquad(bench)
    variants = {label: VARIANTS[label] for label in VARIANTS if "RRF" not in label}
    rows = []
    tallies = {label: Tally() for label in variants}
    for draw in range(DRAWS):
        chosen = np.random.default_rng(draw).choice(len(corpus["en"]), len(LANGUAGES) - 1, replace=False)
        texts = list(corpus["en"])
        for code, place in zip(LANGUAGES[1:], chosen, strict=True):
            texts[place] = corpus[code][place]
        names = {texts[place].id for place in chosen}
        with bench.pool(texts) as pool:
            for label, ranker in variants.items():
                tallies[label].add(pool, ranker, [q for q in all_of(asked) if q.relevant & names])
    few = _few_readers(bench, corpus["en"], variants)
    for label, tally in tallies.items():
        rows.append([label, tally.hit_1(), tally.hit_5(), few[label].hit_1(), few[label].hit_5()])
    header = ["ranking", "one of each, hit@1", "hit@5", f"{len(_RARE)} languages, hit@1", "hit@5"]
    show("a single passage in a language, among 235 and more English ones", header, rows)


def _few_readers(bench: Bench, english: list[Text], variants: dict[str, Ranker]) -> dict[str, Tally]:
    """Ask with English sentences for the passage that holds their translation, one passage a language."""
    folder = bench.data / "ntrex"
    lines = (folder / "eng.txt").read_text(encoding="utf-8").splitlines()
    texts, asked = list(english), []
    for number, (file, code) in enumerate(_RARE.items()):
        place = slice(_LINES * number, _LINES * (number + 1))
        translated = (folder / f"{file}.txt").read_text(encoding="utf-8").splitlines()[place]
        texts.append(Text(f"rare-{number}", code, "", "\n".join(translated)))
        asked += [Asked(line, "en", line, (), frozenset({f"rare-{number}"})) for line in lines[place]]
    bench.prepare(asked)
    tallies = {label: Tally() for label in variants}
    with bench.pool(texts) as pool:
        for label, ranker in variants.items():
            tallies[label].add(pool, ranker, asked)
    return tallies


def unlisted(bench: Bench) -> None:
    """Take a language out of the shipped table, and ask for its texts, and in it."""
    corpus, asked = xquad(bench)
    texts = mixed(corpus, 0)
    rows = []
    for code in LANGUAGES:
        known, unknown, bare = Tally(), Tally(), Tally()
        some = [q for q in all_of(asked) if q.language == code or _in(texts, q, code)]
        with bench.pool(texts) as pool:
            known.add(pool, ours, some)
            bare.add(pool, plain, some)
        less = patch.object(alignment, "bundled_table", lambda name, gone=code: _without(name, gone))
        with less, bench.pool(texts) as pool:
            unknown.add(pool, ours, some)
        row: list[object] = [code]
        for tally in (bare, known, unknown):
            row += [tally.hit_1(asked=code), tally.hit_1(found=code)]
        rows.append(row)
    header = [
        "language",
        *(f"{kind}, {side}" for kind in ("plain", "listed", "unlisted") for side in ("asked", "text")),
    ]
    show("a language outside the table: hit@1 asked in it, and of texts in it (mixed pool, draw 0)", header, rows)


def _in(texts: list[Text], question: Asked, code: str) -> bool:
    return any(text.id in question.relevant and text.language == code for text in texts)


def _without(fingerprint: str, gone: str) -> LanguageTable | None:
    table = bundled_table(fingerprint)
    if table is None:
        return None
    kept = [row for row, code in enumerate(table.languages) if code != gone and not code.startswith(UNKNOWN)]
    names = tuple(table.languages[row] for row in kept)
    arrays = (table.queries[kept], table.passages[kept], table.agreement[np.ix_(kept, kept)])
    return LanguageTable(names, *arrays, table.weights[kept], table.bias[kept], frozenset(names)).with_stand_ins()
