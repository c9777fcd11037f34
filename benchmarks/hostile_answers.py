"""What it costs to check a long answer of a hostile model: `python -m benchmarks.hostile_answers [--index DIR]`.

A model that is a script writes some 20,000 characters with markers: prose, a table of one row over and over, and a
table of 330 different rows. What is shown are CPU seconds of the whole answer, the least of several, models loaded.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import index
from benchmarks.tables import show
from rag import Assistant
from rag.types import Message

_PIECE = 400
_ROWS = 330
_HEAD = "| a | b | c |\n|---|---|---|\n"
_PROSE = "The factory 200 of Helwan produces 30 tanks [1] and the minister visited Iraq in {year} [2]. "
_ROW = "| Helwan {n} [1] | {n} tanks of Iraq {seventh} [2] | visited {year} [3] |\n"
_QUESTION = "Who heads the AOI in Egypt?"


class Hostile:
    """A model that writes one text, whatever it is asked."""

    spec = "hostile"

    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Write the text piece by piece."""
        del messages  # whatever they say
        yield from (self._text[at : at + _PIECE] for at in range(0, len(self._text), _PIECE))


def answers(try_number: int) -> Mapping[str, str]:
    """Return the texts; each try has its own years, so that nothing that was kept of the one before helps."""
    year = 1900 + try_number
    rows = [_ROW.format(n=n + 1_000 * try_number, seventh=n % 7, year=year + n % 120) for n in range(_ROWS)]
    return {
        "prose": _PROSE.format(year=year) * 220,
        "a table of one row over and over": _HEAD + rows[0] * _ROWS,
        f"a table of {_ROWS} different rows": _HEAD + "".join(rows),
    }


def seconds(folder: Path, text: str) -> float:
    """Return the CPU seconds of this process that one answer takes."""
    assistant = Assistant(folder, Hostile(text))
    began = time.process_time()
    assistant.answer(_QUESTION)
    return time.process_time() - began


def main() -> None:
    """Build an index of the sample articles unless one is named, load the models, and measure."""
    parser = argparse.ArgumentParser("python -m benchmarks.hostile_answers", description=__doc__)
    parser.add_argument("--index", type=Path, help="an index of the sample articles")
    parser.add_argument("--tries", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.index or Path(temporary) / "index"
        if given.index is None:
            index.build(index_dir=folder)
        Assistant(folder).answer(_QUESTION)
        seconds(folder, "The AOI is headed by Abdel Moneim Al Terras [1].")
        tries = [{name: seconds(folder, text) for name, text in answers(n).items()} for n in range(given.tries)]
    rows = [[name, len(answers(0)[name]), f"{min(one[name] for one in tries):.2f}"] for name in tries[0]]
    show("a hostile model's answer, checked", ["answer", "characters", "CPU seconds"], rows)


if __name__ == "__main__":
    main()
