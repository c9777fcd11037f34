"""The bars of speed and size, each beside what is measured: `python -m benchmarks.bars --data DATA [names …]`.

Each name starts one or several of the other benchmarks, one after the other, and reads what they print; without names
all but the longest are run. A bar that isn't reached is told as missed, one that could not be measured as such.
Leave the machine alone meanwhile: most of them are times.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bar_list import LONG, RUNS, Bar, Output, lines_of, names_in
from benchmarks.tables import show


def output_of(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a command to its end, its errors shown as they come, and return what it prints."""
    print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, check=False, env={**os.environ, **environment}
    )
    print(done.stdout, file=sys.stderr, flush=True)
    return done.stdout


def row_of(bar: Bar, output: Output) -> list[object]:
    """Return the row of a bar: what it is about, what is wanted, what was measured, and whether that is reached."""
    wanted = f"{'at most' if bar.most else 'at least'} {bar.limit:g}"
    try:
        found = bar.value(output)
    except (LookupError, TypeError, ValueError, ZeroDivisionError):
        return [bar.what, wanted, "–", "not measured"]
    reached = found <= bar.limit if bar.most else found >= bar.limit
    return [bar.what, wanted, f"{found:.4g}", "reached" if reached else "missed"]


def measured(name: str, places: Mapping[str, str]) -> list[list[object]]:
    """Run what a name stands for, and return the rows of its bars.

    Args:
        name: one of `RUNS`.
        places: what stands for the words in braces of its commands.
    """
    run = RUNS[name]
    text = "\n".join(
        output_of([part.format(**places) for part in command], run.environment) for command in run.commands
    )
    return [row_of(bar, Output(text, lines_of(text))) for bar in run.bars]


def databases() -> dict[str, str]:
    """Return addresses of a server that is started for the while, as the tests start it."""
    from tests.harness.postgres_server import fresh_schema

    addresses = [fresh_schema() for _ in range(4)]
    return {"database": addresses[0], "shards": " ".join(addresses[1:3]), "filtered": addresses[3]}


def main() -> None:
    """Measure, and print a table for each name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(RUNS)}; all but {', '.join(LONG)} when none is named")
    parser.add_argument("--data", default=os.environ.get("RAG_BENCH_DATA", ""), help="folder of the benchmark data")
    parser.add_argument("--index", default="", help="folder of an index of the sample articles")
    parser.add_argument("--place", type=Path, default=Path(), help="work in this folder")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in RUNS]:
        parser.error(f"nothing is called {unknown[0]}; there are {', '.join(RUNS)}")
    names = options.names or [name for name in RUNS if name not in LONG]
    needed = {word for name in names for word in names_in(RUNS[name])}
    places = {"data": options.data, "index": options.index, "place": str(options.place)}
    if missing := [word for word in ("data", "index") if word in needed and not places[word]]:
        parser.error(f"--{missing[0]} is needed for {', '.join(names)}")
    places |= databases() if needed & {"database", "shards", "filtered"} else {}
    for name in names:
        show(name, ["what", "wanted", "measured", ""], measured(name, places))


if __name__ == "__main__":
    main()
