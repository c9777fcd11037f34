"""Writes `image.txt`: what the container image installs, a part of `hashes.txt` with its digests.

That is what the program needs by itself and with the extras of `EXTRAS`, and hatchling, which packs it; without torch
and what only torch needs (models that are brought as folders of sentence-transformers): the models that are shipped run
without. Run it after `tools/hashes.py`, where everything is installed: `python tools/image.py`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
HASHES, IMAGE = ROOT / "hashes.txt", ROOT / "image.txt"
EXTRAS = ("postgres", "openai", "anthropic", "mcp")
WITHOUT = ("torch", "sentence-transformers")
HEAD = "# Made by tools/image.py from hashes.txt: what the container image installs.\n"


def name_of(name: str) -> str:
    """Return a package's name in its usual form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed() -> set[str]:
    """Return the names of the packages, as the metadata of those installed here have it."""
    found, waiting = set[str](), [("babelquote", EXTRAS), ("hatchling", ())]
    while waiting:
        name, extras = waiting.pop()
        for requirement in _requirements(name, extras):
            child = name_of(requirement.name)
            if child not in found and child not in WITHOUT:
                found.add(child)
                waiting.append((child, tuple(requirement.extras)))
    return (found | {"hatchling"}) - {"babelquote"}


def _requirements(name: str, extras: tuple[str, ...]) -> Iterator[Requirement]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        raise SystemExit(f"{name} is not installed here: run `make` first") from None
    for requirement in map(Requirement, lines):
        environments = [{"extra": extra, "sys_platform": "linux"} for extra in extras or ("",)]
        if requirement.marker is None or any(requirement.marker.evaluate(each) for each in environments):
            yield requirement


def blocks(text: str) -> dict[str, str]:
    """Return each pin of a list with its digests, by the package's name."""
    parts = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    return {name_of(part.partition("==")[0]): part for part in parts if "==" in part.partition("\n")[0]}


def text_of(names: set[str]) -> str:
    """Return the pins of packages with their digests."""
    known = blocks(HASHES.read_text("utf-8"))
    absent = sorted(names - known.keys())
    if absent:
        raise SystemExit(f"hashes.txt has no pin of {', '.join(absent)}")
    return HEAD + "".join(known[name] for name in sorted(names))


if __name__ == "__main__":
    IMAGE.write_text(text_of(needed()), "utf-8")
    sys.stdout.write(f"{len(needed())} packages\n")
