"""Lies that pass and truths that stand: `python -m benchmarks.lies`.

200 pairs of a truth and a lie about the same passage, in ten languages (`lies_data`), judged on the product's own path:
the best span of the passage, facts, and vectors of the bundled model, without and with the reader. A lie passes when
its citation is called supported; a truth stands when it is. Methods were chosen on the first half; the second only
judges.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from benchmarks.data import Text
from benchmarks.lies_data import HALVES, Statement, statements
from benchmarks.pools import Bench
from benchmarks.tables import show
from benchmarks.verdicts import checker
from rag.reading import load_claim_reader
from rag.reading.types import ClaimReader

WAYS = ("without", "with")


def verdicts(said: Sequence[Statement], work: Path, reader: ClaimReader | None) -> dict[str, list[str]]:
    """Return the product's verdict on each statement, without a reader and with it."""
    passages = {each.passage: each.passage_language for each in said}
    texts = [Text(str(number), language, "", text) for number, (text, language) in enumerate(passages.items())]
    with Bench(work, work).pool(texts) as pool:
        embed = cache(lambda text: pool.index.embed_query(text)[0])
        found = {}
        for way, given in zip(WAYS, (None, reader), strict=True):
            check = checker(embed, given)
            found[way] = [check(s.text, s.language, [s.passage], s.passage_language)[0] for s in said]
    return found


def share(said: Sequence[Statement], judged: Sequence[str], true: bool, places: Sequence[int]) -> float | None:
    """Return the share of the truths, or of the lies, among some statements that is supported; `None` without any."""
    some = [judged[place] == "supported" for place in places if said[place].true == true]
    return sum(some) / len(some) if some else None


def print_table(title: str, said: Sequence[Statement], found: dict[str, list[str]], key: str) -> None:
    """Print lies that pass and truths that stand, a row for each value of an attribute."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(said):
        groups[str(getattr(each, key))].append(place)
    rows = [
        [name, *(share(said, found[way], true, places) for true in (False, True) for way in WAYS)]
        for name, places in sorted(groups.items())
    ]
    show(title, [key, *(f"{what}, {way} reader" for what in ("lies pass", "truths stand") for way in WAYS)], rows)


def main() -> None:
    """Print both halves."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=Path, help="a folder to build a small index in")
    options.add_argument("--reader", default="bundled", help="the reader to compare with none")
    given = options.parse_args()
    said = [each for half in HALVES for each in statements(half)]
    with tempfile.TemporaryDirectory() as folder:
        found = verdicts(said, given.work or Path(folder), load_claim_reader(given.reader))
    print_table("All", said, found, "half")
    for half in HALVES:
        places = [place for place, each in enumerate(said) if each.half == half]
        some = [said[place] for place in places]
        judged = {way: [found[way][place] for place in places] for way in WAYS}
        for key in ("across", "kind", "language"):
            print_table(f"{half}, by {key}", some, judged, key)


if __name__ == "__main__":
    main()
