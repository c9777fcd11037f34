"""Support verdicts on sentence and passage: `python -m benchmarks.verdicts --data DIR`.

Passages are five lines of NTREX-128. Claims are a line of theirs (as it stands, in another variety of the language, or
in another language), the same with a number, a name or a denial changed, and a line of another passage. The verdict is
the product's: the best span of the passage, facts, and the bundled model's vectors. Balanced accuracy is the mean of
the share of true claims that are supported and the mean share of each kind of false claim that is not. Constants were
chosen on the first half of the languages; the second half is the check, Spanish and Portuguese excepted, which were
looked at on the way.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.data import Text
from benchmarks.pools import Bench
from benchmarks.support import LANGUAGES as DENIALS
from benchmarks.support import changed_number, changed_word, denied
from benchmarks.swaps import swapped
from benchmarks.tables import show
from index.language.sentences.answer_sentences import sentence_spans
from index.language.words import has_case, tokens
from index.types import Document, FloatArray, Passage
from rag.checking.citations import cite
from rag.checking.support import worst
from rag.reading import load_claim_reader
from rag.reading.types import ClaimReader
from rag.types import ScoredPassage

# file of NTREX: (BCP 47 code, file in another variety or "")
TUNED = {
    "eng-GB": ("en", "eng-IN"), "deu": ("de", ""), "fra": ("fr", "fra-CA"), "rus": ("ru", ""), "arb": ("ar", ""),
    "hin": ("hi", ""), "zho-CN": ("zh", "zho-TW"), "ell": ("el", ""),
}  # fmt: skip
CHECKED = {
    "spa": ("es", "spa-MX"), "por": ("pt", "por-BR"), "ukr": ("uk", ""), "fas": ("fa", ""), "heb": ("he", ""),
    "ben": ("bn", ""), "jpn": ("ja", ""), "kor": ("ko", ""), "tha": ("th", ""), "tam": ("ta", ""),
}  # fmt: skip
_DENIALS = {**DENIALS, "por": "não"}
_LINES = 5
_KINDS = ("number", "name", "denial", "elsewhere")

Check = Callable[[str, str, Sequence[str], str], tuple[str, float]]
"""Claim, its language, the passage's lines and their language to the verdict and the seconds that it took."""


def lines_of(folder: Path, name: str) -> list[str]:
    """Return the lines of a file of NTREX."""
    return [" ".join(line.split()) for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()]


def changed_name(text: str, other: str, draw: random.Random) -> str | None:
    """Return the sentence with one capitalised word replaced by one of another, `None` where there are none."""
    own, foreign = ([t for t in tokens(x)[1:] if x[t.start].isupper() and t.end - t.start > 2] for x in (text, other))
    known = {token.form for token in tokens(text)}
    foreign = [token for token in foreign if token.form not in known]
    if not own or not foreign:
        return None
    old, new = draw.choice(own), draw.choice(foreign)
    return text[: old.start] + other[new.start : new.end] + text[old.end :]


