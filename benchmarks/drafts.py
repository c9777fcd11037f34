"""Texts with planted quotations and claims, checked: `python -m benchmarks.drafts --data DIR`.

200 texts in ten languages, 20 each: six from the articles of XQuAD, four from the news of NTREX. Each holds three
quotations as they stand in an indexed text (typeset otherwise: other marks, dashes, spaces, wrapped lines, some cut
by an ellipsis), three with one word changed, and three sentences of the same language that no indexed text has. The
claims are the truths and lies of `lies_data`, each checked against all passages. Quotations are looked for by words
alone, so that their index is built with the quick embedder for tests; claims are judged with the product's own.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import index
from benchmarks.data import Text, texts
from benchmarks.lies_data import Statement, statements
from benchmarks.pools import Bench
from benchmarks.tables import show
from index.language.sentences.splitting import sentences
from rag import Assistant, CheckedDraft, CheckedQuotation

XQUAD = ("ar", "de", "en", "es", "ru", "zh")
NEWS = {"fa": "fas", "fr": "fra", "he": "heb", "tr": "tur"}
_LINES = 5  # sentences of the news that are indexed as one text
_TEXTS, _EACH = 20, 3  # texts a language, quotations of each kind in a text
_PAGE = 1_800  # characters
_WORD = re.compile(r"[^\W\d_]{4,}")
_MARKS = {
    "ar": ("«»", "“”"), "de": ("„“", "»«"), "en": ("“”", '""'), "es": ("«»", "“”"), "ru": ("«»", "„“"),
    "zh": ("“”", "「」"), "fa": ("«»",), "fr": ("«»", "“”"), "he": ("„”", '""'), "tr": ("“”", '""'),
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A quotation of a text: its kind, what is written, and of a changed one the words before and after."""

    kind: str
    words: str
    was: str = ""
    now: str = ""


def pools(data: Path) -> Iterator[tuple[str, list[Text], list[Text]]]:
    """Yield a language, the texts that are indexed and those that are not."""
    for language in (*XQUAD, *NEWS):
        every = texts(data / "xquad" / language, titled=False) if language in XQUAD else _news(data, language)
        names = sorted({text.article for text in every})
        held = set(names[::5])
        yield language, [t for t in every if t.article not in held], [t for t in every if t.article in held]


def _news(data: Path, language: str) -> list[Text]:
    lines = (data / "ntrex" / f"{NEWS[language]}.txt").read_text(encoding="utf-8").splitlines()
    parts = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    return [Text(f"news{number:03}-0", language, "", " ".join(part)) for number, part in enumerate(parts)]


def planted(language: str, indexed: Sequence[Text], others: Sequence[Text], dice: random.Random) -> list[Planted]:
    """Return the quotations of one text."""
    here, elsewhere = _sentences(language, indexed), _sentences(language, others)
    words = [word for one in here for word in _pieces(language, one)]
    found = [Planted("exact", _typeset(one, dice)) for one in dice.sample(here, _EACH)]
    found += [_changed(language, one, words, dice) for one in dice.sample(here, _EACH)]
    known = " ".join("\n".join(text.text for text in indexed).split())
    unknown = [one for one in elsewhere if not _repeats(one, known)]
    found += [Planted("invented", one) for one in dice.sample(unknown, _EACH)]
    dice.shuffle(found)
    return found


def _sentences(language: str, some: Sequence[Text]) -> list[str]:
    low, high = (12, 90) if language == "zh" else (40, 240)
    found = [t.text[s.start : s.end] for t in some for s in sentences(t.text, language) if low < s.end - s.start < high]
    marks = frozenset('"“”„«»「」『』')
    return sorted({one for one in found if not marks & set(one) and len(_pieces(language, one)) > 2})


def _repeats(sentence: str, known: str) -> bool:
    """Tell whether a run of a sentence stands in other texts: news tell twice what they tell."""
    parts = sentence.split() if " " in sentence else list(sentence)
    joint, run = (" ", 4) if " " in sentence else ("", 8)
    return any(joint.join(parts[at : at + run]) in known for at in range(len(parts) - run + 1))


def _pieces(language: str, sentence: str) -> list[str]:
    return re.findall("[\u4e00-\u9fff]", sentence) if language == "zh" else _WORD.findall(sentence)


def _typeset(sentence: str, dice: random.Random) -> str:
    """Return a sentence as another typesetter has it."""
    turned = sentence.replace(" - ", " — ").replace("'", "’")
    parts = turned.split(" ")
    way = dice.randrange(4)
    if way == 0 and len(parts) > 9:
        return " ".join([*parts[:4], "[…]", *parts[-4:]])
    if way == 1 and len(parts) > 4:
        return " ".join(parts[:3]) + "\n" + " ".join(parts[3:])
    if way == 2:
        return turned.rstrip(".。") + ","
    return turned


