"""How often a quote with one changed fact passes for supported: `python benchmarks/support.py --data DIR`.

True sentences of NTREX-128 in many scripts are the quotes. Each is claimed unchanged, and with one number changed, cut
off within its first number, one year or month changed, one word replaced by a word of another sentence (a name where
the draw falls so), or a denial put in. The meaning model is assumed fooled: every similarity is 0.99.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from pathlib import Path

from index.language.identification import detect
from index.language.lexicon import numbered
from index.language.words import tokens
from rag.checking.support import check

LANGUAGES = {
    "eng-GB": "not", "deu": "nicht", "fra": "jamais", "spa": "nunca", "rus": "не", "ukr": "не", "ell": "δεν",
    "arb": "لم",
    "fas": "هرگز", "heb": "לא", "hin": "नहीं", "ben": "না", "zho-CN": "没有", "jpn": "ない", "kor": "않다", "tha": "ไม่",
    "tam": "இல்லை", "kat": "არ", "hye": "չի", "amh": "አይደለም",
}  # fmt: skip


def changed_number(text: str, draw: random.Random) -> str | None:
    """Return the sentence with one digit changed, `None` without digits."""
    places = [match.start() for match in re.finditer(r"\d", text)]
    if not places:
        return None
    place = draw.choice(places)
    return text[:place] + str((int(text[place]) + draw.randint(1, 8)) % 10) + text[place + 1 :]


def cut_number(text: str) -> str | None:
    """Return what the sentence ends with from within its first longer number on, `None` without one."""
    number = re.search(r"\d\d+", text)
    return text[number.start() + 1 :] if number else None


def changed_word(text: str, other: str, draw: random.Random) -> str | None:
    """Return the sentence with one of its longer words replaced by one of another sentence."""
    own, foreign = ([t for t in tokens(x) if len(t.form) > 1] for x in (text, other))
    known = {token.form for token in own}
    foreign = [token for token in foreign if token.form not in known]
    if not own or not foreign:
        return None
    old, new = draw.choice(own), draw.choice(foreign)
    return text[: old.start] + other[new.start : new.end] + text[old.end :]


def changed_date(text: str, draw: random.Random) -> str | None:
    """Return the sentence with a year or a month changed into another one, `None` without either."""
    years = [match.span() for match in re.finditer(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)]
    if years:
        start, end = draw.choice(years)
        return f"{text[:start]}{int(text[start:end]) + draw.choice((-10, -1, 1, 10))}{text[end:]}"
    known = numbered("months")
    months = [token for token in tokens(text) if token.form in known and _beside_number(text, token.start, token.end)]
    if not months:
        return None
    old = draw.choice(months)
    others = [word for word, month in known.items() if month != known[old.form] and word[0] == old.form[0]]
    others = others or [word for word, month in known.items() if month != known[old.form]]
    return f"{text[: old.start]}{draw.choice(others)}{text[old.end :]}"


def _beside_number(text: str, start: int, end: int) -> bool:
    return any(letter.isdigit() for letter in text[max(0, start - 4) : end + 4])


def denied(text: str, word: str, draw: random.Random) -> str | None:
    """Return the sentence with a denial put between two of its words, `None` when it holds one already."""
    if word in text:
        return None
    words = tokens(text)
    place = draw.choice(words[1:]).start if len(words) > 1 else len(text)
    return f"{text[:place]}{word} {text[place:]}"


def main() -> None:
    """Print false accepts and false rejections for each language."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with ntrex/*.txt")
    folder = options.parse_args().data / "ntrex"
    total: Counter[str] = Counter()
    for name, word in LANGUAGES.items():
        lines = [line for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
        draw = random.Random(name)
        counts: Counter[str] = Counter()
        for number, line in enumerate(lines):
            other = lines[(number + 97) % len(lines)]
            claims = {
                "number": changed_number(line, draw),
                "cut": cut_number(line),
                "word": changed_word(line, other, draw),
                "date": changed_date(line, draw),
                "denial": denied(line, word, draw),
            }
            for kind, claim in claims.items():
                if claim is not None and claim != line:
                    counts[f"{kind} tried"] += 1
                    counts[f"{kind} accepted"] += check(claim, line, similarity=0.99, same_language=True) == "supported"
            counts["true tried"] += 1
            longer = f"{other} {line}"
            verdict = check(line, longer, similarity=0.99, same_language=True, quoted_in=detect(longer))
            counts["true rejected"] += verdict != "supported"
        total += counts
        print(name, dict(counts), flush=True)
    print("all", dict(total))


if __name__ == "__main__":
    main()
