"""A tiny corpus of the kind that the training tools read, made up by rule."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

TOWNS = ("Arvik", "Belmont", "Corda", "Dunmore", "Elvas", "Farrow")


def paragraph(town: str, number: int) -> tuple[str, str]:
    """Return a made up paragraph of three sentences, and the answer in it."""
    builder = f"Mara {town}sen" if number == 0 else f"Otto {town}mann"
    year = 1800 + 10 * TOWNS.index(town) + number
    text = (
        f"The {('bridge', 'tower')[number]} of {town} stands beside the river. "
        f"It was built in {year} by {builder}, an engineer from the north. "
        f"Many visitors come to see it in summer."
    )
    return text, builder


def write_corpus(folder: Path) -> Path:
    """Write `qa-train` and `claims-train` below the folder."""
    paragraphs, questions, claims = [], [], []
    for town in TOWNS:
        for number in (0, 1):
            text, answer = paragraph(town, number)
            pid = f"{town}-{number}"
            paragraphs.append(
                {"pid": pid, "set": "toy", "lang": "en", "title": town, "art": town, "text": text, "par": pid}
            )
            asked = f"Who built the {('bridge', 'tower')[number]} of {town}?"
            row = {"set": "toy", "lang": "en", "q": asked, "pid": pid, "start": text.index(answer), "ans": answer}
            questions += [{**row, "neg": False}, {**row, "q": f"Who owns {town}?", "start": -1, "ans": "", "neg": True}]
            for label in ("support", "contradict", "silent", "not"):
                claims.append(
                    {
                        "set": "toy",
                        "lang": "en",
                        "claim": f"{answer} built it ({label}).",
                        "passage": text,
                        "label": label,
                    }
                )
    _write(folder / "qa-train" / "paragraphs.jsonl.gz", paragraphs)
    _write(folder / "qa-train" / "questions.jsonl.gz", questions)
    _write(folder / "claims-train" / "claims.jsonl.gz", claims)
    return folder


def _write(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