def _changed(language: str, sentence: str, words: Sequence[str], dice: random.Random) -> Planted:
    """Return a sentence with one word in its middle changed to another one."""
    pieces = _pieces(language, sentence)
    was = pieces[len(pieces) // 2]
    now = next(one for one in iter(lambda: dice.choice(words), "") if one.casefold() != was.casefold())
    if language == "zh":
        at = sentence.index(was)
        return Planted("changed", sentence[:at] + now + sentence[at + 1 :], was, now)
    return Planted("changed", re.sub(rf"(?<!\w){re.escape(was)}(?!\w)", lambda _: now, sentence, count=1), was, now)


def written(language: str, quoted: Sequence[Planted], filler: Sequence[str], number: int) -> str:
    """Return a text around its quotations; every third text has one as a block."""
    marks = _MARKS[language][number % len(_MARKS[language])]
    parts = []
    for place, one in enumerate(quoted):
        if number % 3 == 0 and place == 0:
            parts.append("> " + one.words.replace("\n", "\n> "))
        else:
            parts.append(f"{filler[place % len(filler)]} {marks[0]}{one.words}{marks[1]}.")
    return "\n\n".join(parts)


def _is_right(one: Planted, checked: CheckedQuotation | None) -> bool:
    """Tell whether the check says of a planted quotation what is so."""
    if checked is None:
        return False
    if one.kind == "exact":
        return checked.verdict == "exact"
    if one.kind == "invented":
        return checked.verdict == "absent"
    said = "".join(change.said for change in checked.differences)
    stands = "".join(change.stands for change in checked.differences)
    return checked.verdict == "nearly" and one.now in said and one.was in stands


def measure_quotations(data: Path, work: Path, shown: bool) -> None:
    """Print what is found of the planted quotations, a row a language."""
    every = list(pools(data))
    folder = work / "texts"
    for language, indexed, _ in every:
        (folder / language).mkdir(parents=True)
        for text in indexed:
            (folder / language / f"{text.id}.txt").write_text(text.text, encoding="utf-8")
    index.build([folder], index_dir=work / "index", embedder="hashing")
    assistant = Assistant(index_dir=work / "index")
    rows, dice = [], random.Random(7)
    for language, indexed, others in every:
        counts: Counter[tuple[str, bool]] = Counter()
        characters, started, spent = 0, 0.0, 0.0
        filler = _sentences(language, others)[:40]
        for number in range(_TEXTS):
            quoted = planted(language, indexed, others, dice)
            draft = written(language, quoted, dice.sample(filler, min(9, len(filler))), number)
            started = time.perf_counter()
            checked = assistant.check_draft(draft, claims=False)
            spent, characters = spent + time.perf_counter() - started, characters + len(draft)
            _count(quoted, checked, counts, shown)
        rates = [counts[kind, True] / _TEXTS / _EACH for kind in ("exact", "changed", "invented")]
        rows.append([language, *rates, f"{spent / characters * _PAGE:.2f}"])
    header = ["language", "exact found", "changed told", "invented absent", "s a page"]
    show("Quotations: shares of 60 a language", header, rows)


def _count(quoted: Sequence[Planted], checked: CheckedDraft, counts: Counter[tuple[str, bool]], shown: bool) -> None:
    by_words = {" ".join(one.words.split()): one for one in checked.quotations}
    for one in quoted:
        found = by_words.get(" ".join(one.words.split()))
        right = _is_right(one, found)
        counts[one.kind, right] += 1
        if shown and not right:
            print(one.kind, repr(one.words), one.was, "→", one.now, found and (found.verdict, found.differences))


def measure_claims(work: Path, half: str, shown: bool) -> None:
    """Print what becomes of true and of false claims, a row a kind."""
    said = statements(half)
    passages = {each.passage: each.passage_language for each in said}
    pool = [Text(str(number), language, "", text) for number, (text, language) in enumerate(passages.items())]
    found: dict[str, Counter[tuple[bool, str]]] = defaultdict(Counter)
    with Bench(work, work).pool(pool) as opened:
        started = time.perf_counter()
        for each in said:
            checked = opened.assistant.check_draft(each.text).claims
            verdict = checked[0].verdict if checked else "no claim"
            for group in ("all", each.language, f"kind: {each.kind}", "across" if each.across else "within"):
                found[group][each.true, verdict] += 1
            if shown and (verdict == "contradicted") == each.true:
                _show_claim(each, checked[0] if checked else None)
        spent = time.perf_counter() - started
    header = ["claims", *(f"{what} {v}" for what in ("true", "false") for v in _VERDICTS)]
    rows = [[name, *_shares(counts)] for name, counts in sorted(found.items())]
    show(f"Claims ({half}), {spent / len(said):.2f} s each", header, rows)


_VERDICTS = ("supported", "partly", "not found", "contradicted")


def _shares(counts: Counter[tuple[bool, str]]) -> list[float]:
    totals = {true: max(1, sum(n for (t, _), n in counts.items() if t == true)) for true in (True, False)}
    return [counts[true, verdict] / totals[true] for true in (True, False) for verdict in _VERDICTS]


def _show_claim(each: Statement, checked: object) -> None:
    print(each.true, each.kind, each.language, each.text, "|", each.passage, "|", checked, "\n")


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.drafts", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("RAG_BENCH_DATA", ""), help="folder of the benchmark data")
    parser.add_argument("--only", choices=("quotations", "claims"), help="leave the other out")
    parser.add_argument("--half", choices=("development", "held_out"), default="held_out", help="of the claims")
    parser.add_argument("--show", action="store_true", help="print what is told wrongly")
    options = parser.parse_args()
    if options.only != "claims" and not (Path(options.data) / "xquad").is_dir():
        parser.error(f"no benchmark data in {options.data or 'no folder at all'}: name it by --data or RAG_BENCH_DATA")
    with tempfile.TemporaryDirectory() as temporary:
        if options.only != "claims":
            measure_quotations(Path(options.data), Path(temporary), options.show)
        if options.only != "quotations":
            measure_claims(Path(temporary), options.half, options.show)


if __name__ == "__main__":
    main()
