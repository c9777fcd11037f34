"""Makes `index/sources/text/letter_pairs.json`: how languages look in their letters beyond ASCII.

For each language, the commonest pairs of neighbouring characters with at least one letter beyond ASCII (for Chinese,
Japanese and Korean: the commonest characters), and the share of all such pairs that they cover.
`index.sources.text.encoding` compares candidates by it. Counted on NTREX-128 (CC BY-SA 4.0), of which only these
counts are kept.

    python tools/letter_pairs.py --ntrex FOLDER
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from index.sources.text.letterpairs import features, is_ideographic

TARGET = Path(__file__).resolve().parent.parent / "index" / "sources" / "text" / "letter_pairs.json"
LANGUAGES = [
    "ces", "slk", "pol", "hun", "hrv", "slv", "ron", "bos", "srp-Latn", "deu", "fra", "spa", "por", "por-BR",
    "ita", "nld", "dan", "swe", "nob", "nno", "fin", "isl", "cat", "glg", "eus", "afr", "fao", "gle", "cym",
    "ltz", "mlt", "rus", "ukr", "bul", "srp-Cyrl", "mkd", "bel", "ell", "tur", "aze-Latn", "heb", "arb",
    "fas", "urd", "est", "lav", "lit", "vie", "tha", "zho-CN", "zho-TW", "jpn", "kor", "sqi", "kaz",
]  # fmt: skip
PAIRS, CHARACTERS = 80, 300


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntrex", type=Path, required=True, help="folder with one NTREX-128 text per language")
    folder: Path = parser.parse_args().ntrex
    table = {}
    for language in LANGUAGES:
        path = folder / f"{language}.txt"
        if not path.is_file():
            print(f"no {path.name}: left out")
            continue
        counts = Counter(features(path.read_text(encoding="utf-8")))
        kept = counts.most_common(CHARACTERS if is_ideographic(counts) else PAIRS)
        table[language] = {"share": round(sum(n for _, n in kept) / counts.total(), 3), "pairs": [p for p, _ in kept]}
    TARGET.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(table)} languages, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
