"""Tables 1 to 5: what is found, in pools of parallel texts, with the usual ways of ranking beside the product's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from benchmarks.data import LANGUAGES, Asked, Text, questions, texts, thinned
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.tables import show
from benchmarks.variants import VARIANTS, Ranker, ours
from rag.evaluation.metrics import average_precision, mean

DRAWS = 5


def xquad(bench: Bench) -> tuple[dict[str, list[Text]], dict[str, list[Asked]]]:
    """Return paragraphs and questions of each language."""
    return _parallel(bench, "xquad", titled=True)


def news(bench: Bench) -> tuple[dict[str, list[Text]], dict[str, list[Asked]]]:
    """Return articles without their headlines, and the headlines as questions."""
    return _parallel(bench, "ntrex-news", titled=False)


def _parallel(bench: Bench, name: str, *, titled: bool) -> tuple[dict[str, list[Text]], dict[str, list[Asked]]]:
    folder = bench.data / name
    corpus = {code: texts(folder / code, titled=titled) for code in LANGUAGES}
    asked = {code: thinned(questions(folder / code), bench.most) for code in LANGUAGES}
    for some in asked.values():
        bench.prepare(some)
    return corpus, asked


class Tally:
    """Hits by question language, and by the language of the text that was looked for."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.five: dict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, pool: Pool, ranker: Ranker, asked: Iterable[Asked]) -> None:
        """Ask, and note at which place the text stands; questions without a text in the pool are passed over."""
        language = {text.id: text.language for text in pool.texts.values()}
        for question in asked:
            (gold,) = question.relevant
            if gold not in language:
                continue
            found = [name.partition(":")[2] for name in ranker(pool, question.text, 5)]
            pair = (question.language, language[gold])
            self.first[pair].append(float(found[:1] == [gold]))
            self.five[pair].append(float(gold in found))

    def hit_1(self, asked: str = "", found: str = "") -> float | None:
        """Share with the text first; `""` means any language."""
        return _over(self.first, asked, found)

    def hit_5(self, asked: str = "", found: str = "") -> float | None:
        """Share with the text among the first five."""
        return _over(self.five, asked, found)


def _over(cells: dict[tuple[str, str], list[float]], asked: str, found: str) -> float | None:
    return mean([v for (a, f), row in cells.items() if asked in ("", a) and found in ("", f) for v in row])


def all_of(asked: Mapping[str, Sequence[Asked]]) -> list[Asked]:
    """Return the questions of all languages."""
    return [question for some in asked.values() for question in some]


def mixed_pool(bench: Bench, name: str = "xquad", draws: int = DRAWS) -> None:
    """Table 1: each paragraph in one random language, questions in all."""
    corpus, asked = xquad(bench) if name == "xquad" else news(bench)
    tallies = {label: Tally() for label in VARIANTS}
    for draw in range(draws):
        with bench.pool(mixed(corpus, draw)) as pool:
            for label, ranker in VARIANTS.items():
                tallies[label].add(pool, ranker, all_of(asked))
    rows = [[n, t.hit_1(), t.hit_5(), *(t.hit_1(asked=code) for code in LANGUAGES)] for n, t in tallies.items()]
    header = ["ranking", "hit@1", "hit@5", *(f"asked in {code}" for code in LANGUAGES)]
    show(f"{name}: each text in one random language, mean of {draws} draws (by question language: hit@1)", header, rows)


def translations(bench: Bench) -> None:
    """Table 2: all translations in one pool (LAReQA's setting, Roy et al. 2020)."""
    corpus, asked = xquad(bench)
    rows = []
    with bench.pool([text for some in corpus.values() for text in some]) as pool:
        for label, ranker in VARIANTS.items():
            precision, own, first = [], [], []
            for question in all_of(asked):
                found = ranker(pool, question.text, 100)
                gold = {f"{code}:{one}" for code in LANGUAGES for one in question.relevant}
                precision.append(average_precision(found, gold))
                own.append(sum(name.startswith(question.language + ":") for name in found[:20]) / 20)
                if set(found[:1]) & gold:
                    first.append(float(found[0].startswith(question.language + ":")))
            rows.append([label, mean(precision), mean(own), mean(first)])
    note = "mAP over the first 100 documents. An even share would be 16.7. Own first: where the right paragraph is."
    show("xquad: all translations in the pool", ["ranking", "mAP", "own language in top 20", "own first"], rows, note)


def large(bench: Bench, draws: int = 2) -> None:
    """Table 1 again among many more texts: news articles in all six languages and ClapNQ's passages."""
    corpus, asked = xquad(bench)
    others = [text for some in news(bench)[0].values() for text in some] + texts(bench.data / "clapnq")
    further = [replace(text, id=f"other-{number}") for number, text in enumerate(others)]
    compared = {label: VARIANTS[label] for label in VARIANTS if "RRF" not in label}
    sizes, rows = [], []
    tallies = {label: (Tally(), Tally()) for label in compared}
    for draw in range(draws):
        for side, more in enumerate(([], further)):
            with bench.pool(mixed(corpus, draw) + more) as pool:
                sizes.append(len(pool.index.store))
                for label, ranker in compared.items():
                    tallies[label][side].add(pool, ranker, all_of(asked))
    for label, (small, big) in tallies.items():
        rows.append([label, small.hit_1(), small.hit_5(), big.hit_1(), big.hit_5()])
    header = ["ranking", f"{sizes[0]} passages, hit@1", "hit@5", f"{sizes[1]} passages, hit@1", "hit@5"]
    show(f"xquad: among {len(further)} other texts, mean of {draws} draws", header, rows)


def within(bench: Bench, name: str = "xquad") -> None:
    """Table 3: questions and paragraphs in one language."""
    corpus, asked = xquad(bench) if name == "xquad" else news(bench)
    tallies = {label: Tally() for label in VARIANTS}
    for code in LANGUAGES:
        with bench.pool(corpus[code]) as pool:
            for label, ranker in VARIANTS.items():
                tallies[label].add(pool, ranker, asked[code])
    rows = []
    for label, tally in tallies.items():
        each = [tally.hit_1(code) for code in LANGUAGES]
        rows.append([label, mean([value for value in each if value is not None]), *each])
    show(f"{name}: within one language, hit@1", ["ranking", "mean", *LANGUAGES], rows)


def pairs(bench: Bench, name: str = "xquad") -> None:
    """Tables 4 and 5: questions in each language, texts in each, hit@1 of the product."""
    corpus, asked = xquad(bench) if name == "xquad" else news(bench)
    tally = Tally()
    for code in LANGUAGES:
        with bench.pool(corpus[code]) as pool:
            tally.add(pool, ours, all_of(asked))
    rows = [[a, *(tally.hit_1(a, f) for f in LANGUAGES), tally.hit_1(a)] for a in LANGUAGES]
    rows.append(["mean", *(tally.hit_1(found=f) for f in LANGUAGES), tally.hit_1()])
    show(f"{name}: hit@1, question language (rows) × text language (columns)", ["", *LANGUAGES, "mean"], rows)
    if bench.plots and name == "xquad":
        _plot(bench, tally)


def _plot(bench: Bench, tally: Tally) -> None:
    from rag.evaluation.plots import heat_map

    values: Sequence[Sequence[float | None]] = [[tally.hit_1(a, f) for f in LANGUAGES] for a in LANGUAGES]
    assert bench.plots is not None
    for ending in ("png", "svg"):
        path = bench.plots / f"language-pairs.{ending}"
        heat_map(path, values, LANGUAGES, LANGUAGES, title="Right paragraph first, by language pair")
        print(f"heat map: {path.name}")