def claims_of(
    lines: Sequence[str], english: Sequence[str], place: int, denial: str, draw: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield the kinds of claims that can be made from a line, and the claims."""
    line, other = lines[place], lines[(place + 97) % len(lines)]
    cased = has_case(line)
    made = {
        "true": line,
        "number": changed_number(line, draw),
        "name": changed_name(line, other, draw) if cased else swapped(lines, english, place, draw),
        "word": None if cased else changed_word(line, other, draw),
        "denial": denied(line, denial, draw),
        "elsewhere": other,
    }
    yield from ((kind, claim) for kind, claim in made.items() if claim)


def checker(embed: Callable[[str], FloatArray], reader: ClaimReader | None = None) -> Check:
    """Return what judges a claim by a passage, with a reader or without one."""
    known = cache(embed)

    def vectors(texts: Sequence[str]) -> FloatArray:
        return np.stack([known(text) for text in texts])

    def check(claim: str, language: str, passage: Sequence[str], passage_language: str) -> tuple[str, float]:
        text = "\n".join(passage)
        document = Document("d", "", "d", passage_language, text)
        hit = ScoredPassage(Passage("d:0", "d", 0, len(text), text, passage_language, ""), "", "d", 1.0)
        for line in passage:
            known(line)  # what an index knows before it is asked
        began = time.perf_counter()
        # Every sentence of a claim is cited; it is as good as the weakest one.
        pieces = [piece for start, end in sentence_spans(claim, language) for piece in (claim[start:end], " [1] ")]
        cited = cite(
            pieces,
            [hit],
            lambda _: document,
            lambda texts: np.stack([known(t) for t in texts]),
            language,
            reader=reader,
        )
        verdicts = [citation.support for citation in cited.citations]
        return "not found" if cited.unsupported else worst(verdicts), time.perf_counter() - began

    return check


def measure(check: Check, folder: Path, asked: str, passage_name: str, most: int) -> dict[str, Counter[str]]:
    """Return for each kind of claim how often which verdict fell; `passage_name` is the file of the passages."""
    code, variety = {**TUNED, **CHECKED}[asked]
    passages = lines_of(folder, passage_name)
    claimed = lines_of(folder, variety if variety and passage_name == asked else asked)
    passage_code = {**TUNED, **CHECKED}[passage_name][0]
    english = lines_of(folder, "eng-GB")
    draw = random.Random(f"{asked} {passage_name}")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for place in range(0, len(passages), max(1, len(passages) // most)):
        passage = passages[place // _LINES * _LINES :][:_LINES]
        for kind, claim in claims_of(claimed, english, place, _DENIALS[asked], draw):
            verdict, seconds = check(claim, code, passage, passage_code)
            found[kind][verdict] += 1
            found["time"]["ms"] += round(1e6 * seconds)
            found["time"]["claims"] += 1
    return found


def balanced(found: dict[str, Counter[str]]) -> float:
    """Return the balanced accuracy."""
    wrong = [1 - _share(found[kind], "supported") for kind in _KINDS if found[kind]]
    return (_share(found["true"], "supported") + sum(wrong) / len(wrong)) / 2


def _share(counts: Counter[str], verdict: str) -> float:
    return counts[verdict] / max(1, counts.total())


def table(check: Check, folder: Path, languages: dict[str, tuple[str, str]], title: str, most: int) -> None:
    """Print one row for each language and both directions, and the mean."""
    names = list(languages)
    rows: list[list[object]] = []
    sums: dict[str, list[list[float]]] = defaultdict(list)
    for place, name in enumerate(names):
        others = ["eng-GB" if name != "eng-GB" else "deu", names[(place + 1) % len(names)]]
        for label, sources in (("same", [name]), ("across", list(dict.fromkeys(others)))):
            found: dict[str, Counter[str]] = defaultdict(Counter)
            for each in sources:
                for kind, counts in measure(check, folder, name, each, most).items():
                    found[kind] += counts
            values = [
                balanced(found),
                _share(found["true"], "supported"),
                *(_share(found[kind], "supported") for kind in _KINDS),
                _share(found["true"], "not found"),
            ]
            sums[label].append([*values, found["time"]["ms"] / 1000 / found["time"]["claims"]])
            rows.append([f"{languages[name][0]}, {label}", *values, f"{sums[label][-1][-1]:.1f}"])
    for label, many in sums.items():
        means = [float(np.mean(column)) for column in zip(*many, strict=True)]
        rows.append([f"mean, {label}", *means[:-1], f"{means[-1]:.1f}"])
    header = ["claim", "balanced", "true", *(f"{kind} passed" for kind in _KINDS), "true, not found", "ms"]
    show(title, header, rows)


def main() -> None:
    """Print the table of the languages that the constants were chosen on, and that of the others."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with ntrex/*.txt")
    options.add_argument("--work", type=Path, required=True, help="a folder to build a small index in")
    options.add_argument("--most", type=int, default=50, help="claims of each kind a language")
    options.add_argument("--reader", default="bundled", help="judges as well; none: rules and vectors alone")
    given = options.parse_args()
    folder = given.data / "ntrex"
    texts = [
        Text(f"{code}-{n}", code, "", " ".join(lines_of(folder, name)[n : n + _LINES]))
        for name, (code, _) in {**TUNED, **CHECKED}.items()
        for n in range(0, 50, _LINES)
    ]
    with Bench(given.data, given.work).pool(texts) as pool:
        check = checker(lambda text: pool.index.embed_query(text)[0], load_claim_reader(given.reader))
        table(check, folder, TUNED, "languages on which the constants were chosen", given.most)
        table(check, folder, CHECKED, "other languages", given.most)


if __name__ == "__main__":
    main()
