"""What one question costs without a server: `python -m benchmarks.cold [--index DIR] [--rounds N]`.

Starts `rag ask` in processes of its own, with the reader and without, and beside it what others must import at each
start. Processor time and memory are what the system counted for the process and its threads; the first start of each,
which compiles and keeps what later ones find, is left out. Compare the lines of one run: other work on the machine
changes them all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.tables import show

QUESTION = "Where is Factory 200 located?"
_ASK = ("-m", "ui.cli", "ask", QUESTION)
_BARE = "import sys, numpy; sys.modules['openvino.tools.ovc'] = None; import faiss, openvino"


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.cold", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--index", type=Path, help="folder of an index; one of the sample articles is built without it")
    parser.add_argument("--rounds", type=int, default=7, help="how often each thing is started")
    options = parser.parse_args()
    with index_of(options.index) as folder:
        index_option = ("--index", str(folder))
        starts: dict[str, tuple[str, ...]] = {
            "rag ask, with the reader": (*_ASK, *index_option),
            "rag ask, without": (*_ASK, "--reader", "none", *index_option),
            "the libraries alone (NumPy, FAISS, OpenVINO)": ("-c", _BARE),
        }
        if find_spec("sentence_transformers") is not None:
            starts["importing sentence-transformers"] = ("-c", "import sentence_transformers")
        taken = {name: rounds(arguments, options.rounds) for name, arguments in starts.items()}
    rows = []
    for name, costs in taken.items():
        spent = [user + system for user, system, _ in costs]
        user, system, _ = min(costs, key=lambda one: one[0] + one[1])
        rows.append([name, f"{user:.2f} + {system:.2f}", f"{median(spent):.2f}", f"{max(one[2] for one in costs):.0f}"])
    show(
        f"one start, {options.rounds} rounds",
        ["what", "least processor time, user + system, s", "median, s", "peak memory, MB"],
        rows,
    )


@contextmanager
def index_of(folder: Path | None) -> Iterator[Path]:
    """Give the index that was named, or one of the sample articles."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        # Apart: what this process takes would count as the least of those that it starts.
        subprocess.run(
            [sys.executable, "-m", "ui.cli", "index", "--index", f"{place}/index"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield Path(place) / "index"


def rounds(arguments: Sequence[str], count: int) -> list[tuple[float, float, float]]:
    """Start a program once in vain, then so often in earnest."""
    cost(arguments)
    return [cost(arguments) for _ in range(count)]


def cost(arguments: Sequence[str]) -> tuple[float, float, float]:
    """Return the seconds of processor time in the program and in the system, and the most megabytes at once."""
    # As installed: with the modules compiled.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with code {process.returncode}")
    return used.ru_utime, used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
