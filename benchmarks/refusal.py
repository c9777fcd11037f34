"""Table 6: whole articles are left out; questions about them must be refused, the others answered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.data import LANGUAGES, Asked, Text, questions, texts, unanswerable
from benchmarks.pools import Bench, Pool, mixed
from benchmarks.retrieval import all_of, news, xquad
from benchmarks.tables import show
from rag.evaluation.metrics import calibration_error, mean, roc_auc
from rag.reading.profile import profile_of

_DRAWS = 2
_FEW = 0.05  # false refusals at which the share of wrong answers is told as well


class Verdicts:
    """Confidence of each answer and whether it was a refusal, by question language.

    What the index says of its texts ("What is X about?") comes without a probability, and counts as sure.
    """

    def __init__(self) -> None:
        self.yes: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        self.no: dict[str, list[tuple[float, bool]]] = defaultdict(list)

    def ask(self, pool: Pool, asked: Iterable[Asked], missing: frozenset[str]) -> None:
        """Note what becomes of each question; those in `missing` have no text in the pool."""
        for question in asked:
            answer = pool.assistant.answer(question.text)
            kind = self.no if question.id in missing else self.yes
            sure = float(not answer.refused) if answer.confidence is None else answer.confidence
            kind[question.language].append((sure, answer.refused))

    def row(self, label: str, language: str = "") -> list[object]:
        """Return area under the ROC curve, share of false refusals and of wrong answers, calibration error."""
        yes, no = ([v for code, row in kind.items() if language in ("", code) for v in row] for kind in self._kinds)
        sure, unsure = ([confidence for confidence, _ in some] for some in (yes, no))
        wrong = mean([float(not refused) for _, refused in no])
        refusals = mean([float(refused) for _, refused in yes])
        at_few = mean([float(one >= _quantile(sure, _FEW)) for one in unsure])
        return [label, roc_auc(sure, unsure), refusals, wrong, calibration_error(sure, unsure), at_few]

    @property
    def _kinds(self) -> tuple[dict[str, list[tuple[float, bool]]], dict[str, list[tuple[float, bool]]]]:
        return self.yes, self.no


def refusal(bench: Bench) -> None:
    """Measure within each language, and over pools of all languages."""
    corpus, asked = xquad(bench)
    split = json.loads((bench.data / "xquad" / "refusal_split.json").read_text(encoding="utf-8"))
    removed, missing = frozenset(split["removed_corpus_ids"]), frozenset(split["unanswerable_query_ids"])

    def kept(some: list[Text]) -> list[Text]:
        return [text for text in some if text.id not in removed]

    inside, across = Verdicts(), Verdicts()
    for code in LANGUAGES:
        with bench.pool(kept(corpus[code])) as pool:
            inside.ask(pool, asked[code], missing)
    for draw in range(_DRAWS):
        with bench.pool(kept(mixed(corpus, draw))) as pool:
            across.ask(pool, all_of(asked), missing)
    rows = [inside.row(f"within {code}", code) for code in LANGUAGES]
    rows += [inside.row("within, all")]
    rows += [across.row(f"mixed, asked in {code}", code) for code in LANGUAGES]
    rows += [across.row("mixed, all")]
    _show(f"refusal (mixed: mean of {_DRAWS} draws)", rows)


def elsewhere(bench: Bench) -> None:
    """Measure on data that no weight or threshold was fitted to: every third text is left out."""
    corpus, asked = news(bench)
    removed = {text.id for text in corpus["en"][::3]}
    missing = frozenset(question.id for question in all_of(asked) if question.relevant & removed)
    inside, across, searched = Verdicts(), Verdicts(), Verdicts()
    for code in LANGUAGES:
        with bench.pool([text for text in corpus[code] if text.id not in removed]) as pool:
            inside.ask(pool, asked[code], missing)
    with bench.pool([text for text in mixed(corpus, 0) if text.id not in removed]) as pool:
        across.ask(pool, all_of(asked), missing)
    folder = bench.data / "clapnq"
    near = {question.id for question in unanswerable(folder)}
    english = [question for question in questions(folder) if question.id not in near]
    gone = {name for question in english[::3] for name in question.relevant}
    bench.prepare(english)
    with bench.pool([text for text in texts(folder) if text.id not in gone]) as pool:
        searched.ask(pool, english, frozenset(q.id for q in english if q.relevant <= gone))
    rows = [inside.row("headlines, within"), across.row("headlines, mixed"), searched.row("ClapNQ")]
    _show("refusal on other data", rows)


def near_misses(bench: Bench) -> None:
    """Measure on questions whose subject a passage is about, without answering them."""
    folder = bench.data / "clapnq"
    asked = questions(folder)
    missing = frozenset(question.id for question in unanswerable(folder))
    bench.prepare(asked)
    verdicts = Verdicts()
    with bench.pool(texts(folder)) as pool:
        verdicts.ask(pool, asked, missing)
    _show("ClapNQ", [verdicts.row("near misses")])


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)] if values else 0.0


def _show(title: str, rows: list[list[object]]) -> None:
    threshold = profile_of("bundled").confidence.threshold
    header = [
        "questions",
        "AUC × 100",
        "false refusals %",
        "wrong answers %",
        "confidence off by %",
        "wrong at 5 % refused",
    ]
    show(f"{title}, threshold {threshold:.2f}", header, rows)
